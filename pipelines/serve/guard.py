"""What every answer passes: only reading, only names of this machine, and headers that forbid."""

from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("localhost", "127.0.0.1", "::1")

_HEADERS = {
    # Charts set colors as styles; nothing is loaded from elsewhere and no script is inline.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Refuse what is not a question to this machine.

    Args:
        app: What answers.
        hosts: Names that a browser may have asked for; None for any. A page of another site can
            make its own name lead to 127.0.0.1 and so read what is here: its name is not ours.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str] | None) -> None:
        self._app = app
        self._hosts = None if hosts is None else frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._chosen(scope)(scope, receive, send_guarded)

    def _chosen(self, scope: Scope) -> ASGIApp:
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("Only reading is possible here.", status_code=405)
        if self._hosts is not None and _host(scope) not in self._hosts:
            return PlainTextResponse(
                "This name does not belong to the dashboard. Open it as localhost.",
                status_code=403,
            )
        return self._app


def _host(scope: Scope) -> str:
    """The name of the host without its port; '' without one or with more than one."""
    values = Headers(scope=scope).getlist("host")
    name = values[0] if len(values) == 1 else ""
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0].lower()
