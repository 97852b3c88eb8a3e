"""Pools of GPUs as quotas that nobody states: no more hours can be held than a pool has."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from pipelines.forecasting.panel import HISTORY_DAYS, RETIRED_AFTER_DAYS
from pipelines.forecasting.quotas import Quota

MEASURE = "gpu_hours"
# What a ledger may state of the GPUs of a pool.
STATED_MEASURES = (MEASURE, "gpus")
# An hour of placement is lost on a day that is otherwise full.
FULL_RATIO = 0.99


def pool_quotas(pools: pl.DataFrame, stated: Sequence[Quota]) -> list[Quota]:
    """The capacity of each pool that no quota of the ledger limits.

    What is held is what was given out: of a full pool nobody sees what more was asked for. So the
    limit is used up when everything is held, and the quota says how often that was so.

    Args:
        pools: usage_date, pool_id, capacity_gpu_hours, held_gpu_hours; NULL: a day to come.
        stated: The quotas of the ledger.
    """
    limited = {
        quota.names["scope_id"]
        for quota in stated
        if quota.names["scope_kind"] == "gpu_pool" and quota.names["measure"] in STATED_MEASURES
    }
    past = pools.filter(pl.col("held_gpu_hours").is_not_null())
    last = past["usage_date"].max()
    if not isinstance(last, date):
        return []
    days = pools.sort("pool_id", "usage_date").partition_by("pool_id", as_dict=True)
    return [
        _capacity(str(pool), rows, last)
        for (pool,), rows in days.items()
        if pool not in limited and last in rows["usage_date"]
    ]


def _capacity(pool: str, rows: pl.DataFrame, last: date) -> Quota:
    is_past = pl.col("usage_date") <= last
    past, coming = rows.filter(is_past), rows.filter(~is_past)
    held = past["held_gpu_hours"].to_numpy()
    capacity = past["capacity_gpu_hours"].to_numpy()
    limit = float(capacity[-1])
    changes, before = {}, limit
    for day, value in coming.select("usage_date", "capacity_gpu_hours").iter_rows():
        if value != before:
            changes[day], before = value, value
    return Quota(
        names={
            "quota_id": f"capacity {pool}",
            "scope_kind": "gpu_pool",
            "scope_id": pool,
            "only_provider_name": "",
            "only_model_name": "",
            "measure": MEASURE,
            "period_kind": "day",
        },
        is_rate=True,
        start=last,
        end=last,
        last_day=last,
        used=float(held[-1]),
        limit=limit,
        base_limit=limit,
        later_limits=changes,
        past=held[-HISTORY_DAYS:].astype(np.float64),
        is_capacity=True,
        note=_note(held[-RETIRED_AFTER_DAYS:] >= FULL_RATIO * capacity[-RETIRED_AFTER_DAYS:]),
    )


def _note(full: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> str | None:
    """How much of the past tells what was given out and not what was asked for."""
    if not full.any():
        return None
    return f"full on {full.sum()} of {full.size} days: what more was asked for is not seen"
