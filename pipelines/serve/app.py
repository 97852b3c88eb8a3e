"""The web application: each address is one question to the snapshot."""

import sys
import traceback
from collections.abc import Callable
from functools import partial, wraps

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from ingest.errors import MeterhouseError
from pipelines.dashboard.blocks import Page
from pipelines.dashboard.page import draw
from pipelines.dashboard.pages import PAGES
from pipelines.dashboard.view import open_view
from pipelines.serve.addresses import address, asked_filter
from pipelines.serve.drill import CHARGES, explanation
from pipelines.serve.guard import Guard
from pipelines.serve.rendering import ASSETS, render, render_error, render_text
from pipelines.serve.snapshots import Snapshots
from pipelines.serve.table_csv import section_csv
from pipelines.settings import Settings

Answer = Callable[[Request], Response]

_PAGES = {page.name: page for page in (*PAGES, CHARGES)}


def make_app(settings: Settings, hosts: tuple[str, ...] | None) -> Starlette:
    """Give the application.

    Args:
        settings: Whose snapshot answers.
        hosts: Names under which it may be asked for, see Guard; None for any.
    """
    snapshots = Snapshots(settings)
    return Starlette(
        routes=[
            Route("/", _to_overview),
            Route("/assets/{name}", _kind(_asset)),
            Route("/explain", _kind(partial(_explain, settings))),
            Route("/{page}", _kind(partial(_page, snapshots))),
            Route("/{page}/{section}.csv", _kind(partial(_csv, snapshots))),
        ],
        middleware=[Middleware(Guard, hosts=hosts)],
        exception_handlers={HTTPException: _no_such_page},
    )


def _kind(answer: Answer) -> Answer:
    """Turn every error into a page; a fault of ours is also told where the server was started."""

    @wraps(answer)
    def answered(request: Request) -> Response:
        try:
            return answer(request)
        except HTTPException:
            raise
        except MeterhouseError as error:
            return HTMLResponse(render_error("This cannot be shown", *error.lines), 400)
        except Exception as error:  # noqa: BLE001 - the last boundary: no traceback reaches a reader
            traceback.print_exc(file=sys.stderr)
            said = f"Meterhouse failed, which it should not: {type(error).__name__}."
            return HTMLResponse(
                render_error("Something is wrong", said, "The server printed the details."), 500
            )

    return answered


def _to_overview(_request: Request) -> Response:
    return RedirectResponse("/overview")


def _page(snapshots: Snapshots, request: Request) -> Response:
    page = _known(request.path_params["page"])
    asked = asked_filter(request.query_params)
    with snapshots.cursor() as (connection, kept):
        view = open_view(
            connection,
            asked,
            days=page.days,
            drill=partial(address, "/charges", asked),
            page=lambda name: address(f"/{name}", asked),
            kept=kept,
        )
        return HTMLResponse(render(page, view, asked))


def _csv(snapshots: Snapshots, request: Request) -> Response:
    page = _known(request.path_params["page"])
    asked = asked_filter(request.query_params)
    wanted = request.path_params["section"]
    with snapshots.cursor() as (connection, kept):
        drawn = draw(page, open_view(connection, asked, days=page.days, kept=kept))
    for section in drawn.sections:
        if section.name == wanted:
            name = f'attachment; filename="meterhouse-{section.name}.csv"'
            return Response(
                section_csv(section), media_type="text/csv", headers={"Content-Disposition": name}
            )
    raise HTTPException(404)


def _explain(settings: Settings, request: Request) -> Response:
    cost_id = request.query_params.get("id", "").strip()
    return HTMLResponse(render_text(f"Explain {cost_id}", explanation(settings, cost_id)))


def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in ASSETS:
        raise HTTPException(404)
    kind, give = ASSETS[name]
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(give(), media_type=kind, headers=kept)


def _known(name: str) -> Page:
    if name not in _PAGES:
        raise HTTPException(404)
    return _PAGES[name]


async def _no_such_page(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return HTMLResponse(render_error("There is no such page"), status)
