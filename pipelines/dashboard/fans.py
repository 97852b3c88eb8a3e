"""What forecasts with intervals have in common wherever they are drawn."""

from collections.abc import Sequence
from functools import lru_cache

import altair as alt

from pipelines.dashboard.chart_parts import BILLIONS, DATA, Spec, days, finish, with_rows
from pipelines.dashboard.queries import Row
from pipelines.dashboard.text import Show

_BAND_95 = "var(--band-95)"
_BAND_80 = "var(--band-80)"

BOUNDS = ("lower_80", "upper_80", "lower_95", "upper_95")


def fan_text(row: Row, show: Show) -> str:
    """Say what is expected, with both intervals."""
    return (
        f"{show(row['expected'])} expected; 80%: {show(row['lower_80'])} to "
        f"{show(row['upper_80'])}; 95%: {show(row['lower_95'])} to {show(row['upper_95'])}"
    )


def fan(rows: Sequence[Row], *, title: str, axis: str, axis_format: str, limit: bool) -> Spec:
    """Draw what is known, the forecast with its 80% and 95% intervals, and a baseline or limit.

    Rows hold day, known, expected, lower_80 … upper_95, naive, limit (floats or None) and text.
    """
    return with_rows(_fan(axis, axis_format, limit, len(rows) == 1), rows, title)


@lru_cache
def _fan(axis: str, axis_format: str, limit: bool, is_point: bool) -> Spec:
    base = alt.Chart(DATA).encode(x=days())
    y_axis = alt.Axis(format=axis_format, labelExpr=BILLIONS)
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
        _line(base, "known", "var(--ink)", point=is_point),
        base.mark_rule(color="transparent", strokeWidth=6).encode(
            tooltip=[alt.Tooltip("day_text:N", title="day"), alt.Tooltip("text:N", title="value")]
        ),
    ]
    if limit:
        layers.append(
            alt.Chart(DATA)
            .transform_aggregate(limit="max(limit)")
            .mark_rule(color="var(--alarm)", strokeWidth=1.5)
            .encode(y="limit:Q")
        )
    return finish(alt.layer(*layers))


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
