"""The current snapshot for many requests at once; a new one is taken up with the next request."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Lock

import duckdb

from pipelines.publish import read_current
from pipelines.settings import Settings


class Snapshots:
    """One read-only connection to the current snapshot, and a cursor of it for each request."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._opened = ExitStack()
        self._path: Path | None = None
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._kept: dict[str, object] = {}

    @contextmanager
    def cursor(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[str, object]]]:
        """Lend a connection to the snapshot that is current now, and what is kept for it.

        A publication meanwhile does not disturb it: a cursor keeps the file it was opened on.

        Raises:
            MeterhouseError: Nothing has been published, or the file cannot be opened.
        """
        with self._lock:
            cursor, kept = self._current().cursor(), self._kept
        try:
            yield cursor, kept
        finally:
            cursor.close()

    def close(self) -> None:
        """Let go of the snapshot."""
        with self._lock:
            self._opened.close()
            self._connection = None

    def _current(self) -> duckdb.DuckDBPyConnection:
        path = self._settings.current.resolve()
        if self._connection is None or path != self._path:
            opened = ExitStack()
            connection = opened.enter_context(read_current(self._settings))
            _confine(connection)
            self._opened.close()
            self._opened, self._connection, self._path = opened, connection, path
            self._kept = {}
        return self._connection


def _confine(connection: duckdb.DuckDBPyConnection) -> None:
    """Put everything but the published tables out of reach of whatever a request asks."""
    ((is_locked,),) = connection.execute("select current_setting('lock_configuration')").fetchall()
    # DuckDB keeps one database for each file of a process: it may have been confined before.
    if not is_locked:
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
