"""Why cost grew: causes between two periods, prices and demand by week."""

from collections.abc import Sequence
from decimal import Decimal

from pipelines.dashboard import charts, text
from pipelines.dashboard.blocks import Plot, Section, day, label, number
from pipelines.dashboard.compared import compared_causes
from pipelines.dashboard.queries import Row, rows_of
from pipelines.dashboard.shapes import position
from pipelines.dashboard.view import View
from pipelines.inflation.story import CENT, CLASS_TITLES, TITLES

# Of the periods whose causes are published.
DAYS = 28
_DRIVERS = "fct_cost_drivers"
_PRICES = "fct_price_index"
_PLOTS = (
    (
        "prices",
        "Price of tokens by week",
        "The index compares models with themselves; the unit value moves with the mix too",
    ),
    ("demand", "Demand by week", "Cost with idle time and overhead of own GPUs"),
)


def _cents(value: object) -> str:
    return text.signed_money(value) if abs(Decimal(str(value))) >= CENT else ""


def _whole(value: object) -> str:
    return text.count(value) if round(float(str(value))) else ""


def why_it_grew(view: View) -> Section:
    """Causes of the change of cost between two periods, as a waterfall."""
    asked = view.filter
    if view.is_narrowed:
        causes = compared_causes(view)
        spans = f"{asked.first} to {asked.last} against {asked.before_first} to {asked.before_last}"
    else:
        causes = rows_of(view, "causes")
        spans = "the last 28 days against the 28 before"
    return Section(
        name="why",
        heading="Why it grew",
        lead=f"What changed the cost: {spans} (UTC). The causes sum to the change exactly; a new "
        "model stands apart and hides no growth of users.",
        plots=[_waterfall(causes)] if causes else [],
        rows=[_in_words(row) for row in causes if _is_shown(row)],
        empty="Nothing to compare yet: it needs 56 days of usage, or two chosen periods of the "
        "same number of days in which there is some.",
        columns=_COLUMNS,
    )


def indexes(view: View) -> Section:
    """The price of tokens and the demand, week by week."""
    levels = rows_of(view, "price_levels")
    return Section(
        name="indexes",
        heading="Inflation by week",
        lead="The whole organization, complete weeks; every line is 1 in the "
        "first week of the data.",
        plots=[_levels(levels, *plot) for plot in _PLOTS if _has(levels, plot[0])],
        rows=sorted(levels, key=lambda row: (str(row["day"]), -int(str(row["place"]))))[::-1],
        empty="No complete weeks yet.",
        columns=(
            day("day", "week from", (_PRICES, "period_start_date")),
            label("series", "series", (_PRICES, "formula")),
            number("level", "level", text.three_digits, (_PRICES, "index_ratio")),
            number("annual", "a year", text.changed, (_PRICES, "annualized_inflation_ratio")),
        ),
    )


_COLUMNS = (
    label("cause", "cause", (_DRIVERS, "driver")),
    label("model", "model", (_DRIVERS, "model_name")),
    label("kind", "kind of token", (_DRIVERS, "token_class")),
    number("change_usd", "change of cost", _cents, (_DRIVERS, "change_usd")),
    number("change_tokens", "change of tokens", _whole, (_DRIVERS, "change_tokens")),
)


def _is_shown(row: Row) -> bool:
    return abs(_usd(row)) >= CENT or abs(float(str(row["change_tokens"]))) >= 1


def _in_words(row: Row) -> Row:
    return row | {
        "cause": TITLES[str(row["driver"])],
        "model": " ".join(filter(None, (str(row["provider_name"]), str(row["model_name"])))),
        "kind": CLASS_TITLES.get(str(row["token_class"]), ""),
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
        note=f"from {costs[0]} to {costs[1]}, period to {text.day(first['last_day'])}",
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
