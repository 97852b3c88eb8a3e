"""Processes that call functions of this program on the machine's other cores.

They are started as `python -m ingest.worker` and not forked, since Polars must not be, nor by
multiprocessing, which would import the caller's own program anew in each of them: a notebook, a
script without a guard, all of Dagster. They end by themselves as soon as their parent is gone,
however it went.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Hashable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType
from typing import Any, Final

# A third core would be welcome; a third half gigabyte is not.
MOST: Final = 2

Function = Callable[..., Any]


class ProcessEndedError(Exception):
    """A process was gone before its call had ended: killed, or out of memory."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a call.

    Attributes:
        key: Of the call.
        result: What the function returned.
        error: What it raised.
    """

    key: Any
    result: Any = None
    error: BaseException | None = None


class Workers:
    """Calls functions in processes of their own, or at once where there are none."""

    def __init__(self, count: int = 0) -> None:
        """Prepare for at most so many processes; each starts when it is first needed."""
        self.count = count
        self._idle: list[_Worker] = []
        self._busy: dict[Connection[Any, Any], tuple[_Worker, Hashable]] = {}
        self._done: list[Outcome] = []

    def __enter__(self) -> "Workers":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for worker in (*self._idle, *(worker for worker, _ in self._busy.values())):
            worker.end()

    @property
    def is_idle(self) -> bool:
        """Whether no call is under way and no outcome waits."""
        return not self._busy and not self._done

    def submit(self, key: Hashable, function: Function, *args: object) -> None:
        """Call a function of a module in a free process; here if it cannot be sent there.

        Args:
            key: Names the call in its outcome.
            function: Known by the name of its module.
            args: Values that can be pickled, or the call is made here.
        """
        message = _pickled(function, args) if self.count else None
        if message is None:
            self._done.append(_called(key, function, args))
            return
        worker = self._idle.pop() if self._idle else _Worker()
        self._busy[worker.connection] = (worker, key)
        # A process that ended meanwhile is seen when its outcome is asked for.
        with suppress(OSError):
            worker.connection.send_bytes(message)

    def outcomes(self, *, until_idle: bool) -> Iterator[Outcome]:
        """Outcomes as they come: until a process is free, or until all calls have ended."""
        while self._done:
            yield self._done.pop(0)
        while self._busy and (until_idle or len(self._busy) >= self.count):
            for connection in wait(list(self._busy)):
                if isinstance(connection, Connection):
                    yield self._received(connection)

    def _received(self, connection: "Connection[Any, Any]") -> Outcome:
        worker, key = self._busy.pop(connection)
        try:
            result, error = connection.recv()
        except (EOFError, OSError):
            return Outcome(key=key, error=worker.died())
        self._idle.append(worker)
        return Outcome(key=key, result=result, error=error)


class _Worker:
    """One process and the way to it."""

    def __init__(self) -> None:
        self.connection, theirs = Pipe()
        with theirs:
            number = theirs.fileno()
            # It finds what its parent found, whatever put it on the path.
            path = os.pathsep.join(place or str(Path.cwd()) for place in sys.path)
            self._process = subprocess.Popen(  # noqa: S603 - no shell, nothing from outside
                [sys.executable, "-P", "-m", "ingest.worker", str(number)],
                pass_fds=[number],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path, "POLARS_MAX_THREADS": "1"},
            )

    def end(self) -> None:
        """End it, whatever it does."""
        self.connection.close()
        self._process.kill()
        self._process.wait()

    def died(self) -> ProcessEndedError:
        """The error of a process that ended by itself."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1)
        self.end()
        code = self._process.returncode
        return ProcessEndedError(f"the process that read it ended unexpectedly (exit code {code})")


def cores() -> int:
    """How many processes are of use: one a core that this process may use, none where it is one."""
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MOST, own) if own > 1 and sys.executable else 0


def _pickled(function: Function, args: tuple[object, ...]) -> bytes | None:
    try:
        return pickle.dumps((function, args))
    except Exception:  # noqa: BLE001 - whatever its __reduce__ raises, it stays here
        return None


def _called(key: Hashable, function: Function, args: tuple[object, ...]) -> Outcome:
    try:
        return Outcome(key=key, result=function(*args))
    except Exception as error:  # noqa: BLE001 - as in a process of its own, for the caller to judge
        return Outcome(key=key, error=error)
