"""Rows of queries in the shape that charts take: exact text for people, floats for positions."""

from collections.abc import Sequence
from datetime import date, timedelta

from pipelines.dashboard import text
from pipelines.dashboard.queries import Row
from pipelines.dashboard.view import View


def line_rows(rows: Sequence[Row], *, time: str, value: str, show: text.Show) -> list[Row]:
    """Shape rows with series and place for lines over days."""
    return [
        {
            "day": text.day(row[time]),
            "day_text": text.day(row[time]),
            "series": row["series"],
            "place": row["place"],
            "value": position(row[value]),
            "text": show(row[value]),
        }
        for row in rows
    ]


def bar_rows(view: View, rows: Sequence[Row], *, value: str, show: text.Show) -> list[Row]:
    """Shape rows with begin, series and place for stacked bars of the view's grain."""
    length = timedelta(days=7 if view.grain == "week" else 1)
    shaped: list[Row] = []
    for row in rows:
        begin = row["begin"]
        if not isinstance(begin, date):
            continue
        end = begin + length
        shaped.append(
            {
                "begin": text.day(begin),
                "begin_text": text.day(begin),
                "end": text.day(end),
                "series": row["series"],
                "place": row["place"],
                "value": position(row[value]),
                "text": show(row[value]),
                "whole": _is_whole(view, begin, end),
            }
        )
    return shaped


def _is_whole(view: View, begin: date, end: date) -> bool:
    first, last = view.chart_first, view.filter.last
    return first is not None and last is not None and first <= begin and end - _A_DAY <= last


_A_DAY = timedelta(days=1)


def newest_first(rows: Sequence[Row], time: str) -> list[Row]:
    """Order rows for reading: the last day or week on top."""
    return sorted(rows, key=lambda row: str(row[time]), reverse=True)


def position(value: object) -> float | None:
    """Give where a value is drawn; None leaves a gap."""
    return None if value is None else float(str(value))
