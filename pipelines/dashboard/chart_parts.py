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


def color(rows: Sequence[Row], *, symbol: str) -> alt.Color:
    """Give each series the color of its place."""
    places = {str(row["series"]): int(str(row["place"])) for row in rows}
    ordered = sorted(places, key=lambda series: (places[series], series))
    return alt.Color(
        "series:N",
        legend=alt.Legend(
            title=None, symbolType=symbol, symbolStrokeWidth=3 * (symbol == "stroke")
        ),
        sort=ordered,
        scale=alt.Scale(domain=ordered, range=[_COLORS[min(places[one], 13)] for one in ordered]),
    )


def finish(
    chart: alt.Chart | alt.LayerChart | alt.FacetChart, rows: Sequence[Row], title: str
) -> Spec:
    """Give the specification with its data, as wide as the page gives."""
    finished = chart.properties(
        width="container", autosize=alt.AutoSizeParams(type="fit-x", contains="padding")
    )
    spec: Spec = finished.to_dict()
    spec.pop("config", None)
    spec["description"] = title
    spec["datasets"] = {"rows": list(rows)}
    return spec
