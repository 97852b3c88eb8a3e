"""Pieces of the page as HTML; every text that comes from data passes through `html.escape`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from pipelines.dashboard import text
from pipelines.dashboard.charts import Spec
from pipelines.dashboard.queries import Row
from pipelines.dashboard.text import Show

Term = tuple[str, str]

# Longer tables are cut on the page: the snapshot holds every row.
_TABLE_ROWS = 400


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table: which value, how it reads, and the mart column that defines it."""

    key: str
    heading: str
    show: Show
    term: Term
    is_number: bool = False


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One figure at the top."""

    heading: str
    value: str
    note: str
    term: Term
    is_alarm: bool = False


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


def tile_html(tile: Tile) -> str:
    """Lay out one tile; its heading leads to its definition."""
    alarm = " alarm" if tile.is_alarm else ""
    return (
        f'<div class="tile{alarm}"><dt>{_link(tile.heading, tile.term)}</dt>'
        f"<dd>{escape(tile.value)}<small>{escape(tile.note)}</small></dd></div>"
    )


def section_html(section: Section) -> str:
    """Lay out charts first, then their table."""
    lead = f"<p>{escape(section.lead)}</p>"
    body = f'<p class="empty">{escape(section.empty)}</p>'
    if section.rows:
        plots = "".join(_plot_html(plot) for plot in section.plots)
        body = f'<div class="plots">{plots}</div>{_table_html(section)}'
    return f'<section id="{section.name}"><h2>{escape(section.heading)}</h2>{lead}{body}</section>'


def glossary_html(terms: Iterable[Term], definitions: Mapping[Term, Row]) -> str:
    """Define each used column in the words of the marts."""
    entries = []
    for table, column in sorted(set(terms)):
        known = definitions.get((table, column), {})
        comment = known.get("comment") or "The snapshot holds no description of this column."
        unit = str(known.get("data_type", "")).lower()
        entries.append(
            f'<div id="{_anchor((table, column))}"><dt><code>{escape(table)}.<wbr>'
            f"{escape(column)}</code> <small>{escape(unit)}</small></dt>"
            f"<dd>{escape(str(comment))}</dd></div>"
        )
    return "".join(entries)


def _plot_html(plot: Plot) -> str:
    switch = ""
    if plot.has_log_switch:
        switch = '<label class="switch"><input type="checkbox" checked> logarithmic scale</label>'
    alarm = ' class="alarm"' if plot.is_alarm else ""
    note = f" <small{alarm}>{escape(plot.note)}</small>" if plot.note else ""
    return (
        f"<figure><figcaption><h3>{escape(plot.heading)}</h3>{note}{switch}</figcaption>"
        f'<div class="chart" data-plot="{plot.name}"></div></figure>'
    )


def _table_html(section: Section) -> str:
    rows = section.rows[:_TABLE_ROWS]
    head = "".join(
        f'<th scope="col"{_number(column)}>{_link(column.heading, column.term)}</th>'
        for column in section.columns
    )
    body = "".join(f"<tr>{_cells(section.columns, row)}</tr>" for row in rows)
    total = len(section.rows)
    label = text.rows(total) if total == len(rows) else f"first {len(rows)} of {text.rows(total)}"
    is_open = " open" if section.table_is_open else ""
    return (
        f"<details{is_open}><summary>Table: {label}</summary><div class='scroll' tabindex='0'>"
        f"<table><caption>{escape(section.heading)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div></details>"
    )


def _cells(columns: Sequence[Column], row: Row) -> str:
    return "".join(
        f"<td{_number(column)}>{escape(column.show(row[column.key]))}</td>" for column in columns
    )


def _number(column: Column) -> str:
    return ' class="number"' if column.is_number else ""


def _link(heading: str, term: Term) -> str:
    return f'<a href="#{_anchor(term)}">{escape(heading)}</a>'


def _anchor(term: Term) -> str:
    return f"def-{term[0]}-{term[1]}"
