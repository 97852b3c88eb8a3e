"""What tokens cost: by model over time, and each model with its input and output."""

from pipelines.dashboard import charts, text
from pipelines.dashboard.blocks import Column, Plot, Section, day, label, number
from pipelines.dashboard.queries import Row, rows_of
from pipelines.dashboard.shapes import line_rows, newest_first
from pipelines.dashboard.view import View

_COSTS = "fct_token_costs_daily"


def unit_cost(view: View) -> Section:
    """Cost per million tokens over time, own GPUs and cloud side by side."""
    rows = rows_of(view, "price_by_model")
    # Both charts share one axis: own and cloud prices are there to be compared.
    shared = [float(str(row["usd_per_million"])) for row in rows if row["usd_per_million"]]
    plots = []
    for own, heading in ((True, "Models on own GPUs"), (False, "Models of cloud providers")):
        part = [row for row in rows if row["own"] == own]
        if part:
            shown = line_rows(part, time="day", value="usd_per_million", show=text.rate)
            spec = charts.lines(
                shown,
                title=f"Cost per million tokens: {heading}",
                axis="USD per million tokens",
                axis_format="$,~r",
                log_domain=(min(shared, default=1), max(shared, default=1)),
            )
            plots.append(
                Plot(
                    name=f"unit-cost-{'own' if own else 'cloud'}",
                    heading=heading,
                    spec=spec,
                    has_log_switch=True,
                )
            )
    return Section(
        name="unit-cost",
        heading="Cost per million tokens",
        lead="What one million tokens, input and output together, cost on each day. "
        "Usage without a known price is left out; the page of prices lists it.",
        plots=plots,
        rows=newest_first(rows, "day"),
        empty="No priced usage yet.",
        columns=(
            day("day", "day", (_COSTS, "usage_date")),
            label("series", "model", (_COSTS, "model_name")),
            number(
                "usd_per_million",
                "USD per million tokens",
                text.rate,
                (_COSTS, "cost_usd_per_million_tokens"),
            ),
            number("cost_usd", "cost", text.money, (_COSTS, "effective_cost_usd")),
            number("tokens", "tokens", text.count, (_COSTS, "total_tokens")),
        ),
    )


def models(view: View) -> Section:
    """Each model of the period, with the input and output split."""
    return Section(
        name="models",
        heading="Models",
        lead=f"What each model cost from {view.filter.first} to {view.filter.last}, and what its "
        "input and its output cost per million tokens.",
        rows=rows_of(view, "models"),
        empty="No usage in these days.",
        table_is_open=True,
        columns=(
            label("model", "model", (_COSTS, "model_name")),
            label("provider", "provider", (_COSTS, "provider_name")),
            number("cost_usd", "cost", text.money, (_COSTS, "effective_cost_usd")),
            _rate("usd_per_million", "per million", "cost_usd_per_million_tokens"),
            _rate("input_usd_per_million", "input", "input_cost_usd_per_million_tokens"),
            _rate("output_usd_per_million", "output", "output_cost_usd_per_million_tokens"),
            number("tokens", "tokens", _tokens, (_COSTS, "total_tokens")),
            number("unpriced_tokens", "not priced", text.count, (_COSTS, "unpriced_tokens")),
            number("requests", "requests", text.count, (_COSTS, "request_count")),
        ),
    )


def _rate(key: str, heading: str, column: str) -> Column:
    # Without tokens there is nothing to divide by: that is not the same as a missing price.
    def show_row(row: Row) -> str:
        return text.rate(row[key]) if row["tokens"] else "no tokens"

    return number(key, heading, text.rate, (_COSTS, column), show_row=show_row)


def _tokens(value: object) -> str:
    return "no tokens" if value is None else text.count(value)
