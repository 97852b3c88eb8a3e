"""When to kill a run: moments told by what it printed and by what lies in its folder."""

import random
from collections.abc import Callable
from pathlib import Path

from product import Outcome

Moment = Callable[[Outcome], bool]


def while_landing(data: Path) -> Moment:
    """Once one of several new files is landed."""
    manifests = data / "landing" / "_manifests"
    before = _count(manifests, "*/*.json")
    return lambda _: _count(manifests, "*/*.json") > before


def while_auditing(_: Path) -> Moment:
    return lambda outcome: "Landing " in outcome.text


def while_dbt_writes(data: Path) -> Moment:
    """Once dbt has changed the working database."""
    before = _state(data / "warehouse")
    return lambda _: _state(data / "warehouse") != before


def while_publishing(data: Path) -> Moment:
    """Once the new snapshot is begun beside the current one."""
    return lambda _: _count(data / "published", ".unfinished-*") > 0


def at_random(seconds: float) -> Callable[[Path], Moment]:
    """Within the first seconds; the outcome tells when it was."""
    moment = random.SystemRandom().uniform(0.5, seconds)
    return lambda _: lambda outcome: outcome.seconds > moment


def _count(folder: Path, pattern: str) -> int:
    return sum(1 for _ in folder.glob(pattern))


def _state(folder: Path) -> dict[str, tuple[int, int]]:
    found = {}
    for path in folder.glob("*.duckdb*"):
        try:
            status = path.stat()
        except FileNotFoundError:  # dbt removed it meanwhile
            continue
        found[path.name] = (status.st_size, status.st_mtime_ns)
    return found
