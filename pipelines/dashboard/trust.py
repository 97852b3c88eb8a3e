"""The figures at the top, and the sections that say how far to trust them."""

from collections.abc import Sequence

import duckdb

from pipelines.dashboard import text
from pipelines.dashboard.layout import Column, Section, Tile
from pipelines.dashboard.outlook import is_at_risk
from pipelines.dashboard.queries import Row, rows_of
from pipelines.dashboard.sections import number

_UNPRICED = "fct_unpriced_usage"
_CHECKS = "fct_data_quality_results"


def tiles(facts: Row, quotas: Sequence[Row]) -> list[Tile]:
    """Sum up the last 30 days.

    Args:
        facts: The row of `tiles.sql`.
        quotas: The rows of `quotas.sql`.
    """
    return [*_money_tiles(facts), *_gpu_tiles(facts), *_state_tiles(facts, quotas)]


def _money_tiles(facts: Row) -> list[Tile]:
    unpriced = facts["unpriced_tokens"]
    gap = f"{text.short_count(unpriced)} of them not priced" if unpriced else "all are priced"
    loaded = text.rate(facts["loaded_cost_usd_per_million_tokens"])
    return [
        Tile(
            heading="Spend, last 30 days",
            value=text.money(facts["spend_usd"]) if facts["charges"] else "no charges",
            note=text.change(facts["spend_usd"], facts["spend_before_usd"]),
            term=("fct_charges_hourly", "effective_cost_usd"),
        ),
        Tile(
            heading="Cost per million tokens",
            value=text.rate(facts["cost_usd_per_million_tokens"])
            if facts["tokens"]
            else "no usage",
            note=f"last 30 days; {loaded} with idle GPUs, overhead and training"
            if facts["gpu_hours"] and facts["tokens"]
            else "all priced models together, last 30 days",
            term=("fct_token_costs_daily", "cost_usd_per_million_tokens"),
        ),
        Tile(
            heading="Tokens, last 30 days",
            value=text.short_count(facts["tokens"]) if facts["tokens"] else "no usage",
            note=gap if facts["tokens"] else "in these days",
            term=("fct_token_costs_daily", "total_tokens"),
        ),
    ]


def _gpu_tiles(facts: Row) -> list[Tile]:
    return [
        Tile(
            heading="GPU hours allocated",
            value=text.percent(facts["allocated_ratio"]),
            note="of all hours of own GPUs, last 30 days",
            term=("fct_gpu_hours", "allocation_status"),
        ),
        Tile(
            heading="Idle GPU cost",
            value="not reported" if facts["gpu_hours"] == 0 else text.money(facts["idle_cost_usd"]),
            note="last 30 days",
            term=("fct_gpu_hours", "idle_cost_usd"),
        ),
    ]


def _state_tiles(facts: Row, quotas: Sequence[Row]) -> list[Tile]:
    at_risk = sum(is_at_risk(quota) for quota in quotas)
    failed = int(str(facts["checks_failed"]))
    return [
        Tile(
            heading="Quotas at risk",
            value=f"{at_risk} of {len(quotas)}" if quotas else "no quotas",
            note="over the limit, or a chance of 10% or more to exceed it",
            term=("fct_quota_consumption_daily", "quota_used_ratio"),
            is_alarm=at_risk > 0,
        ),
        Tile(
            heading="Data through",
            value=text.day(facts["data_through"]),
            note=f"published {text.moment(facts['published_at'])}",
            term=("meterhouse_snapshot", "data_through"),
        ),
        Tile(
            heading="Checks failed",
            value=f"{failed} of {facts['checks']}" if facts["checks"] else "none ran",
            note="newest result of each check",
            term=(_CHECKS, "is_success"),
            is_alarm=failed > 0,
        ),
    ]


def unpriced(connection: duckdb.DuckDBPyConnection) -> Section:
    """List the usage that has no price."""
    return Section(
        name="unpriced",
        heading="Usage without a price",
        lead="Its cost is unknown, not zero: add these models to ledgers/contract_prices.csv.",
        rows=rows_of(connection, "unpriced"),
        empty="All usage is priced.",
        table_is_open=True,
        columns=(
            Column(key="model", heading="model", show=text.words, term=(_UNPRICED, "model_name")),
            Column(
                key="provider",
                heading="provider",
                show=text.words,
                term=(_UNPRICED, "provider_name"),
            ),
            number("tokens", "tokens", text.count, (_UNPRICED, "total_tokens")),
            number("requests", "requests", text.count, (_UNPRICED, "request_count")),
            number("cost_usd", "cost", text.money, ("fct_token_costs_daily", "effective_cost_usd")),
            Column(
                key="first_day", heading="first day", show=text.day, term=(_UNPRICED, "usage_date")
            ),
            Column(
                key="last_day", heading="last day", show=text.day, term=(_UNPRICED, "usage_date")
            ),
            Column(key="reason", heading="reason", show=text.words, term=(_UNPRICED, "reason")),
        ),
    )


def quality(connection: duckdb.DuckDBPyConnection) -> Section:
    """List the newest result of each check, failures first."""
    return Section(
        name="quality",
        heading="Data quality",
        lead="The newest result of each check, failures first. A failed critical check stops "
        "publication.",
        rows=rows_of(connection, "quality"),
        empty="No checks ran yet.",
        table_is_open=True,
        columns=(
            Column(key="passed", heading="result", show=text.passed, term=(_CHECKS, "is_success")),
            Column(key="severity", heading="severity", show=text.words, term=(_CHECKS, "severity")),
            Column(
                key="checked_table", heading="table", show=text.words, term=(_CHECKS, "table_name")
            ),
            Column(
                key="checked_column",
                heading="column",
                show=text.words,
                term=(_CHECKS, "column_name"),
            ),
            Column(
                key="expectation",
                heading="expectation",
                show=text.words,
                term=(_CHECKS, "expectation_name"),
            ),
            Column(key="day", heading="day", show=text.day, term=(_CHECKS, "usage_date")),
            number("results", "results", text.count, (_CHECKS, "run_id")),
            number("failing_rows", "failing rows", text.count, (_CHECKS, "failing_row_count")),
            Column(
                key="observed",
                heading="observed",
                show=text.words,
                term=(_CHECKS, "observed_value"),
            ),
            Column(
                key="examples", heading="examples", show=text.words, term=(_CHECKS, "failing_rows")
            ),
        ),
    )
