"""Vega-Lite specifications; colors are CSS variables, so light, dark and print need no second."""

from collections.abc import Sequence
from functools import lru_cache

import altair as alt

from pipelines.dashboard.chart_parts import (
    BILLIONS,
    DATA,
    Series,
    Spec,
    color,
    day_axis,
    days,
    finish,
    series_of,
    tooltip,
    with_rows,
)
from pipelines.dashboard.queries import Row

# A list of texts is drawn one below the other; the break is the last space before 21 letters.
_BREAK = "lastindexof(slice(datum.label, 0, 21), ' ')"
_TWO_LINES = (
    f"length(datum.label) > 21 && {_BREAK} > 0 ? "
    f"[slice(datum.label, 0, {_BREAK}), slice(datum.label, {_BREAK} + 1)] : datum.label"
)


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
    return with_rows(_lines(series_of(rows), axis, axis_format, log_domain), rows, title)


@lru_cache
def _lines(
    series: Series, axis: str, axis_format: str, log_domain: tuple[float, float] | None
) -> Spec:
    scale = alt.Scale(zero=True, nice=True)
    if log_domain:
        scale = alt.Scale(type="log", domain=list(log_domain), nice=True)
    chart = (
        alt.Chart(DATA)
        .mark_line(strokeWidth=1.75)
        .encode(
            x=days(),
            y=alt.Y("value:Q", title=axis, scale=scale, axis=alt.Axis(format=axis_format)),
            color=color(series, symbol="stroke"),
            tooltip=tooltip("day"),
        )
    )
    return finish(chart)


def bars(rows: Sequence[Row], *, title: str, axis: str, axis_format: str) -> Spec:
    """Stack bars over days or weeks; rows hold begin, end, series, place, value, whole, text.

    A week with fewer than seven days of data is drawn faint.
    """
    return with_rows(_bars(series_of(rows), axis, axis_format), rows, title)


@lru_cache
def _bars(series: Series, axis: str, axis_format: str) -> Spec:
    # A bar between two dates lies down in Vega-Lite, so they are rectangles stacked by hand.
    chart = (
        alt.Chart(DATA)
        .transform_stack(
            stack="value", as_=["bottom", "top"], groupby=["begin"], sort=[alt.SortField("place")]
        )
        .mark_rect(stroke="var(--paper)", strokeWidth=0.7)
        .encode(
            x=alt.X("begin:T", title=None, scale=alt.Scale(type="utc"), axis=day_axis()),
            x2="end:T",
            y=alt.Y("bottom:Q", title=axis, axis=alt.Axis(format=axis_format, labelExpr=BILLIONS)),
            y2="top:Q",
            color=color(series, symbol="square"),
            opacity=alt.condition("datum.whole", alt.value(1), alt.value(0.55)),
            tooltip=tooltip("begin", "from"),
        )
    )
    return finish(chart)


def heat_map(rows: Sequence[Row], *, title: str, columns: str, lines: str) -> Spec:
    """Shade a grid; rows hold column, line, value (0 to 1, None stays empty) and text."""
    return with_rows(_heat_map(columns, lines), rows, title)


@lru_cache
def _heat_map(columns: str, lines: str) -> Spec:
    chart = (
        alt.Chart(DATA)
        .mark_rect(stroke="var(--paper)", strokeWidth=1)
        .encode(
            x=alt.X(
                "column:O",
                title=columns,
                axis=alt.Axis(labelAngle=0, labelOverlap=True, grid=False),
            ),
            y=alt.Y("line:O", title=lines, sort=None, axis=alt.Axis(grid=False)),
            color=alt.value("var(--c1)"),
            opacity=alt.Opacity(
                "value:Q",
                scale=alt.Scale(domain=[0, 1], range=[0.06, 1]),
                legend=alt.Legend(title=None, format=".0%", symbolType="square"),
            ),
            tooltip=[
                alt.Tooltip("line:N", title=lines),
                alt.Tooltip("column:N", title=columns),
                alt.Tooltip("text:N", title="value"),
            ],
        )
        .transform_filter("isValid(datum.value)")
    )
    return finish(chart)


_KINDS = {"more": "var(--c2)", "less": "var(--c3)", "sum": "var(--ink)"}


def waterfall(rows: Sequence[Row], *, title: str, axis: str) -> Spec:
    """Lay bars end to start, top to bottom; rows hold cause, begin, end, kind, text."""
    causes = tuple(str(row["cause"]) for row in rows)
    return with_rows(_waterfall(causes, axis), rows, title)


@lru_cache
def _waterfall(causes: tuple[str, ...], axis: str) -> Spec:
    labels = alt.Axis(labelLimit=190, labelExpr=_TWO_LINES, ticks=False, domain=False, grid=False)
    base = alt.Chart(DATA).encode(y=alt.Y("cause:N", title=None, sort=list(causes), axis=labels))
    bars = base.mark_bar(height=alt.RelativeBandSize(0.7)).encode(
        x=alt.X("begin:Q", title=axis, axis=alt.Axis(format="$,.2~s", labelExpr=BILLIONS)),
        x2="end:Q",
        color=alt.Color(
            "kind:N",
            legend=None,
            scale=alt.Scale(domain=list(_KINDS), range=list(_KINDS.values())),
        ),
        tooltip=[alt.Tooltip("cause:N", title="cause"), alt.Tooltip("text:N", title="change")],
    )
    zero = (
        alt.Chart(DATA)
        .transform_aggregate(count="count()")
        .mark_rule(color="var(--muted)")
        .encode(x=alt.datum(0))
    )
    return finish(alt.layer(bars, zero)) | {"height": max(210, 30 * len(causes))}
