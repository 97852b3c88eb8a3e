"""What is known about the future of one measure."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from pipelines.forecasting.ensemble import ENSEMBLE_FROM_DAYS
from pipelines.forecasting.errors import Backtest
from pipelines.forecasting.levels import Series
from pipelines.forecasting.panel import Panel
from pipelines.forecasting.paths import Paths, draw_paths
from pipelines.forecasting.reconciled import Reconcile
from pipelines.forecasting.selection import method_name

SUM_METHOD = "sum_of_series"
STEPPED_METHOD = "average_since_step"


@dataclass(frozen=True, kw_only=True)
class DemandForecast:
    """Everything that is known about the future of one measure.

    Attributes:
        panel: The history.
        tested: Past forecasts and the new one, of the bottom series.
        series: What is reported.
        seed: Of the sample paths.
        fit: What makes the paths fit a whole that is better known; None: they stand for themselves.
        lenders: Past forecasts from the same origins whose errors are laid on as well: one series
            alone has seen too few.
    """

    panel: Panel
    tested: Backtest
    series: Sequence[Series]
    seed: int
    fit: Reconcile | None = None
    lenders: Backtest | None = None
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
            all_tested = [tested] if self.lenders is None else [tested, self.lenders]
            known = [one.errors if is_now else one.known_at(index, days) for one in all_tested]
            errors = np.concatenate(known, axis=1)
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
        members = self.tested.members
        length = int(members.lengths[-1, row])
        if length >= ENSEMBLE_FROM_DAYS and np.isfinite(members.fallback[-1, row, 0]):
            return STEPPED_METHOD
        return method_name(length, int(self.tested.choices[-1, row]))
