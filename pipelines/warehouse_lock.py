"""The working database has one writer; a killed run may leave its dbt behind for a moment."""

from time import monotonic, sleep

import duckdb

from ingest.errors import MeterhouseError
from pipelines.settings import Settings

PATIENCE_SECONDS = 300.0


def wait_until_unlocked(settings: Settings, patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for whoever writes the warehouse to end; what it wrote is built again anyway.

    Raises:
        MeterhouseError: It is still locked after the given time.
    """
    deadline = monotonic() + patience_seconds
    while settings.warehouse.exists():
        try:
            duckdb.connect(settings.warehouse, read_only=True).close()
        except duckdb.IOException as error:
            if "lock" not in str(error) or monotonic() > deadline:
                raise MeterhouseError(
                    f"{settings.warehouse} cannot be opened: {error}",
                    "End the process that holds it; a damaged file may be deleted: run again.",
                ) from error
            sleep(0.5)
        else:
            return
