"""Which price held, and whether the figures agree with what others say."""

from pipelines.dashboard import charts, text
from pipelines.dashboard.blocks import Column, Plot, Section, day, label, month, number
from pipelines.dashboard.queries import rows_of
from pipelines.dashboard.shapes import line_rows, newest_first
from pipelines.dashboard.view import View

_PRICES = "dim_prices"
_DAILY = "fct_reconciliation_daily"
_MONTHLY = "fct_bill_reconciliation_monthly"
_CLAIMS = "fct_cost_differences_daily"


def prices(view: View) -> Section:
    """Prices of the models in use, as they are believed now."""
    return Section(
        name="prices",
        heading="Prices of the models in use",
        lead="USD per million tokens, as believed now, newest first. A contract goes before the "
        "list, and the list before what you state for models that it lacks, class by class; mixed "
        "is what they make together. Where the first day of a price is not known it has none.",
        rows=rows_of(view, "prices"),
        empty="No model in use has a known price.",
        table_is_open=True,
        columns=(
            label("model", "model", (_PRICES, "model_name")),
            label("provider", "provider", (_PRICES, "provider_name")),
            day("valid_from", "from", (_PRICES, "valid_from")),
            day("valid_to", "until", (_PRICES, "valid_to")),
            label("source", "who says so", (_PRICES, "price_source")),
            label("tier", "tier", (_PRICES, "service_tier")),
            number("context", "context over", text.some, (_PRICES, "context_threshold_tokens")),
            _per_million("input_price", "input", "uncached_input_unit_price_usd"),
            _per_million("read_price", "cache read", "cache_read_input_unit_price_usd"),
            _per_million("write_price", "cache write", "cache_write_input_unit_price_usd"),
            _per_million("output_price", "output", "output_unit_price_usd"),
            label("price_id", "price", (_PRICES, "price_id")),
        ),
    )


def _per_million(key: str, heading: str, column: str) -> Column:
    return number(key, heading, text.unit_price, (_PRICES, column))


def sources(view: View) -> Section:
    """The counted source beside the others, by account and month."""
    return Section(
        name="sources",
        heading="Sources side by side",
        lead="One source counts for each account and day; the others only reconcile. Differences "
        "are the other source less the counted one.",
        rows=rows_of(view, "reconciliation_sources"),
        empty="Only one source tells of each account: nothing to reconcile.",
        table_is_open=True,
        columns=(
            month("month", "month", (_DAILY, "usage_date")),
            label("account", "account", (_DAILY, "account_id")),
            label("counted", "counted", (_DAILY, "counted_source")),
            label("other", "other source", (_DAILY, "reconciling_source")),
            label("reason", "reason", (_DAILY, "reason")),
            number("days", "days", text.count, (_DAILY, "usage_date")),
            number("tokens", "tokens differ by", text.count, (_DAILY, "difference_tokens")),
            number("counted_usd", "counted cost", text.money, (_DAILY, "counted_cost_usd")),
            number("other_usd", "other cost", text.money, (_DAILY, "reconciling_cost_usd")),
            number("difference_usd", "difference", text.signed_money, (_DAILY, "difference_usd")),
        ),
    )


def bills(view: View) -> Section:
    """The bill beside what was metered, by month and account."""
    return Section(
        name="bills",
        heading="Bills beside what was metered",
        lead="Why the bill is not what was metered: days that the bill counts elsewhere, volume, "
        "price, and what nothing explains. The parts sum to the gap.",
        rows=rows_of(view, "bills"),
        empty="No bills yet: put FOCUS exports, AWS CUR or provider costs into inputs/.",
        table_is_open=True,
        columns=(
            month("month", "month", (_MONTHLY, "month_start_date")),
            label("account", "account", (_MONTHLY, "account_id")),
            label("source", "bill", (_MONTHLY, "source")),
            number("metered_usd", "metered", text.money, (_MONTHLY, "metered_cost_usd")),
            number("billed_usd", "billed", text.money, (_MONTHLY, "billed_cost_usd")),
            number("gap_usd", "gap", text.signed_money, (_MONTHLY, "gap_usd")),
            number("timing_usd", "timing", text.signed_money, (_MONTHLY, "timing_gap_usd")),
            number("volume_usd", "volume", text.signed_money, (_MONTHLY, "volume_gap_usd")),
            number("price_usd", "price", text.signed_money, (_MONTHLY, "price_gap_usd")),
            number(
                "unexplained_usd",
                "unexplained",
                text.signed_money,
                (_MONTHLY, "unexplained_gap_usd"),
            ),
        ),
    )


def claims(view: View) -> Section:
    """What the gateway claims that it cost, and which mistake makes the difference."""
    rows = rows_of(view, "claims")
    spec = charts.lines(
        line_rows(rows, time="begin", value="difference_usd", show=text.signed_money),
        title="Claimed cost less computed cost",
        axis="USD",
        axis_format="$,.2~s",
    )
    return Section(
        name="claims",
        heading="Costs that logs claim",
        lead="What gateways and tools wrote as cost, less what the price book makes of the same "
        "tokens, by the mistake that explains it.",
        plots=[Plot(name="claims", heading=f"Difference a {view.grain}", spec=spec)],
        rows=newest_first(rows, "begin"),
        empty="No log claims a cost in these days.",
        columns=(
            day("begin", "from", (_CLAIMS, "usage_date")),
            label("series", "reason", (_CLAIMS, "reason")),
            number("events", "events", text.count, (_CLAIMS, "event_count")),
            number("computed_usd", "computed", text.money, (_CLAIMS, "cost_usd")),
            number("claimed_usd", "claimed", text.money, (_CLAIMS, "reported_cost_usd")),
            number("difference_usd", "difference", text.signed_money, (_CLAIMS, "difference_usd")),
        ),
    )
