"""What the page shows, in order: each section reads one query, draws it, and lists it."""

from collections.abc import Sequence

import duckdb

from pipelines.dashboard import charts, text
from pipelines.dashboard.layout import Column, Plot, Section, Term
from pipelines.dashboard.queries import Row, rows_of

_COSTS = "fct_token_costs_daily"
_CHARGES = "fct_charges_hourly"


def number(key: str, heading: str, show: text.Show, term: Term) -> Column:
    """Name a column whose values line up on the right."""
    return Column(key=key, heading=heading, show=show, term=term, is_number=True)


def series_rows(rows: Sequence[Row], *, time: str, value: str, show: text.Show) -> list[Row]:
    """Shape query rows for a chart: exact text for people, a float for the position only."""
    return [
        {
            time: text.day(row[time]),
            f"{time}_text": text.day(row[time]),
            "series": row["series"],
            "place": row["place"],
            "value": position(row[value]),
            "text": show(row[value]),
        }
        for row in rows
    ]


def newest_first(rows: Sequence[Row], time: str) -> list[Row]:
    """Order rows for reading: the last day or week on top."""
    return sorted(rows, key=lambda row: str(row[time]), reverse=True)


def position(value: object) -> float | None:
    """Give where a value is drawn; None leaves a gap."""
    return None if value is None else float(str(value))


def unit_cost(connection: duckdb.DuckDBPyConnection) -> Section:
    """Cost per million tokens over time, own GPUs and cloud side by side."""
    rows = rows_of(connection, "price_by_model")
    # Both charts share one axis: own and cloud prices are there to be compared.
    shared = [float(str(row["usd_per_million"])) for row in rows if row["usd_per_million"]]
    plots = []
    for own, heading in ((True, "Models on own GPUs"), (False, "Models of cloud providers")):
        part = [row for row in rows if row["own"] == own]
        if part:
            shown = series_rows(part, time="day", value="usd_per_million", show=text.rate)
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
        "Usage without a known price is left out; it is listed below.",
        plots=plots,
        rows=newest_first(rows, "day"),
        empty="No priced usage yet.",
        columns=(
            Column(key="day", heading="day", show=text.day, term=(_COSTS, "usage_date")),
            Column(key="series", heading="model", show=text.words, term=(_COSTS, "model_name")),
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


def models(connection: duckdb.DuckDBPyConnection) -> Section:
    """The last 30 days by model, with the input and output split."""
    return Section(
        name="models",
        heading="Models, last 30 days",
        lead="What each model cost, and what its input and its output cost per million tokens.",
        rows=[_model_in_words(row) for row in rows_of(connection, "models")],
        empty="No usage in the last 30 days.",
        table_is_open=True,
        columns=(
            Column(key="model", heading="model", show=text.words, term=(_COSTS, "model_name")),
            Column(
                key="provider", heading="provider", show=text.words, term=(_COSTS, "provider_name")
            ),
            number("cost_usd", "cost", text.money, (_COSTS, "effective_cost_usd")),
            number(
                "usd_per_million",
                "per million",
                text.words,
                (_COSTS, "cost_usd_per_million_tokens"),
            ),
            number(
                "input_usd_per_million",
                "input per million",
                text.words,
                (_COSTS, "input_cost_usd_per_million_tokens"),
            ),
            number(
                "output_usd_per_million",
                "output per million",
                text.words,
                (_COSTS, "output_cost_usd_per_million_tokens"),
            ),
            number("tokens", "tokens", text.words, (_COSTS, "total_tokens")),
            number(
                "unpriced_tokens", "of these not priced", text.count, (_COSTS, "unpriced_tokens")
            ),
            number("requests", "requests", text.count, (_COSTS, "request_count")),
        ),
    )


def _model_in_words(row: Row) -> Row:
    # Without tokens there is nothing to divide by: that is not the same as a missing price.
    show = text.rate if row["tokens"] else _no_tokens
    rates = ("usd_per_million", "input_usd_per_million", "output_usd_per_million")
    tokens = text.count if row["tokens"] is not None else _no_tokens
    return row | {key: show(row[key]) for key in rates} | {"tokens": tokens(row["tokens"])}


def _no_tokens(_value: object) -> str:
    return "no tokens"


def teams(connection: duckdb.DuckDBPyConnection) -> Section:
    """Spend by team and week."""
    rows = rows_of(connection, "spend_by_team")
    spec = charts.weekly_bars(weekly_rows(rows), title="Spend by team and week", axis="USD")
    return Section(
        name="teams",
        heading="Spend by team",
        lead="Weeks start on Monday (UTC); a faint bar is a week that is not complete. Cost of "
        "own GPUs that no team caused is gray.",
        plots=[Plot(name="teams", heading="USD a week", spec=spec)],
        rows=newest_first(rows, "week"),
        empty="No priced charges yet.",
        columns=(
            Column(key="week", heading="week from", show=text.day, term=(_CHARGES, "usage_date")),
            Column(key="series", heading="team", show=text.words, term=(_CHARGES, "team_id")),
            number("cost_usd", "cost", text.money, (_CHARGES, "effective_cost_usd")),
        ),
    )


def weekly_rows(rows: Sequence[Row]) -> list[Row]:
    """Shape weekly costs for stacked bars."""
    shaped = series_rows(rows, time="week", value="cost_usd", show=text.money)
    return [
        shown
        | {
            "week_end": text.day(row["week_end"]),
            "days": row["days"],
            "whole": row["days"] == 7,
        }
        for shown, row in zip(shaped, rows, strict=True)
    ]
