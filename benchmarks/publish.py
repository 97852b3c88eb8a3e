"""How long a publication takes and whether readers notice it.

Usage: python benchmarks/publish.py [GIGABYTES]

Makes a warehouse of about that size (2 by default) out of random numbers, which do not compress,
and publishes it three times while two readers, each a process of its own, query the current
snapshot without a pause. Their slowest query tells whether anyone waited.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from pipelines.publish import publish
from pipelines.settings import Settings
from pipelines.snapshot_manifest import sha256

PUBLICATIONS = 3
_ROWS_PER_GIGABYTE = 15_600_000  # of 9 random columns of 8 bytes and a running number
_STAMP = datetime(2026, 1, 1)  # noqa: DTZ001 naive UTC by contract
_READER = """
import sys, time
from pathlib import Path
from pipelines.publish import read_current
from pipelines.settings import Settings
settings, stop = Settings(data=Path(sys.argv[1])), Path(sys.argv[2])
slowest, queries = 0.0, 0
print("ready", flush=True)
while not stop.exists():
    begun = time.perf_counter()
    with read_current(settings) as connection:
        connection.execute("select count(*), max(c0) from fct_sample").fetchall()
    slowest, queries = max(slowest, time.perf_counter() - begun), queries + 1
    time.sleep(0.05)
print(queries, slowest)
"""


def main() -> None:
    """Publish under readers and print what each saw."""
    gigabytes = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), snapshots_kept=1)
        _make_warehouse(settings, gigabytes)
        size = settings.warehouse.stat().st_size / 1e9
        print(f"warehouse {size:.2f} GB")
        publish(settings, stamp=_STAMP)
        calm = _read_while(settings, lambda: time.sleep(5))
        print(f"undisturbed: {calm}")
        busy = _read_while(settings, lambda: _publish_often(settings))
        print(f"while publishing: {busy}")
        begun = time.perf_counter()
        sha256(settings.current.resolve())
        print(f"of it SHA-256: {time.perf_counter() - begun:.1f} s")


def _make_warehouse(settings: Settings, gigabytes: float) -> None:
    settings.warehouse.parent.mkdir(parents=True)
    columns = ", ".join(f"random() as c{place}" for place in range(9))
    with duckdb.connect(settings.warehouse) as connection:
        connection.execute("set memory_limit = '2GB'")
        connection.execute(
            f"create table fct_sample as select {columns}, i as id "  # noqa: S608 constants
            f"from range({int(gigabytes * _ROWS_PER_GIGABYTE)}) r(i)"
        )
        connection.execute("create table dim_small as select 1 as one")


def _publish_often(settings: Settings) -> None:
    for number in range(1, PUBLICATIONS + 1):
        begun = time.perf_counter()
        publish(settings, stamp=_STAMP + timedelta(seconds=number))
        print(f"publication {number}: {time.perf_counter() - begun:.1f} s")


def _read_while(settings: Settings, work: Callable[[], None]) -> str:
    stop = settings.data / "stop"
    stop.unlink(missing_ok=True)
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", _READER, settings.data, stop], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for reader in readers:
        assert reader.stdout is not None  # noqa: S101
        reader.stdout.readline()
    work()
    stop.touch()
    said = [reader.communicate()[0].split() for reader in readers]
    if any(reader.returncode for reader in readers):
        raise SystemExit("a reader failed")
    queries = sum(int(count) for count, _ in said)
    return f"{queries} queries, the slowest {max(float(slow) for _, slow in said):.2f} s"


if __name__ == "__main__":
    main()
