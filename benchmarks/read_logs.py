"""Rows and megabytes a second, and peak memory, of reading and landing logs.

Usage: python benchmarks/read_logs.py [FORMAT=MEGABYTES ...]

Without arguments 1,000 MB of LiteLLM and 50 MB of each other format. Each log is read several
ways, each in a process of its own that has read a little of it before the clock starts: by
Meterhouse's reader into canonical columns; landed whole, from the hash of its bytes to Parquet and
manifest, on all cores; and, as yardsticks that neither translate nor reject, by
polars.scan_ndjson and DuckDB's read_json as they come: all columns, of types they infer, into
memory; DuckDB also only counting them. Four more ways tell what LiteLLM's rows cost at least:
msgspec alone, the part of our reader that no Python can avoid; DuckDB with all fields that our
reader takes, counted and written as Parquet; and DuckDB with ten columns, passing over the rest.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from field_types import ROWS, fields_of
from log_files import (
    FORMATS,
    STORED,
    input_file,
    rows_of,
    source_of,
    spans_of,
    write_log,
)

from ingest.sources import SOURCES

DEFAULT_MEGABYTES = {"litellm": 1000}
OTHER_MEGABYTES = 50
HEAD_BYTES = 100_000
NDJSON = {*FORMATS} - {"vllm", "dcgm_exporter", "nvidia_smi", *STORED}
INFERRED = "read_json(?, format = 'newline_delimited')"
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
DUCKDB_TYPES = ", ".join(
    f"\"{name}\": '{'BIGINT' if name.endswith('_tokens') else 'VARCHAR'}'" for name in COLUMNS
)
DUCKDB_MAXIMA = ", ".join(f'max("{name}")' for name in COLUMNS)


def read(name: str, log: Path) -> int:
    """Translate every line into canonical tables, on one core."""
    return rows_of(name, input_file(name, log))


def read_parallel(name: str, log: Path) -> int:
    """The same on all cores, in spans of lines as a landing reads a large log."""
    from ingest.workers import Workers, cores

    with Workers(cores()) as workers:
        outcomes = []
        for number, span in enumerate(spans_of(name, log)):
            workers.submit(number, rows_of, name, span)
            outcomes += workers.outcomes(until_idle=False)
        outcomes += workers.outcomes(until_idle=True)
    return sum(outcome.result for outcome in outcomes)


def land(name: str, log: Path) -> int:
    """Land the log as `meterhouse run` does, on all cores."""
    from ingest.landing import land as land_all

    with tempfile.TemporaryDirectory(dir=log.parent) as folder:
        place = Path(folder) / "inputs" / source_of(name).name / "a" / log.name
        place.parent.mkdir(parents=True)
        place.hardlink_to(log)
        report = land_all(
            Path(folder) / "inputs",
            Path(folder) / "landing",
            SOURCES,
            {source_of(name).name: input_file(name, log).options},
            now=datetime(2099, 1, 1),  # noqa: DTZ001 - naive UTC, later than any repeated month
        )
        return report.rows_landed


def typed(name: str, log: Path) -> int:
    """Decode every block into typed rows with msgspec and throw them away."""
    from ingest.formats.litellm_plain import PLAIN_ROW
    from ingest.line_blocks import Block, line_blocks

    blocks = (item for item in line_blocks(input_file(name, log)) if isinstance(item, Block))
    return sum(len(PLAIN_ROW.decode_lines(block.text)) for block in blocks)


def polars(_: str, log: Path) -> int:
    """Read all columns into a frame; the row count."""
    import polars as pl

    return pl.scan_ndjson(log, infer_schema_length=1000).collect(engine="streaming").height


def duckdb(_: str, log: Path) -> int:
    """Read all columns into a table; the row count."""
    import duckdb as db

    db.execute(f"create or replace table log as from {INFERRED}", [str(log)])
    return int(db.execute("select count(*) from log").fetchall()[0][0])


def duckdb_count(_: str, log: Path) -> int:
    """Count what each column holds; the row count."""
    import duckdb as db

    query = f"select count(*), count(columns(*)) from {INFERRED}"  # noqa: S608
    return int(db.execute(query, [str(log)]).fetchall()[0][0])


def duckdb_ten(_: str, log: Path) -> int:
    """The maxima of ten columns of LiteLLM with stated types; the row count."""
    import duckdb as db

    source = f"read_json(?, format = 'newline_delimited', columns = {{{DUCKDB_TYPES}}})"
    query = f"select count(*), {DUCKDB_MAXIMA} from {source}"  # noqa: S608
    return int(db.execute(query, [str(log)]).fetchall()[0][0])


def duckdb_fields(name: str, log: Path) -> int:
    """Count every field that our reader takes, with stated types; the row count."""
    import duckdb as db

    query = f"select count(*), count(columns(*)) from {fields_of(name)}"  # noqa: S608
    return int(db.execute(query, [str(log)]).fetchall()[0][0])


def duckdb_parquet(name: str, log: Path) -> int:
    """Write every field that our reader takes as Parquet, compressed as ours."""
    import duckdb as db

    with tempfile.TemporaryDirectory(dir=log.parent) as folder:
        options = "format parquet, compression zstd, compression_level 1"
        copy = f"copy (from {fields_of(name)}) to '{folder}/log.parquet' ({options})"
        return int(db.execute(copy, [str(log)]).fetchall()[0][0])


READERS: dict[str, Callable[[str, Path], int]] = {
    one.__name__: one
    for one in (
        read,
        read_parallel,
        land,
        typed,
        polars,
        duckdb,
        duckdb_count,
        duckdb_fields,
        duckdb_parquet,
        duckdb_ten,
    )
}


def readers_of(name: str) -> list[str]:
    """The ways in which a format is read."""
    is_spanned = source_of(name).record_lines
    floor = ["typed", "duckdb_fields", "duckdb_parquet", "duckdb_ten"] if name in ROWS else []
    yardsticks = ["polars", "duckdb", "duckdb_count"] if name in NDJSON else []
    return ["read", *(["read_parallel"] if is_spanned else []), "land", *floor, *yardsticks]


def measure(reader: str, name: str, log: Path) -> None:
    """Print one row of the table."""
    try:
        with tempfile.TemporaryDirectory(dir=log.parent) as folder:
            READERS[reader](name, head_of(log, Path(folder)))
        began, used = time.perf_counter(), core_seconds()
        rows = READERS[reader](name, log)
    except Exception as error:  # noqa: BLE001 - a yardstick that cannot read a format is no result
        print(f"| `{name}` | {reader} | | | | | {type(error).__name__} |")
        return
    seconds = time.perf_counter() - began
    megabytes = log.stat().st_size / 1e6
    print(
        f"| `{name}` | {reader} | {megabytes:,.0f} | {rows / seconds:,.0f} | "
        f"{megabytes / seconds:,.0f} | {megabytes / (core_seconds() - used):,.0f} | "
        f"{peak_mib(processes_of(reader, name, log)):,.0f} MiB |"
    )


def head_of(log: Path, folder: Path) -> Path:
    """The beginning of a log: who reads it is ready to read the log itself."""
    head = folder / log.name
    with log.open("rb") as file:
        head.write_bytes(b"".join(file.readlines(HEAD_BYTES)))
    return head


def core_seconds() -> float:
    """Processor time of this process and its children: a measure that other work disturbs least."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def processes_of(reader: str, name: str, log: Path) -> int:
    """How many processes beside its own a way uses."""
    spans = len(spans_of(name, log)) if source_of(name).record_lines else 1
    return min(2, spans) if reader in ("read_parallel", "land") else 0


def peak_mib(processes: int) -> float:
    """The most memory this process held, and for each beside it the most that one of them did."""
    status = Path("/proc/self/status").read_text()  # getrusage would tell the parent's before exec
    own = int(status.partition("VmHWM:")[2].split()[0])
    return (own + processes * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


def main() -> None:
    """Write each log once, read it in fresh processes."""
    if len(sys.argv) == 4 and sys.argv[1] in READERS:
        measure(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
        return
    sizes = dict.fromkeys(FORMATS, OTHER_MEGABYTES) | DEFAULT_MEGABYTES
    if len(sys.argv) > 1:
        stated = (argument.partition("=") for argument in sys.argv[1:])
        sizes = {name: int(size or OTHER_MEGABYTES) for name, _, size in stated}
    print("| format | way | MB | rows/s | MB/s | MB a core second | peak memory |", flush=True)
    print("|---|---|---:|---:|---:|---:|---:|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, megabytes in sizes.items():
            log = write_log(Path(folder), name, megabytes)
            for reader in readers_of(name):
                subprocess.run([sys.executable, __file__, reader, name, str(log)], check=True)
            log.unlink()


if __name__ == "__main__":
    main()
