"""What all charts share: data by name, axes of days, colors of series, the final specification."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from pipelines.dashboard.queries import Row

Spec = dict[str, Any]

DATA = alt.NamedData(name="rows")
# The SI prefix for 10^9 is G; people who read money and tokens write B.
BILLIONS = "replace(datum.label, 'G', 'B')"

# Nine series colors, then the greys of what nobody owns (places 11 and on).
_COLORS = {place: f"var(--c{place})" for place in range(1, 10)} | {
    place: f"var(--grey{place - 10})" for place in range(11, 14)
}


def days() -> alt.X:
    """Place by day."""
    return alt.X("day:T", title=None, scale=alt.Scale(type="utc"), axis=day_axis())


def day_axis() -> alt.Axis:
    """Name few days, the first and last in full."""
    return alt.Axis(labelFlush=True, labelOverlap=True, grid=False, tickCount=6)


def tooltip(time: str, title: str = "day") -> list[alt.Tooltip]:
    """Say time, series and value as texts."""
    return [
        alt.Tooltip(f"{time}_text:N", title=title),
        alt.Tooltip("series:N", title="series"),
        alt.Tooltip("text:N", title="value"),
    ]


Series = tuple[tuple[str, int], ...]


def series_of(rows: Sequence[Row]) -> Series:
    """Give each series of rows with its place, in the order of places."""
    places = {str(row["series"]): int(str(row["place"])) for row in rows}
    return tuple(sorted(places.items(), key=lambda one: (one[1], one[0])))


def color(series: Series, *, symbol: str) -> alt.Color:
    """Give each series the color of its place."""
    names = [name for name, _ in series]
    width = 3 if symbol == "stroke" else 0
    return alt.Color(
        "series:N",
        legend=alt.Legend(title=None, symbolType=symbol, symbolStrokeWidth=width),
        sort=names,
        scale=alt.Scale(domain=names, range=[_COLORS[min(place, 13)] for _, place in series]),
    )


def finish(chart: alt.Chart | alt.LayerChart | alt.FacetChart) -> Spec:
    """Give the specification of a chart that is as wide as the page gives; without its data."""
    finished = chart.properties(
        width="container", autosize=alt.AutoSizeParams(type="fit-x", contains="padding")
    )
    spec: Spec = finished.to_dict()
    spec.pop("config", None)
    return spec


def with_rows(spec: Spec, rows: Sequence[Row], title: str) -> Spec:
    """Add data to a specification, which is kept without it: to check one takes 50 ms."""
    return spec | {"description": title, "datasets": {"rows": list(rows)}}
