"""The section that says why cost grew: causes of the last 28 days, prices and demand by week."""

from collections.abc import Sequence
from decimal import Decimal

import duckdb

from pipelines.dashboard import charts, text
from pipelines.dashboard.layout import Column, Plot, Section
from pipelines.dashboard.queries import Row, rows_of
from pipelines.dashboard.sections import number, position
from pipelines.inflation.story import CENT, CLASS_TITLES, TITLES

_DRIVERS = "fct_cost_drivers"
_PLOTS = (
    (
        "prices",
        "Price of tokens by week",
        "The index compares models with themselves; the unit value moves with the mix too",
    ),
    ("demand", "Demand by week", "Cost with idle time and overhead of own GPUs"),
)


def why_it_grew(connection: duckdb.DuckDBPyConnection) -> Section:
    """Causes of the change of cost, as a waterfall, and the indexes behind them."""
    causes = rows_of(connection, "causes")
    levels = rows_of(connection, "price_levels")
    plots = [_waterfall(causes)] if causes else []
    if causes:
        plots += [_levels(levels, *plot) for plot in _PLOTS if _has(levels, plot[0])]
    return Section(
        name="why",
        heading="Why it grew",
        lead="What changed the cost of the last 28 days against the 28 before. The causes sum to "
        "the change exactly; a new model stands apart and hides no growth of users.",
        plots=plots,
        rows=[_in_words(row) for row in causes if _is_shown(row)],
        empty="Nothing to compare yet: it needs 56 days of usage.",
        columns=_COLUMNS,
    )


_COLUMNS = (
    Column(key="cause", heading="cause", show=text.words, term=(_DRIVERS, "driver")),
    Column(key="model", heading="model", show=text.words, term=(_DRIVERS, "model_name")),
    Column(key="kind", heading="kind of token", show=text.words, term=(_DRIVERS, "token_class")),
    number("change_usd", "change of cost", text.words, (_DRIVERS, "change_usd")),
    number("change_tokens", "change of tokens", text.words, (_DRIVERS, "change_tokens")),
)


def _is_shown(row: Row) -> bool:
    return abs(_usd(row)) >= CENT or abs(float(str(row["change_tokens"]))) >= 1


def _in_words(row: Row) -> Row:
    tokens = float(str(row["change_tokens"]))
    return row | {
        "cause": TITLES[str(row["driver"])],
        "model": " ".join(filter(None, (str(row["provider_name"]), str(row["model_name"])))),
        "kind": CLASS_TITLES.get(str(row["token_class"]), ""),
        "change_usd": text.signed_money(row["change_usd"]) if abs(_usd(row)) >= CENT else "",
        "change_tokens": text.count(tokens) if round(tokens) else "",
    }


def _usd(row: Row) -> Decimal:
    return Decimal(str(row["change_usd"]))


def _waterfall(causes: Sequence[Row]) -> Plot:
    """Each cause begins where the one before it ends; the last bar is the whole change."""
    sums = {
        driver: sum((_usd(row) for row in causes if row["driver"] == driver), Decimal(0))
        for driver in TITLES
    }
    bars, reached = [], Decimal(0)
    for driver, change in sums.items():
        if abs(change) >= CENT:
            bars.append(
                _bar(TITLES[driver], reached, reached + change, "more" if change > 0 else "less")
            )
        reached += change
    bars.append(_bar("sum", Decimal(0), reached, "sum"))
    first = causes[0]
    costs = [text.money(first[key]) for key in ("from_cost_usd", "to_cost_usd")]
    return Plot(
        name="why-causes",
        heading="Causes, in USD",
        note=f"from {costs[0]} to {costs[1]}, 28 days to {text.day(first['last_day'])}",
        spec=charts.waterfall(bars, title="Causes of the change of cost", axis="change in USD"),
    )


def _bar(label: str, begin: Decimal, end: Decimal, kind: str) -> Row:
    return {
        "cause": label,
        "begin": position(begin),
        "end": position(end),
        "kind": kind,
        "text": text.signed_money(end - begin),
    }


def _has(levels: Sequence[Row], chart: str) -> bool:
    return any(row["chart"] == chart for row in levels)


def _levels(levels: Sequence[Row], chart: str, heading: str, note: str) -> Plot:
    shown = [row for row in levels if row["chart"] == chart]
    rows: list[Row] = [
        {
            "day": text.day(row["day"]),
            "day_text": f"week from {text.day(row['day'])}",
            "series": row["series"],
            "place": row["place"],
            "value": row["level"],
            "text": f"{row['level']:.3f}",
        }
        for row in shown
    ]
    annual = [
        f"{row['series']} {text.signed_percent(row['annual'])} a year"
        for row in {row["series"]: row for row in shown}.values()
        if row["annual"] is not None
    ]
    return Plot(
        name=f"why-{chart}",
        heading=heading,
        note="; ".join([note, *annual]),
        spec=charts.lines(rows, title=heading, axis="first week = 1", axis_format=".2~f"),
    )
