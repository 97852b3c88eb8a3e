"""What is known about the future of one measure."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pipelines.forecasting.errors import Backtest
from pipelines.forecasting.levels import Series
from pipelines.forecasting.panel import Panel
from pipelines.forecasting.paths import Paths, draw_paths
from pipelines.forecasting.reconciled import Reconcile
from pipelines.forecasting.selection import method_name

SUM_METHOD = "sum_of_series"


@dataclass(frozen=True, kw_only=True)
class DemandForecast:
    """Everything that is known about the future of one measure.

    Attributes:
        panel: The history.
        tested: Past forecasts and the new one, of the bottom series.
        series: What is reported.
        seed: Of the sample paths.
        fit: What makes the paths fit a whole that is better known; None: they stand for themselves.
    """

    panel: Panel
    tested: Backtest
    series: Sequence[Series]
    seed: int
    fit: Reconcile | None = None
    _drawn: dict[tuple[int, int], Paths] = field(default_factory=dict)

    @property
    def paths(self) -> Paths:
        """Joint sample paths of the bottom series, from now on."""
        return self.paths_at(len(self.tested.origins) - 1, self.tested.point.shape[2])

    def paths_at(self, index: int, days: int) -> Paths:
        """The same from an origin, with the errors that were known at it.

        Args:
            index: Of the origin; the last is now.
            days: How far they reach.
        """
        if (index, days) not in self._drawn:
            tested = self.tested
            is_now = index == len(tested.origins) - 1
            errors = tested.errors if is_now else tested.known_at(index, days)
            point = tested.point[index, :, :days]
            own = draw_paths(point, tested.scales[index], errors, self.seed)
            fitted = own if self.fit is None else self.fit(own, index, days)
            self._drawn[index, days] = fitted
        return self._drawn[index, days]

    def with_fit(self, fit: Reconcile) -> "DemandForecast":
        """The same, its paths made to fit."""
        return replace(self, fit=fit, _drawn={})

    def method(self, series: Series) -> str:
        """How a reported series is forecast."""
        if len(series.rows) > 1:
            return SUM_METHOD
        row = series.rows[0]
        length = int(self.tested.members.lengths[-1, row])
        return method_name(length, int(self.tested.choices[-1, row]))
