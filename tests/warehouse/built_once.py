"""A company that one of the test processes builds, and that all of them read."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest


def built_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], object]) -> Path:
    """The folder that `build` filled, in this process or in another of the same test session.

    Whoever comes while it is being built waits. One that failed is built anew by each that asks,
    so that the tests of every process fail.
    """
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    with (root / f"{name}.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        if not (built := lock.read()):
            built = f"{name}-{uuid4().hex[:8]}"
            build(root / built)
            lock.write(built)
        return root / built
