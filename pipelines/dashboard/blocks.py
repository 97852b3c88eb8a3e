"""What pages are made of: tiles, and sections of charts with the table of what they show."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pipelines.dashboard.chart_parts import Spec
from pipelines.dashboard.queries import Row
from pipelines.dashboard.text import Show, words
from pipelines.dashboard.text import day as show_day
from pipelines.dashboard.text import measured as measured_as
from pipelines.dashboard.text import month as show_month
from pipelines.dashboard.view import PERIOD_DAYS, View

Term = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table: which value, how it reads, and the mart column that defines it.

    Attributes:
        show: How the value reads.
        is_long: Whether it is text that may take several lines.
        show_row: How it reads where that depends on other values of its row.
        link: Where it leads, from its row; None leads nowhere.
    """

    key: str
    heading: str
    term: Term
    show: Show
    is_number: bool = False
    is_long: bool = False
    show_row: Callable[[Row], str] | None = None
    link: Callable[[Row], str | None] | None = None

    def read(self, row: Row) -> str:
        """Give the text of the cell."""
        return self.show_row(row) if self.show_row else self.show(row[self.key])


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One figure at the top.

    Attributes:
        page: Address of what is behind it.
        trend: Its value on each day of the period, None where unknown; drawn if there are two.
    """

    heading: str
    value: str
    note: str
    term: Term
    page: str
    is_alarm: bool = False
    trend: Sequence[float | None] = field(default=())


@dataclass(frozen=True, kw_only=True)
class Plot:
    """One chart with its own small heading; a chart with a switch has both scales."""

    name: str
    heading: str
    spec: Spec
    note: str = ""
    has_log_switch: bool = False
    is_alarm: bool = False


@dataclass(frozen=True, kw_only=True)
class Section:
    """Charts and the table of what they show; without rows, what to do to get some."""

    name: str
    heading: str
    lead: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    empty: str
    plots: Sequence[Plot] = field(default=())
    table_is_open: bool = False
    table_note: str = ""


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page: its sections, and which filters its figures heed.

    Attributes:
        name: Its address, a plain word.
        filters: Names of Filter's fields, or 'period', 'before' and 'explorer' for several.
        days: Length of the period that nobody asked for.
        still: Sections in their place where nothing can be chosen; none if they are the same.
    """

    name: str
    heading: str
    sections: Sequence[Callable[[View], Section]]
    filters: Sequence[str] = field(default=())
    days: int = PERIOD_DAYS
    still: Sequence[Callable[[View], Section]] = field(default=())
    tiles: Callable[[View], Sequence[Tile]] | None = None


def number(
    key: str,
    heading: str,
    show: Show,
    term: Term,
    *,
    show_row: Callable[[Row], str] | None = None,
) -> Column:
    """Name a column whose values line up on the right."""
    return Column(key=key, heading=heading, show=show, term=term, is_number=True, show_row=show_row)


def measured(key: str, heading: str, term: Term, *, missing: str = "") -> Column:
    """Name a column of amounts whose unit is the measure of their row."""

    def show_row(row: Row) -> str:
        return missing if row[key] is None else measured_as(row["measure"])(row[key])

    return number(key, heading, words, term, show_row=show_row)


def label(
    key: str,
    heading: str,
    term: Term,
    *,
    link: Callable[[Row], str | None] | None = None,
    is_long: bool = False,
) -> Column:
    """Name a column of plain words."""
    return Column(key=key, heading=heading, show=words, term=term, link=link, is_long=is_long)


def day(key: str, heading: str, term: Term) -> Column:
    """Name a column of UTC days."""
    return Column(key=key, heading=heading, show=show_day, term=term)


def month(key: str, heading: str, term: Term) -> Column:
    """Name a column of UTC months."""
    return Column(key=key, heading=heading, show=show_month, term=term)
