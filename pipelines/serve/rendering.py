"""Pages and errors as HTML for a browser of this server."""

import hashlib
from collections.abc import Callable
from functools import cache
from html import escape
from pathlib import Path

from pipelines.dashboard.blocks import Page, Section
from pipelines.dashboard.overview import state_line
from pipelines.dashboard.page import (
    FOLDER,
    Drawn,
    definitions_html,
    draw,
    frame,
    page_html,
    specs_json,
    vega,
)
from pipelines.dashboard.pages import PAGES
from pipelines.dashboard.queries import rows_of
from pipelines.dashboard.view import Filter, View
from pipelines.serve.addresses import address
from pipelines.serve.drill import CHARGES
from pipelines.serve.form import form_html

_FRAME = Path(__file__).with_name("served.html")

ASSETS: dict[str, tuple[str, Callable[[], str]]] = {
    "vega.js": ("text/javascript", vega),
    "page.js": ("text/javascript", lambda: (FOLDER / "page.js").read_text(encoding="utf-8")),
    "page.css": ("text/css", lambda: (FOLDER / "page.css").read_text(encoding="utf-8")),
}


def render(page: Page, view: View, asked: Filter) -> str:
    """Draw a page under a filter."""
    drawn = draw(page, view)

    def download(section: Section) -> str:
        return address(f"/{page.name}/{section.name}.csv", asked)

    (facts,) = rows_of(view, "state")
    return _framed(
        title=page.heading,
        state=state_line(facts),
        here=page.name,
        asked=asked,
        form=form_html(page, view, asked),
        body=page_html(drawn, download=download),
        drawn=drawn,
        definitions=definitions_html(view, drawn.terms),
    )


def render_text(title: str, lines: str) -> str:
    """Show plain text as it is."""
    body = f"<h2>{escape(title)}</h2><pre>{escape(lines)}</pre>"
    return _framed(title=title, asked=Filter(), body=body)


def render_error(title: str, *lines: str) -> str:
    """Say what is wrong, and what to do."""
    said = "".join(f"<p>{escape(line)}</p>" for line in lines)
    back = '<p><a href="/overview">Back to the overview</a></p>'
    return _framed(title=title, asked=Filter(), body=f"<h2>{escape(title)}</h2>{said}{back}")


def _framed(
    *,
    title: str,
    asked: Filter,
    body: str,
    state: str = "",
    here: str = "",
    form: str = "",
    definitions: str = "",
    drawn: Drawn | None = None,
) -> str:
    links = (
        f'<a href="{escape(address(f"/{page.name}", asked))}"'
        f"{' aria-current=page' * (page.name == here)}>{escape(page.heading)}</a>"
        for page in (*PAGES, CHARGES)
    )
    return frame(
        _FRAME,
        title=escape(title),
        version=version(),
        state=escape(state),
        navigation="".join(links),
        form=form,
        body=body,
        definitions=definitions,
        specs=specs_json(drawn.specs if drawn else {}),
    )


@cache
def version() -> str:
    """Name the assets by their content: a browser keeps them for as long as they are the same."""
    content = "".join(give() for _, give in ASSETS.values())
    return hashlib.sha256(content.encode()).hexdigest()[:12]
