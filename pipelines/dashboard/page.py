"""Assemble pages: tiles, sections, definitions, and the specifications of the charts."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import chain
from pathlib import Path
from string import Template

import vl_convert
from altair import SCHEMA_VERSION

from pipelines.dashboard.blocks import Page, Section, Term, Tile
from pipelines.dashboard.chart_parts import Spec
from pipelines.dashboard.layout import glossary_html, section_html, tiles_html
from pipelines.dashboard.overview import state_line
from pipelines.dashboard.pages import PAGES
from pipelines.dashboard.queries import Row, rows_of
from pipelines.dashboard.view import View, open_view
from pipelines.metrics import metrics
from pipelines.publish import read_current
from pipelines.settings import Settings

FOLDER = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A page with everything that it shows."""

    page: Page
    tiles: Sequence[Tile]
    sections: Sequence[Section]

    @property
    def specs(self) -> dict[str, Spec]:
        """The charts by name."""
        shown = (part for part in self.sections if part.rows)
        return {plot.name: plot.spec for part in shown for plot in part.plots}

    @property
    def terms(self) -> set[Term]:
        """Every column and metric that a figure leads to."""
        columns = chain.from_iterable(part.columns for part in self.sections if part.rows)
        return {tile.term for tile in self.tiles} | {column.term for column in columns}


def draw(page: Page, view: View, *, still: bool = False) -> Drawn:
    """Ask the snapshot for everything on a page.

    Args:
        page: Which.
        view: Snapshot and filter.
        still: Whether nothing can be chosen: the page is part of a file.

    Raises:
        MeterhouseError: The snapshot lacks a mart.
    """
    makers = page.still if still and page.still else page.sections
    return Drawn(
        page=page,
        tiles=page.tiles(view) if page.tiles else (),
        sections=[make(view) for make in makers],
    )


def page_html(drawn: Drawn, *, download: Callable[[Section], str | None] = lambda _: None) -> str:
    """Lay out one page without its frame."""
    sections = "".join(
        section_html(section, download=download(section)) for section in drawn.sections
    )
    return f"<h2>{escape(drawn.page.heading)}</h2>{tiles_html(drawn.tiles)}{sections}"


def definitions_html(view: View, terms: Iterable[Term]) -> str:
    """Define terms in the words of the marts and of the metrics layer."""
    known: dict[Term, Row] = {
        (str(row["table_name"]), str(row["column_name"])): row
        for row in rows_of(view, "definitions")
    }
    for one in metrics().values():
        formula = one.numerator_sql + (f" / {one.denominator_sql}" if one.denominator_sql else "")
        known["metric", one.name] = {
            "comment": f"{one.description} Computed as {formula} from {one.mart}"
            + (f" where {one.filter_sql}." if one.filter_sql else "."),
            "data_type": one.unit,
        }
    return (
        "<h2>Definitions</h2><p>What the published tables say about each figure. All days and "
        "times are UTC. <code>meterhouse explain ID</code> takes any charge or request apart, down "
        "to log lines, prices and rules; the ids are in <code>fct_charges_hourly</code> and "
        f"<code>fct_usage_events</code>.</p>{glossary_html(terms, known)}"
    )


def frame(template: Path, **parts: str) -> str:
    """Fill a template with parts that are HTML already."""
    return Template(template.read_text(encoding="utf-8")).substitute(parts)


def write_dashboard(settings: Settings) -> Path:
    """Draw the current snapshot as one HTML file that needs no network and no server.

    Returns:
        The file, `published/dashboard.html`. It is replaced in one step.

    Raises:
        MeterhouseError: Nothing has been published yet, or the snapshot lacks a mart.
    """
    with read_current(settings) as connection:
        view = open_view(connection)
        pages = [draw(page, view, still=True) for page in PAGES]
        terms = set(chain.from_iterable(drawn.terms for drawn in pages))
        definitions = definitions_html(view, terms)
        (facts,) = rows_of(view, "state")
    html = frame(
        FOLDER / "page.html",
        style=(FOLDER / "page.css").read_text(encoding="utf-8"),
        script=(FOLDER / "page.js").read_text(encoding="utf-8"),
        vega=vega(),
        specs=specs_json({name: spec for drawn in pages for name, spec in drawn.specs.items()}),
        state=escape(state_line(facts)),
        navigation="".join(
            f'<a href="#{drawn.page.name}">{escape(drawn.page.heading)}</a>' for drawn in pages
        ),
        pages="".join(
            f'<article id="{drawn.page.name}">{page_html(drawn)}</article>' for drawn in pages
        ),
        definitions=definitions,
    )
    unfinished = settings.dashboard.with_name(f".unfinished-{settings.dashboard.name}")
    unfinished.write_text(html, encoding="utf-8")
    return unfinished.replace(settings.dashboard)


@cache
def vega() -> str:
    """Give Vega, Vega-Lite and Vega-Embed as one script, in the release Altair writes for."""
    release = ".".join(SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    bundle = str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=release))
    # Only strings of the bundle can hold these; in a string the escaped form reads the same.
    return bundle.replace("</script", "<\\/script").replace("<!--", "\\u003c!--")


def specs_json(specs: dict[str, Spec]) -> str:
    """Write specifications so that no text in them can end the script that holds them."""
    # Names from ledgers may hold `</script>`; in JSON \u003c reads as the same character.
    return json.dumps(specs, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
