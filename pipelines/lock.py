"""One run at a time in a data folder, whether the command or Dagster started it."""

import fcntl
from typing import TextIO

from ingest.errors import MeterhouseError
from pipelines.settings import Settings

# Open for as long as this process lives; the kernel lets go of it however the process ends.
_held: dict[str, TextIO] = {}


def hold_run_lock(settings: Settings) -> None:
    """Keep the folder for this process; a second call in the same process changes nothing.

    Raises:
        MeterhouseError: Another process runs in this folder.
    """
    path = settings.state / "run.lock"
    if str(path) in _held:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise MeterhouseError(
            f"Another run is under way in {settings.data}; wait for it to end."
        ) from None
    _held[str(path)] = lock
