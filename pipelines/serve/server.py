"""Start the server: on this machine alone unless told otherwise."""

import socket
from collections.abc import Callable
from ipaddress import ip_address

import uvicorn

from ingest.errors import MeterhouseError
from pipelines.dashboard.page import draw
from pipelines.dashboard.pages import PAGES
from pipelines.dashboard.view import open_view
from pipelines.publish import read_current
from pipelines.serve.app import make_app
from pipelines.serve.guard import LOOPBACK
from pipelines.serve.rendering import version
from pipelines.settings import Settings


def serve_dashboard(
    settings: Settings, *, host: str, port: int, say: Callable[[str], None] = print
) -> None:
    """Answer until stopped (Ctrl-C or SIGTERM).

    Args:
        settings: Whose snapshot answers.
        host: Name or address to listen on. Off loopback everyone who reaches it reads everything.
        port: Its port; 0 for any free one.
        say: Told where to look, before the first answer.

    Raises:
        MeterhouseError: Nothing is published, or the address cannot be had.
    """
    with read_current(settings) as connection:
        # Each kind of chart is checked once, which nobody should wait for.
        draw(PAGES[0], open_view(connection))
    is_local = is_loopback(host)
    listener = _listen(host, port)
    config = uvicorn.Config(
        make_app(settings, LOOPBACK if is_local else None),
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="off",
    )
    version()
    shown = f"[{host}]" if ":" in host else host
    say(f"Dashboard  http://{shown}:{listener.getsockname()[1]}/ (stop it with Ctrl-C)")
    say(
        "There is no login: only this machine can open it."
        if is_local
        else "There is no login: EVERYONE who reaches this address reads every figure. Put a proxy "
        "with a login before it."
    )
    uvicorn.Server(config).run(sockets=[listener])


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise MeterhouseError(
            f"{host}:{port} cannot be listened on: {error}", "Choose another with --port."
        ) from error
