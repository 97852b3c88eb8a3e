"""Any metric by any of its dimensions: over time, and against the period before."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial

from pipelines.dashboard import charts, text
from pipelines.dashboard.blocks import Plot, Section, label, number
from pipelines.dashboard.figures import (
    axis_of,
    caution,
    metric_rows,
    show_of,
    term_of,
    unknown_filters,
)
from pipelines.dashboard.queries import Row, rows_of
from pipelines.dashboard.shapes import bar_rows, line_rows, position
from pipelines.dashboard.view import View
from pipelines.metrics import Metric, metric

# Colors for nine series; the rest is summed, or left out where sums would be wrong.
_SERIES = 8
_OTHERS = "others"

# Cost that no team, model or provider caused; by the kind of its charge.
_UNOWNED = {
    "own_gpu_idle": "idle GPUs",
    "own_gpu_overhead": "GPU overhead",
    "cloud_idle": "idle reservations",
}
_DRILLS = {"team_id": "team", "model_name": "model", "provider_name": "provider"}
# Dimensions whose values are words of ours, and not names.
_WORDS = ("charge_kind", "idle_cause", "pricing_status", "allocation_status", "token_class")
Names = Mapping[str, str]


def explorer(view: View) -> Section:
    """The metric and dimension that the reader chose."""
    return _explored(view, "explorer", view.filter.metric, view.filter.by)


def preset(name: str, metric_name: str, by: str) -> Callable[[View], Section]:
    """Give a section for one metric and dimension, whatever the reader chose."""
    return partial(_explored, name=name, metric_name=metric_name, by=by)


def _explored(view: View, name: str, metric_name: str, by: str) -> Section:
    chosen = metric(metric_name)
    names = {str(row["team_id"]): str(row["label"]) for row in rows_of(view, "team_names")}
    over_time = _facts(view, chosen, (view.grain, by), names)
    places = _places(over_time, chosen)
    heading = f"{chosen.title} by {word(by)}"
    show = show_of(chosen)
    # Parts of a ratio are no parts of a whole.
    is_sum = not chosen.denominator_sql
    shares = [number("share", "share", text.share, term_of(chosen))] if is_sum else []
    rows = _totals(view, chosen, by, names)
    return Section(
        name=name,
        heading=heading,
        lead=chosen.description + caution(view, *unknown_filters(chosen)),
        plots=[_plot(view, name, chosen, heading, _gathered(over_time, places, chosen))],
        rows=rows,
        empty="Nothing in these days, under these filters.",
        table_is_open=True,
        table_note=f"{view.filter.first} to {view.filter.last} against {view.filter.before_first} "
        f"to {view.filter.before_last} (UTC)",
        columns=(
            label("series", word(by), (chosen.mart, by), link=partial(_drill, view, by)),
            number("now", chosen.title, show, term_of(chosen)),
            *shares,
            number("before", "before", show, term_of(chosen)),
            number("change", "change", text.changed, term_of(chosen)),
        ),
    )


def word(by: str) -> str:
    """Name a dimension for people."""
    return by.removeprefix("idle_").removesuffix("_id").removesuffix("_name").replace("_", " ")


def _drill(view: View, by: str, row: Row) -> str | None:
    if view.drill is None or by not in _DRILLS or row["key"] is None:
        return None
    return view.drill({_DRILLS[by]: str(row["key"])})


def _facts(view: View, chosen: Metric, by: Sequence[str], names: Names) -> list[Row]:
    """Rows with begin (where by has a grain), key, series and value, one for each of them."""
    *grain, dimension = by
    kind = "charge_kind"
    splits = kind in chosen.dimensions and dimension != kind and not chosen.denominator_sql
    first = view.chart_first if grain else view.filter.first
    found = metric_rows(view, chosen.name, (*by, kind) if splits else by, first, view.filter.last)
    sums: dict[tuple[object, object, str], object] = {}
    for row in found:
        key, series = _named(row, dimension, names)
        place = (row[grain[0]] if grain else None, key, series)
        sums[place] = _sum(sums.get(place), row[chosen.name])
    return [
        {"begin": begin, "key": key, "series": series, "value": value}
        for (begin, key, series), value in sums.items()
    ]


def _named(row: Row, dimension: str, names: Names) -> tuple[object, str]:
    """Give the value of the dimension, None where it is none, and how people name it."""
    key = row[dimension]
    if key in (None, "", "unattributed"):
        return None, _UNOWNED.get(str(row.get("charge_kind")), f"no {word(dimension)}")
    if dimension == "team_id":
        return key, names.get(str(key), str(key))
    if dimension in _WORDS:
        return key, str(key).replace("_", " ")
    return key, str(key)


def _sum(one: object, other: object) -> object:
    known = [value for value in (one, other) if value is not None]
    return sum((Decimal(str(value)) for value in known), Decimal(0)) if known else None


def _places(rows: Sequence[Row], chosen: Metric) -> dict[str, int]:
    """Give each series its color: by size, or by days where sizes do not add up; 11 on is gray."""
    sizes: dict[tuple[bool, str], float] = defaultdict(float)
    for row in rows:
        size = position(row["value"]) or 0
        sizes[row["key"] is None, str(row["series"])] += 1 if chosen.denominator_sql else size
    ranked = sorted(sizes, key=lambda one: (one[0], -sizes[one], one[1]))
    owned = [series for is_unowned, series in ranked if not is_unowned]
    unowned = [series for is_unowned, series in ranked if is_unowned]
    return {series: place for place, series in enumerate(owned, 1)} | {
        series: 10 + place for place, series in enumerate(unowned, 1)
    }


def _gathered(rows: Sequence[Row], places: Mapping[str, int], chosen: Metric) -> list[Row]:
    gathered: dict[tuple[object, str, int], object] = {}
    for row in rows:
        series, place = str(row["series"]), places[str(row["series"])]
        if _SERIES < place < 10 or (place >= 10 and row["key"] is not None):
            if chosen.denominator_sql:
                continue
            series, place = _OTHERS, _SERIES + 1
        at = (row["begin"], series, place)
        gathered[at] = _sum(gathered.get(at), row["value"])
    return [
        {"begin": begin, "series": series, "place": place, "value": value}
        for (begin, series, place), value in sorted(gathered.items(), key=str)
    ]


def _plot(view: View, name: str, chosen: Metric, heading: str, rows: Sequence[Row]) -> Plot:
    show, axis = show_of(chosen), chosen.unit
    if chosen.denominator_sql:
        shown = line_rows(rows, time="begin", value="value", show=show)
        spec = charts.lines(shown, title=heading, axis=axis, axis_format=axis_of(chosen))
    else:
        shown = bar_rows(view, rows, value="value", show=show)
        spec = charts.bars(shown, title=heading, axis=axis, axis_format=axis_of(chosen))
    faint = "" if view.grain == "day" or chosen.denominator_sql else "faint: not a whole week"
    shown_unit = f"By {view.grain}" if chosen.denominator_sql else f"{chosen.unit} a {view.grain}"
    return Plot(name=name, heading=shown_unit, spec=spec, note=faint)


def _totals(view: View, chosen: Metric, by: str, names: Names) -> list[Row]:
    earlier = replace(
        view,
        filter=replace(view.filter, first=view.filter.before_first, last=view.filter.before_last),
    )
    now = {(row["key"], row["series"]): row["value"] for row in _facts(view, chosen, (by,), names)}
    before = {
        (row["key"], row["series"]): row["value"] for row in _facts(earlier, chosen, (by,), names)
    }
    total = sum(Decimal(str(value)) for value in now.values() if value is not None)
    rows = [
        {
            "key": key,
            "series": series,
            "now": now.get((key, series)),
            "before": before.get((key, series)),
            "change": text.change_ratio(now.get((key, series)), before.get((key, series))),
            "share": None
            if chosen.denominator_sql or not total
            else text.ratio_of(now.get((key, series)), total),
        }
        for key, series in now | before
    ]
    return sorted(rows, key=lambda row: (-(position(row["now"]) or 0), str(row["series"])))
