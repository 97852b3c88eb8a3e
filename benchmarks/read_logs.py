"""Rows and megabytes a second, and peak memory, of reading a gateway log.

Usage: python benchmarks/read_logs.py [MEGABYTES]

Writes that much LiteLLM NDJSON with the simulator, then reads it three ways, each in a process of
its own: with Meterhouse's reader into canonical columns, and, as yardsticks that neither translate
nor reject, with polars.scan_ndjson and DuckDB's read_json over ten columns.
"""

import gzip
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COLUMNS = (
    "request_id",
    "api_key",
    "model",
    "startTime",
    "endTime",
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "team_id",
    "status",
)
DUCKDB_SCAN = """
select count(*), sum(total_tokens), sum(prompt_tokens), sum(completion_tokens), max(request_id),
    max(api_key), max(model), max("startTime"), max("endTime"), max(team_id), max(status)
from read_json(?, format = 'newline_delimited', columns = {
    request_id: 'VARCHAR', api_key: 'VARCHAR', model: 'VARCHAR', startTime: 'VARCHAR',
    endTime: 'VARCHAR', prompt_tokens: 'BIGINT', completion_tokens: 'BIGINT',
    total_tokens: 'BIGINT', team_id: 'VARCHAR', status: 'VARCHAR'})
"""


def meterhouse(log: Path) -> int:
    """Translate every line into the canonical table."""
    from ingest.source import Batch, InputFile
    from ingest.sources import SOURCES

    file = InputFile(path=log, name=log.name, instance="default", sha256="0" * 64)
    return sum(b.frame.height for b in SOURCES["litellm"].read(file) if isinstance(b, Batch))


def polars(log: Path) -> int:
    """Count the rows of a streaming scan."""
    import polars as pl

    scan = pl.scan_ndjson(log, infer_schema_length=1000).select(COLUMNS)
    return int(scan.select(pl.max(*COLUMNS), pl.len()).collect(engine="streaming")["len"][0])


def duckdb(log: Path) -> int:
    """Count the rows of a strict scan with stated columns."""
    import duckdb as db

    return int(db.execute(DUCKDB_SCAN, [str(log)]).fetchall()[0][0])


READERS = {"meterhouse": meterhouse, "polars": polars, "duckdb": duckdb}


def write_log(folder: Path, megabytes: int) -> Path:
    """Repeat simulated days until the file is large enough; ids repeat, reading does not care."""
    from data.simulator import simulate

    simulate(folder / "company", days=10)
    days = sorted((folder / "company" / "inputs" / "litellm").rglob("*.gz"))
    content = b"".join(gzip.decompress(day.read_bytes()) for day in days)
    log = folder / "log.ndjson"
    with log.open("wb") as file:
        while file.tell() < megabytes * 10**6:
            file.write(content)
    return log


def measure(name: str, log: Path) -> None:
    """Print one line for one reader."""
    began = time.perf_counter()
    rows = READERS[name](log)
    seconds = time.perf_counter() - began
    megabytes = log.stat().st_size / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name:<11} {rows:>10,} rows {rows / seconds:>10,.0f} rows/s "
        f"{megabytes / seconds:>7,.0f} MB/s {peak:>7,.0f} MiB peak"
    )


def main() -> None:
    """Write the log once, read it in fresh processes."""
    if len(sys.argv) == 3 and sys.argv[1] in READERS:
        measure(sys.argv[1], Path(sys.argv[2]))
        return
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        log = write_log(Path(folder), megabytes)
        for name in READERS:
            subprocess.run([sys.executable, __file__, name, str(log)], check=True)


if __name__ == "__main__":
    main()
