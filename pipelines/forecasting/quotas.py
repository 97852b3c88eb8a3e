"""What is needed of a quota, and which sample paths its use takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.forecasting.demand_forecast import DemandForecast
from pipelines.forecasting.errors import run_backtest
from pipelines.forecasting.panel import HISTORY_DAYS, Floats, Key, Measure
from pipelines.forecasting.paths import Paths, draw_paths

# Which forecast foretells what a quota counts. What is not here has its own use alone.
FORECAST_OF: Mapping[str, Measure] = {
    "tokens": "total_tokens",
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "requests": "request_count",
    "usd": "effective_cost_usd",
    "gpu_hours": "gpu_hours",
}
# Where in a key the id of a scope stands.
SCOPES: Mapping[str, int] = {"team": 0, "provider": 1, "model": 2}


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A quota as its last day with data tells it.

    Attributes:
        names: The columns that say which quota it is.
        is_rate: The busiest moment of a day stands against the limit; nothing adds up.
        start: First day of its period.
        end: First day after it.
        last_day: The last day that is counted in `used`.
        used: Since the period began.
        limit: Of this period, with what was carried over and added.
        base_limit: Of periods to come.
        later_limits: Of a rate, by the day from which on each holds, where it is known to change.
        past: Its daily use, up to `last_day`; NaN where not known.
        is_capacity: Nobody stated it: it is what there is.
        note: What is to be told beside its forecast.
    """

    names: Mapping[str, str]
    is_rate: bool
    start: date
    end: date
    last_day: date
    used: float
    limit: float
    base_limit: float
    past: Floats
    later_limits: Mapping[date, float] = field(default_factory=dict)
    is_capacity: bool = False
    note: str | None = None

    @property
    def measure(self) -> Measure | None:
        """The demand measure that foretells it; None: no such."""
        is_forecast = self.names["scope_kind"] in ("organization", *SCOPES)
        known = FORECAST_OF.get(self.names["measure"])
        return known if is_forecast and not self.is_rate else None

    def counts(self, key: Key) -> bool:
        """Whether what is used under this key counts."""
        place = SCOPES.get(self.names["scope_kind"])
        only = (None, self.names["only_provider_name"], self.names["only_model_name"])
        fits = all(name in (None, part) for name, part in zip(only, key, strict=True))
        return fits and (place is None or key[place] == self.names["scope_id"])


def read_quotas(consumption: pl.DataFrame) -> list[Quota]:
    """The quotas that hold on the last day with data, by id.

    Args:
        consumption: Rows of fct_quota_consumption_daily.
    """
    if consumption.is_empty():
        return []
    last = consumption["usage_date"].max()
    days = consumption.sort("quota_id", "usage_date").partition_by("quota_id", maintain_order=True)
    return [_quota(one) for one in days if one["usage_date"][-1] == last]


def _quota(days: pl.DataFrame) -> Quota:
    last = days.row(-1, named=True)
    limit = float(last["quota_limit_value"])
    extra = float(last["boost_value"]) + float(last["rollover_value"])
    past = days["quota_used_value"].cast(pl.Float64).to_numpy(allow_copy=True)
    names = (
        "quota_id",
        "scope_kind",
        "scope_id",
        "only_provider_name",
        "only_model_name",
        "measure",
        "period_kind",
    )
    return Quota(
        names={name: last[name] for name in names},
        is_rate=last["is_rate"],
        start=last["period_start_date"],
        end=last["period_end_date"],
        last_day=last["usage_date"],
        used=float(last["quota_used_to_date_value"] or 0),
        limit=limit,
        base_limit=limit - extra,
        past=past[-HISTORY_DAYS:],
    )


def demand_draws(quota: Quota, forecast: DemandForecast) -> Floats:
    """Paths x days of what will count against a quota, from the joint paths of the demand."""
    keys = forecast.panel.keys
    return forecast.paths.total([row for row, key in enumerate(keys) if quota.counts(key)])


def own_paths(
    quotas: Sequence[Quota], excluded: Mapping[str, Sequence[date]], *, horizon: int, seed: int
) -> Paths | None:
    """Joint paths of quotas whose own daily use is all that tells of them, in their order.

    Args:
        quotas: All with the same last day.
        excluded: Days that are not to be used, by measure of the forecast.
        horizon: Days to forecast.
        seed: Of the sample paths.
    """
    if not quotas:
        return None
    days = max(quota.past.size for quota in quotas)
    values = np.full((len(quotas), days), np.nan)
    for row, quota in enumerate(quotas):
        values[row, days - quota.past.size :] = quota.past
        first = quota.last_day - timedelta(days=days - 1)
        measure = FORECAST_OF.get(quota.names["measure"], "")
        places = [(day - first).days for day in excluded.get(measure, ())]
        values[row, [place for place in places if 0 <= place < days]] = np.nan
    tested = run_backtest(values, horizon)
    return draw_paths(tested.point[-1], tested.scales[-1], tested.errors, seed)


def usd_per_unit(quota: Quota, spend: pl.DataFrame) -> float:
    """What a unit of a quota costs on average; NaN: not known.

    Args:
        quota: Of any measure.
        spend: Columns measure (of quotas), team_id, provider_name, model_name, amount and usd.
    """
    if quota.names["measure"] == "usd":
        return 1.0
    rows = spend.filter(pl.col("measure") == quota.names["measure"])
    keys = rows.select("team_id", "provider_name", "model_name").iter_rows()
    counted = rows.filter(pl.Series([quota.counts(key) for key in keys], dtype=pl.Boolean))
    amount = float(counted["amount"].cast(pl.Float64).sum())
    usd = float(counted["usd"].cast(pl.Float64).sum())
    return usd / amount if quota.measure and amount else float("nan")
