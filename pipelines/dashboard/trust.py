"""How far to trust the figures: what has no price, which checks ran, what no reader knows."""

from pipelines.dashboard import text
from pipelines.dashboard.blocks import Column, Section, day, label, number
from pipelines.dashboard.queries import rows_of
from pipelines.dashboard.view import View

_UNPRICED = "fct_unpriced_usage"
_CHECKS = "fct_data_quality_results"
_UNKNOWN = "fct_unknown_token_fields"


def unpriced(view: View) -> Section:
    """List the usage that has no price."""
    return Section(
        name="unpriced",
        heading="Usage without a price",
        lead="Its cost is unknown, not zero: state prices in ledgers/price_overrides.csv.",
        rows=rows_of(view, "unpriced"),
        empty="All usage is priced.",
        table_is_open=True,
        columns=(
            label("model", "model", (_UNPRICED, "model_name")),
            label("provider", "provider", (_UNPRICED, "provider_name")),
            number("tokens", "tokens", text.count, (_UNPRICED, "total_tokens")),
            number("requests", "requests", text.count, (_UNPRICED, "request_count")),
            number("cost_usd", "cost", text.money, ("fct_token_costs_daily", "effective_cost_usd")),
            day("first_day", "first day", (_UNPRICED, "usage_date")),
            day("last_day", "last day", (_UNPRICED, "usage_date")),
            label("reason", "reason", (_UNPRICED, "reason"), is_long=True),
        ),
    )


def quality(view: View) -> Section:
    """List the newest result of each check, failures first."""
    return Section(
        name="quality",
        heading="Checks",
        lead="The newest result of each check, failures first. A failed critical check stops "
        "publication.",
        rows=rows_of(view, "quality"),
        empty="No checks ran yet.",
        table_is_open=True,
        columns=(
            Column(key="passed", heading="result", show=text.passed, term=(_CHECKS, "is_success")),
            label("severity", "severity", (_CHECKS, "severity")),
            label("checked_table", "table", (_CHECKS, "table_name")),
            label("checked_column", "column", (_CHECKS, "column_name")),
            label("expectation", "expectation", (_CHECKS, "expectation_name"), is_long=True),
            day("day", "day", (_CHECKS, "usage_date")),
            number("results", "results", text.count, (_CHECKS, "run_id")),
            number("failing_rows", "failing rows", text.count, (_CHECKS, "failing_row_count")),
            label("observed", "observed", (_CHECKS, "observed_value"), is_long=True),
            label("examples", "examples", (_CHECKS, "failing_rows"), is_long=True),
        ),
    )


def unknown_fields(view: View) -> Section:
    """Kinds of tokens that logs brought and no reader counts yet."""
    return Section(
        name="unknown-fields",
        heading="Token fields that are not counted",
        lead="A provider's log told a kind of token that Meterhouse does not know: its tokens are "
        "in no figure.",
        rows=rows_of(view, "unknown_fields"),
        empty="Every kind of token in the logs is counted.",
        columns=(
            label("source", "source", (_UNKNOWN, "source")),
            label("account", "account", (_UNKNOWN, "account_id")),
            number("events", "events", text.count, (_UNKNOWN, "event_count")),
            day("last_day", "last day", (_UNKNOWN, "usage_date")),
            label("example", "example", (_UNKNOWN, "example_row"), is_long=True),
        ),
    )
