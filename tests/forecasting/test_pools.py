"""Pools of GPUs run full without anybody having stated a quota."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from demand_cases import FIRST_DAY

from pipelines.forecasting import empty_table, forecast_all
from pipelines.forecasting.pools import pool_quotas
from pipelines.forecasting.quotas import read_quotas

DAYS = 84
ORIGIN = FIRST_DAY + timedelta(days=DAYS)
SPEND = pl.DataFrame(
    schema={
        **dict.fromkeys(("measure", "team_id", "provider_name", "model_name"), pl.String()),
        "amount": pl.Float64(),
        "usd": pl.Float64(),
    }
)


def pool(held: list[float], *, grows_in: int | None = None) -> pl.DataFrame:
    """Eight GPUs, 192 hours a day; sixteen after some days of the horizon."""
    coming = [384.0 if grows_in is not None and day >= grows_in else 192.0 for day in range(90)]
    return pl.DataFrame(
        {
            "usage_date": [FIRST_DAY + timedelta(days=day) for day in range(DAYS + 90)],
            "pool_id": ["h100-01"] * (DAYS + 90),
            "capacity_gpu_hours": [192.0] * DAYS + coming,
            "held_gpu_hours": [*held, *([None] * 90)],
        }
    )


def outlook(pools: pl.DataFrame, consumption: pl.DataFrame | None = None) -> pl.DataFrame:
    empty = pl.DataFrame(schema={"quota_id": pl.String(), "usage_date": pl.Date()})
    return forecast_all(
        [],
        consumption=empty if consumption is None else consumption,
        spend=SPEND,
        excluded=empty_table("excluded_days"),
        kept=empty_table("vintages"),
        pools=pools,
    ).quota_exhaustion


def only(rows: pl.DataFrame) -> dict[str, Any]:
    (row,) = rows.iter_rows(named=True)
    return row


def test_a_pool_that_is_held_by_half_is_not_used_up() -> None:
    row = only(outlook(pool([96.0] * DAYS)))
    assert (row["limit_kind"], row["scope_kind"], row["scope_id"]) == (
        "capacity",
        "gpu_pool",
        "h100-01",
    )
    assert (row["quota_limit_value"], row["exhaustion_probability"]) == (192, 0)
    assert row["needed_quota_value"] == pytest.approx(96)
    assert row["reason"] is None


def test_a_full_pool_is_used_up_and_says_that_nobody_sees_what_more_was_asked_for() -> None:
    row = only(outlook(pool([192.0] * DAYS)))
    assert (row["exhaustion_probability"], row["exhaustion_date_p50"]) == (1, ORIGIN)
    assert row["reason"] == "full on 28 of 28 days: what more was asked for is not seen"


def test_a_pool_that_fills_up_has_a_date() -> None:
    # two hours more each day, 166 on the last: the growth of a third in twelve weeks goes on
    row = only(outlook(pool([2.0 * day for day in range(DAYS)])))
    assert row["exhaustion_probability"] > 0.9
    assert ORIGIN < row["exhaustion_date_p50"] < ORIGIN + timedelta(days=45)


def test_hosts_to_come_are_in_the_capacity_from_their_day_on() -> None:
    rows = outlook(pool([192.0] * DAYS, grows_in=30)).sort("period_start_date")
    assert rows["quota_limit_value"].to_list() == [192, 384]
    assert rows["exhaustion_probability"].to_list() == [1, 0]
    assert rows["period_start_date"].to_list() == [ORIGIN, ORIGIN + timedelta(days=30)]


def test_a_quota_of_the_ledger_takes_the_place_of_the_capacity() -> None:
    stated = pl.DataFrame(
        {
            "quota_id": "pool-hours-month",
            "scope_kind": "gpu_pool",
            "scope_id": "h100-01",
            "only_provider_name": None,
            "only_model_name": None,
            "measure": "gpu_hours",
            "period_kind": "month",
            "is_rate": False,
            "period_start_date": date(2026, 3, 1),
            "period_end_date": date(2026, 4, 1),
            "usage_date": date(2026, 3, 29),
            "quota_limit_value": 100.0,
            "boost_value": 0.0,
            "rollover_value": 0.0,
            "quota_used_value": 1.0,
            "quota_used_to_date_value": 1.0,
        }
    )
    pools = pool([96.0] * DAYS)
    assert pool_quotas(pools, read_quotas(stated)) == []
    elsewhere = stated.with_columns(scope_id=pl.lit("h100-02"))
    assert len(pool_quotas(pools, read_quotas(elsewhere))) == 1
