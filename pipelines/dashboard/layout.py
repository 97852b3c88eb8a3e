"""Pieces of a page as HTML; every text that comes from data passes through `html.escape`."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from pipelines.dashboard import text
from pipelines.dashboard.blocks import Column, Plot, Section, Term, Tile
from pipelines.dashboard.queries import Row
from pipelines.dashboard.sparkline import sparkline_svg

# Longer tables are cut on the page: the snapshot holds every row.
_TABLE_ROWS = 200


def tiles_html(tiles: Sequence[Tile]) -> str:
    """Lay out tiles in a grid; without tiles nothing."""
    parts = "".join(_tile_html(tile) for tile in tiles)
    return f'<dl class="tiles">{parts}</dl>' if parts else ""


def _tile_html(tile: Tile) -> str:
    alarm = " alarm" if tile.is_alarm else ""
    trend = sparkline_svg(tile.trend, f"Trend of {tile.heading.lower()}")
    return (
        f'<div class="tile{alarm}"><dt>{_link(tile.heading, tile.term)}</dt>'
        f'<dd><a href="{escape(tile.page)}">{escape(tile.value)}</a>{trend}<small>'
        f"{escape(tile.note)}</small></dd></div>"
    )


def section_html(section: Section, *, download: str | None = None) -> str:
    """Lay out charts first, then their table.

    Args:
        section: What to show.
        download: Where its rows are given as CSV.
    """
    lead = f"<p>{escape(section.lead)}</p>"
    body = f'<p class="empty">{escape(section.empty)}</p>'
    if section.rows:
        plots = "".join(_plot_html(plot) for plot in section.plots)
        plots = f'<div class="plots">{plots}</div>' if plots else ""
        body = f"{plots}{_table_html(section, download)}"
    return f'<section id="{section.name}"><h3>{escape(section.heading)}</h3>{lead}{body}</section>'


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
    return f'<dl class="glossary">{"".join(entries)}</dl>'


def _plot_html(plot: Plot) -> str:
    switch = ""
    if plot.has_log_switch:
        switch = '<label class="switch"><input type="checkbox" checked> logarithmic scale</label>'
    alarm = ' class="alarm"' if plot.is_alarm else ""
    note = f" <small{alarm}>{escape(plot.note)}</small>" if plot.note else ""
    return (
        f"<figure><figcaption><h4>{escape(plot.heading)}</h4>{note}{switch}</figcaption>"
        f'<div class="chart" data-plot="{plot.name}"></div></figure>'
    )


def _table_html(section: Section, download: str | None) -> str:
    rows = section.rows[:_TABLE_ROWS]
    head = "".join(
        f'<th scope="col"{_kind(column)}>{_link(column.heading, column.term)}</th>'
        for column in section.columns
    )
    body = "".join(f"<tr>{_cells(section.columns, row)}</tr>" for row in rows)
    total = len(section.rows)
    label = text.rows(total)
    if total > len(rows):
        label = f"first {len(rows)} of {label}"
    label += f"; {section.table_note}" if section.table_note else ""
    is_open = " open" if section.table_is_open or not section.plots else ""
    csv = f'<a class="csv" href="{escape(download)}">CSV</a>' if download else ""
    return (
        f"<div class='table'>{csv}<details{is_open}><summary>Table: {escape(label)}</summary>"
        f"<div class='scroll' tabindex='0' role='region' aria-label='{escape(section.heading)}'>"
        f"<table><caption>{escape(section.heading)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div></details></div>"
    )


def _cells(columns: Sequence[Column], row: Row) -> str:
    return "".join(f"<td{_kind(column)}>{_cell(column, row)}</td>" for column in columns)


def _cell(column: Column, row: Row) -> str:
    shown = escape(column.read(row))
    address = column.link(row) if column.link else None
    return f'<a href="{escape(address)}">{shown}</a>' if address else shown


def _kind(column: Column) -> str:
    if column.is_number:
        return ' class="number"'
    return ' class="long"' if column.is_long else ""


def _link(heading: str, term: Term) -> str:
    return f'<a href="#{_anchor(term)}">{escape(heading)}</a>'


def _anchor(term: Term) -> str:
    return f"def-{term[0]}-{term[1]}"
