"""Figures of the metrics layer under a filter: now, before, and day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from pipelines.dashboard import text
from pipelines.dashboard.blocks import Term
from pipelines.dashboard.queries import Row, fetch
from pipelines.dashboard.view import View
from pipelines.metrics import Metric, metric, metric_query

# Which column of the marts each filter narrows.
COLUMNS = {
    "team": "team_id",
    "model": "model_name",
    "provider": "provider_name",
    "host": "host_name",
}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A metric in the period and in the one it is compared with.

    Attributes:
        trend: Its value on each day of the period that has one, in order.
    """

    metric: Metric
    now: object
    before: object
    trend: Sequence[float | None]

    @property
    def shown(self) -> str:
        """The value of the period as people read it."""
        return show_of(self.metric)(self.now)


def figure(view: View, name: str) -> Figure:
    """Compute a metric for a view.

    Raises:
        MeterhouseError: The snapshot lacks the mart.
    """
    asked = view.filter
    now = metric_rows(view, name, (), asked.first, asked.last)
    before = metric_rows(view, name, (), asked.before_first, asked.before_last)
    days = metric_rows(view, name, ("day",), asked.first, asked.last)
    return Figure(
        metric=metric(name),
        now=now[0][name],
        before=before[0][name],
        trend=[None if row[name] is None else float(str(row[name])) for row in days],
    )


def metric_rows(
    view: View, name: str, by: Sequence[str], first: date | None, last: date | None
) -> list[Row]:
    """Tell a metric by dimensions in some days, narrowed by the filters that it knows.

    Raises:
        MeterhouseError: The metric does not have a dimension, or the snapshot lacks the mart.
    """
    chosen = metric(name)
    asked = {column: getattr(view.filter, one) for one, column in COLUMNS.items()}
    where = {
        column: value
        for column, value in asked.items()
        if value is not None and column in chosen.dimensions
    }
    query = metric_query(name, by, first=first, last=last, where=where)
    return fetch(view, query.sql, query.parameters)


def unknown_filters(chosen: Metric) -> list[str]:
    """Name the filters that a metric cannot be narrowed by."""
    return [name for name, column in COLUMNS.items() if column not in chosen.dimensions]


def not_narrowed(view: View, *names: str) -> str:
    """Say which of these filters are set although a figure does not know them."""
    asked = [name for name in names if getattr(view.filter, name) is not None]
    return f"not narrowed by {', '.join(asked)}" if asked else ""


def caution(view: View, *names: str) -> str:
    """Say the same as a sentence to add to others."""
    said = not_narrowed(view, *names)
    return f" {said.capitalize()}." if said else ""


def show_of(chosen: Metric) -> text.Show:
    """Give how values of a metric read."""
    if chosen.unit == "USD":
        return text.money
    if chosen.unit.startswith("USD"):
        return text.rate
    return {"ratio": text.percent}.get(chosen.unit, partial(text.measure, unit=chosen.unit))


def axis_of(chosen: Metric) -> str:
    """Give how an axis writes values of a metric."""
    if chosen.unit.startswith("USD"):
        return "$,.2~s"
    return ".0%" if chosen.unit == "ratio" else ",.3~s"


def term_of(chosen: Metric) -> Term:
    """Give the entry of the glossary that defines a metric."""
    return ("metric", chosen.name)
