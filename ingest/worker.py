"""A process that calls what its parent sends: see ingest.workers."""

import gc
import os
import pickle
import signal
import sys
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Thread
from typing import Any

from ingest.errors import MeterhouseError

Calls = SimpleQueue[tuple[Any, tuple[Any, ...]]]


def serve(connection: "Connection[Any, Any]") -> None:
    """Call what arrives, one after the other, until the parent is gone."""
    calls: Calls = SimpleQueue()
    Thread(target=_receive, args=(connection, calls), daemon=True).start()
    gc.freeze()  # modules stay; looking through them again and again costs a tenth of the time
    while True:
        function, args = calls.get()
        outcome: tuple[Any, Exception | None]
        try:
            outcome = (function(*args), None)
        except Exception as error:  # noqa: BLE001 - its parent judges it
            outcome = (None, error)
        connection.send_bytes(_pickled(outcome))


def _receive(connection: "Connection[Any, Any]", calls: Calls) -> None:
    """Take calls; when the parent is gone, end at once, also in the middle of one."""
    while True:
        try:
            calls.put(connection.recv())
        except (EOFError, OSError):
            os._exit(1)


def _pickled(outcome: tuple[Any, Exception | None]) -> bytes:
    try:
        return pickle.dumps(outcome)
    except Exception:  # noqa: BLE001 - an error with something in it that stays here
        error = MeterhouseError(f"{type(outcome[1]).__name__}, which could not be told further")
        return pickle.dumps((None, error))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it
    serve(Connection(int(sys.argv[1])))
