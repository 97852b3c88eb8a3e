"""A sealed connection to the newest snapshot: it reads that file and touches nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

import duckdb

from pipelines.publish import read_current
from pipelines.settings import Settings


@contextmanager
def read_sealed(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the newest snapshot for SQL that a person writes.

    Read-only alone would still let a query write files (`copy ... to`) and read any other one;
    both are switched off for good. What does not fit into memory goes to a folder of its own,
    since the published folder may be one that analysts cannot write to.

    Raises:
        MeterhouseError: Nothing has been published yet, or the file cannot be opened.
    """
    with (
        TemporaryDirectory(prefix="meterhouse-") as spill,
        read_current(settings) as connection,
    ):
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set temp_directory = '" + spill.replace("'", "''") + "'")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield connection
