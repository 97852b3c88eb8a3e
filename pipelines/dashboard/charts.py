"""Vega-Lite specifications; colors are CSS variables, so light, dark and print need no second."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from pipelines.dashboard.queries import Row

Spec = dict[str, Any]

_DATA = alt.NamedData(name="rows")
# The SI prefix for 10^9 is G; people who read money and tokens write B.
_BILLIONS = "replace(datum.label, 'G', 'B')"
# A list of texts is drawn one below the other; the break is the last space before 21 letters.
_BREAK = "lastindexof(slice(datum.label, 0, 21), ' ')"
_TWO_LINES = (
    f"length(datum.label) > 21 && {_BREAK} > 0 ? "
    f"[slice(datum.label, 0, {_BREAK}), slice(datum.label, {_BREAK} + 1)] : datum.label"
)

_BAND_95 = "var(--band-95)"
_BAND_80 = "var(--band-80)"

# Nine series colors, then the greys of what nobody owns (place 11 and on in spend_by_team.sql).
_COLORS = {place: f"var(--c{place})" for place in range(1, 10)} | {
    place: f"var(--grey{place - 10})" for place in range(11, 14)
}


def lines(
    rows: Sequence[Row],
    *,
    title: str,
    axis: str,
    axis_format: str,
    log_domain: tuple[float, float] | None = None,
) -> Spec:
    """Draw one line for each series over days; rows hold day, series, place, value, text.

    With a domain the scale is logarithmic and reaches at least that far.
    """
    scale = alt.Scale(zero=True, nice=True)
    if log_domain:
        scale = alt.Scale(type="log", domain=list(log_domain), nice=True)
    chart = (
        alt.Chart(_DATA)
        .mark_line(strokeWidth=1.75, interpolate="monotone")
        .encode(
            x=_day(),
            y=alt.Y("value:Q", title=axis, scale=scale, axis=alt.Axis(format=axis_format)),
            color=_color(rows, symbol="stroke"),
            tooltip=_tooltip("day"),
        )
    )
    return _finish(chart, rows, title)


def weekly_bars(rows: Sequence[Row], *, title: str, axis: str) -> Spec:
    """Stack bars of a week's width; rows hold week, week_end, series, place, value, whole, text.

    A week with fewer than seven days of data is drawn faint.
    """
    # A bar between two dates lies down in Vega-Lite, so the weeks are rectangles stacked by hand.
    chart = (
        alt.Chart(_DATA)
        .transform_stack(
            stack="value", as_=["bottom", "top"], groupby=["week"], sort=[alt.SortField("place")]
        )
        .mark_rect(stroke="var(--paper)", strokeWidth=0.7)
        .encode(
            x=alt.X("week:T", title=None, scale=alt.Scale(type="utc"), axis=_day_axis()),
            x2="week_end:T",
            y=alt.Y("bottom:Q", title=axis, axis=alt.Axis(format="$,.2~s", labelExpr=_BILLIONS)),
            y2="top:Q",
            color=_color(rows, symbol="square"),
            opacity=alt.condition("datum.whole", alt.value(1), alt.value(0.55)),
            tooltip=[*_tooltip("week"), alt.Tooltip("days:Q", title="days with data")],
        )
    )
    return _finish(chart, rows, title)


_KINDS = {"more": "var(--c2)", "less": "var(--c3)", "sum": "var(--ink)"}


def waterfall(rows: Sequence[Row], *, title: str, axis: str) -> Spec:
    """Lay bars end to start, top to bottom; rows hold cause, begin, end, kind, text."""
    order = [str(row["cause"]) for row in rows]
    labels = alt.Axis(labelLimit=190, labelExpr=_TWO_LINES, ticks=False, domain=False, grid=False)
    base = alt.Chart(_DATA).encode(y=alt.Y("cause:N", title=None, sort=order, axis=labels))
    bars = base.mark_bar(height=alt.RelativeBandSize(0.7)).encode(
        x=alt.X("begin:Q", title=axis, axis=alt.Axis(format="$,.2~s", labelExpr=_BILLIONS)),
        x2="end:Q",
        color=alt.Color(
            "kind:N",
            legend=None,
            scale=alt.Scale(domain=list(_KINDS), range=list(_KINDS.values())),
        ),
        tooltip=[alt.Tooltip("cause:N", title="cause"), alt.Tooltip("text:N", title="change")],
    )
    zero = (
        alt.Chart(_DATA)
        .transform_aggregate(count="count()")
        .mark_rule(color="var(--muted)")
        .encode(x=alt.datum(0))
    )
    return _finish(alt.layer(bars, zero), rows, title)


def fan(rows: Sequence[Row], *, title: str, axis: str, axis_format: str, limit: bool) -> Spec:
    """Draw what is known, the forecast with its 80% and 95% intervals, and a baseline or limit.

    Rows hold day, known, expected, lower_80 … upper_95, naive, limit (floats or None) and text.
    """
    base = alt.Chart(_DATA).encode(x=_day())
    y_axis = alt.Axis(format=axis_format, labelExpr=_BILLIONS)
    layers: list[alt.Chart] = [
        _known_only(base, "upper_95")
        .mark_area(color=_BAND_95)
        .encode(y=alt.Y("lower_95:Q", title=axis, axis=y_axis), y2="upper_95:Q"),
        _known_only(base, "upper_80")
        .mark_area(color=_BAND_80)
        .encode(y="lower_80:Q", y2="upper_80:Q"),
        _line(base, "naive", "var(--muted)", dash=(2, 3)),
        _line(base, "expected", "var(--accent)", dash=(6, 3)),
        # A quota of one day has no line to draw, so it shows as a point.
        _line(base, "known", "var(--ink)", point=len(rows) == 1),
        base.mark_rule(color="transparent", strokeWidth=6).encode(
            tooltip=[alt.Tooltip("day_text:N", title="day"), alt.Tooltip("text:N", title="value")]
        ),
    ]
    if limit:
        layers.append(
            alt.Chart(_DATA)
            .transform_aggregate(limit="max(limit)")
            .mark_rule(color="var(--alarm)", strokeWidth=1.5)
            .encode(y="limit:Q")
        )
    return _finish(alt.layer(*layers), rows, title)


def _line(
    base: alt.Chart, field: str, color: str, *, dash: tuple[int, int] = (1, 0), point: bool = False
) -> alt.Chart:
    line: alt.Chart = (
        _known_only(base, field)
        .mark_line(
            color=color,
            strokeWidth=1.75,
            strokeDash=list(dash),
            strokeCap="round",
            point=alt.OverlayMarkDef(color=color) if point else False,
        )
        .encode(y=f"{field}:Q")
    )
    return line


def _known_only(base: alt.Chart, field: str) -> alt.Chart:
    return base.transform_filter(f"isValid(datum.{field})")


def _day() -> alt.X:
    return alt.X("day:T", title=None, scale=alt.Scale(type="utc"), axis=_day_axis())


def _day_axis() -> alt.Axis:
    return alt.Axis(labelFlush=True, labelOverlap=True, grid=False, tickCount=6)


def _tooltip(time: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip(f"{time}_text:N", title=time),
        alt.Tooltip("series:N", title="series"),
        alt.Tooltip("text:N", title="value"),
    ]


def _color(rows: Sequence[Row], *, symbol: str) -> alt.Color:
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


def _finish(
    chart: alt.Chart | alt.LayerChart | alt.FacetChart, rows: Sequence[Row], title: str
) -> Spec:
    finished = chart.properties(
        width="container", autosize=alt.AutoSizeParams(type="fit-x", contains="padding")
    )
    spec: Spec = finished.to_dict()
    spec.pop("config", None)
    spec["description"] = title
    spec["datasets"] = {"rows": list(rows)}
    return spec
