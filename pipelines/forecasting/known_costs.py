"""Own GPUs cost what was bought and contracted: that is looked up, only the rest is guessed.

Depreciation, rent and running costs of the days to come stand in the ledgers. What is forecast is
what follows use, such as energy, and how the teams share the sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl

from pipelines.forecasting.demand_forecast import DemandForecast
from pipelines.forecasting.panel import Floats, Measure, Panel, build_panel
from pipelines.forecasting.paths import Paths
from pipelines.forecasting.reconciled import Ask, Reconciled, Share, sum_of

COST: Measure = "effective_cost_usd"
OWN_PROVIDER = "self_hosted"


def own_rows(forecast: DemandForecast) -> list[int]:
    """The series of a panel that own GPUs serve, or whose idleness they are."""
    return [row for row, key in enumerate(forecast.panel.keys) if key[1] == OWN_PROVIDER]


def beyond_known(
    history: pl.DataFrame, panel: Panel, known: pl.DataFrame, excluded: Sequence[date]
) -> Panel:
    """What own GPUs cost each day beyond what is known, as a panel of one series.

    Args:
        history: The facts with the cost, of every series; retired ones carried a part, too.
        panel: Of the cost, whose days the result has.
        known: As `KnownCosts` takes it.
        excluded: Days whose values are not to be used.
    """
    whose = {"team_id": "", "provider_name": OWN_PROVIDER, "model_name": ""}
    own = history.filter(pl.col("provider_name") == OWN_PROVIDER).with_columns(
        pl.lit(value).alias(name) for name, value in whose.items()
    )
    summed = build_panel(own, COST, origin=panel.origin, excluded=excluded)
    values = np.full((1, panel.days), np.nan)
    values[:, panel.days - summed.days :] = summed.values[:1]
    first = panel.origin - timedelta(days=panel.days)
    values -= costs_by_day(known, first, panel.days, as_of=panel.origin)
    return Panel(
        measure=COST,
        keys=[("", OWN_PROVIDER, "")],
        origin=panel.origin,
        values=np.maximum(values, 0),
    )


@dataclass(frozen=True, kw_only=True)
class KnownCosts:
    """Scales what own GPUs cost each team to what they cost in all.

    Attributes:
        known: usage_date, known_date, known_cost_usd; days to come included.
        rest: Forecast of one series: the cost of own GPUs beyond what is known.
        rows: Series of own GPUs in the panel that is scaled.
    """

    known: pl.DataFrame
    rest: DemandForecast
    rows: tuple[int, ...]

    def __call__(self, own: Paths, index: int, days: int) -> Paths:
        """See `Reconcile`."""
        panel = self.rest.panel
        begins = panel.origin - timedelta(days=panel.days - self.rest.tested.origins[index])
        known = costs_by_day(self.known, begins, days, as_of=begins)
        rest = self.rest.paths_at(index, days)

        @cache
        def sums(ask: Ask) -> tuple[Floats, Floats]:
            return known + ask(rest, 0), sum_of([(own, row) for row in self.rows], ask)

        shares = {row: Share(sums=sums, takes_rest=row == self.rows[0]) for row in self.rows}
        return Reconciled(own=own, shares=shares)


def costs_by_day(known: pl.DataFrame, first: date, days: int, *, as_of: date) -> Floats:
    """What is known to be spent on each day from the first on, by what was known on a day."""
    offset = (pl.col("usage_date") - pl.lit(first)).dt.total_days()
    rows = (
        known.filter(pl.col("known_date") <= as_of)
        .with_columns(offset.alias("offset"))
        .filter(pl.col("offset").is_between(0, days - 1))
    )
    # One after the other, so that the same rows give the same last digit.
    out = np.zeros(days)
    np.add.at(out, rows["offset"].to_numpy(), rows["known_cost_usd"].to_numpy())
    return out
