"""Assemble the page: tiles, sections, glossary, and the specifications with the Vega bundle."""

import json
from functools import cache
from html import escape
from itertools import chain
from pathlib import Path
from string import Template

import vl_convert
from altair import SCHEMA_VERSION

from pipelines.dashboard import causes, gpus, outlook, sections, text, trust
from pipelines.dashboard.charts import Spec
from pipelines.dashboard.layout import Section, Term, Tile, glossary_html, section_html, tile_html
from pipelines.dashboard.queries import Row, rows_of
from pipelines.publish import read_current
from pipelines.settings import Settings

_FOLDER = Path(__file__).parent

_SECTIONS = (
    sections.unit_cost,
    sections.models,
    sections.teams,
    causes.why_it_grew,
    outlook.quotas,
    gpus.utilization,
    gpus.idle_cost,
    outlook.demand,
    trust.unpriced,
    trust.quality,
)


def write_dashboard(settings: Settings) -> Path:
    """Draw the current snapshot as one HTML file that needs no network and no server.

    Returns:
        The file, `published/dashboard.html`. It is replaced in one step.

    Raises:
        MeterhouseError: Nothing has been published yet, or the snapshot lacks a mart.
    """
    with read_current(settings) as connection:
        facts = rows_of(connection, "tiles")[0]
        tiles = trust.tiles(facts, rows_of(connection, "quotas"))
        parts = [make(connection) for make in _SECTIONS]
        definitions = rows_of(connection, "definitions")
    page = _page(facts, tiles, parts, definitions)
    unfinished = settings.dashboard.with_name(f".unfinished-{settings.dashboard.name}")
    unfinished.write_text(page, encoding="utf-8")
    return unfinished.replace(settings.dashboard)


def _page(facts: Row, tiles: list[Tile], parts: list[Section], definitions: list[Row]) -> str:
    specs = {plot.name: plot.spec for part in parts if part.rows for plot in part.plots}
    known: dict[Term, Row] = {
        (str(row["table_name"]), str(row["column_name"])): row for row in definitions
    }
    return Template((_FOLDER / "page.html").read_text(encoding="utf-8")).substitute(
        style=(_FOLDER / "page.css").read_text(encoding="utf-8"),
        script=(_FOLDER / "page.js").read_text(encoding="utf-8"),
        vega=_vega(),
        specs=_json(specs),
        state=escape(_state(facts)),
        navigation="".join(f'<a href="#{part.name}">{escape(part.heading)}</a>' for part in parts),
        tiles="".join(tile_html(tile) for tile in tiles),
        sections="".join(section_html(part) for part in parts),
        glossary=glossary_html(_terms(tiles, parts), known),
    )


def _terms(tiles: list[Tile], parts: list[Section]) -> set[Term]:
    columns = chain.from_iterable(part.columns for part in parts if part.rows)
    return {tile.term for tile in tiles} | {column.term for column in columns}


def _state(facts: Row) -> str:
    prices = facts["price_snapshot"]
    return (
        f"Data through {text.day(facts['data_through'])}, published "
        f"{text.moment(facts['published_at'])}, charts of the last 12 months, "
        f"Meterhouse {facts['meterhouse_version']}" + (f", price list {prices}" if prices else "")
    )


@cache
def _vega() -> str:
    """Give Vega, Vega-Lite and Vega-Embed as one script, in the release Altair writes for."""
    release = ".".join(SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    bundle = str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=release))
    # Only strings of the bundle can hold these; in a string the escaped form reads the same.
    return bundle.replace("</script", "<\\/script").replace("<!--", "\\u003c!--")


def _json(specs: dict[str, Spec]) -> str:
    # Names from ledgers may hold `</script>`; in JSON \u003c reads as the same character.
    return json.dumps(specs, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
