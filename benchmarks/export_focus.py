"""Stream four million FOCUS rows: seconds, peak memory, sizes.

    PYTHONPATH=. python benchmarks/export_focus.py [DATA] [ROWS]

DATA is a data folder with a published snapshot. Its charges are repeated into a snapshot in
a folder of its own, which is then exported by the command's function in a process of its own.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

ROWS = 4_000_000
CHARGES = "focus_cost_and_usage_1_4"
# VmHWM, since ru_maxrss begins at what the parent held; files are removed after each way.
MEASURED = """
import json, resource, sys, time
from pathlib import Path
from pipelines.exports.focus import export_focus
from pipelines.settings import Settings
started = time.perf_counter()
written = export_focus(
    Settings(data=Path(sys.argv[1])), Path(sys.argv[2]), version=sys.argv[3],
    file_format=sys.argv[4], months=[],
)
used = resource.getrusage(resource.RUSAGE_SELF)
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(json.dumps({
    "seconds": time.perf_counter() - started,
    "core_seconds": used.ru_utime + used.ru_stime,
    "peak_mib": int(status["VmHWM"].split()[0]) / 1024,
    "rows": sum(written.row_counts.values()),
    "bytes": sum(path.stat().st_size for path in written.row_counts),
}))
"""


def main() -> None:
    """Make the larger snapshot and print a line for each way."""
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "data")
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else ROWS
    with tempfile.TemporaryDirectory(dir=data.parent, prefix="focus-benchmark-") as folder:
        _multiply(data / "published/current.duckdb", Path(folder) / "published", rows)
        for version, file_format in (("1.2", "csv"), ("1.2", "parquet"), ("1.4", "csv")):
            output = Path(folder) / "out"
            answer = subprocess.run(
                [sys.executable, "-c", MEASURED, folder, str(output), version, file_format],
                check=True,
                capture_output=True,
                text=True,
            )
            found = json.loads(answer.stdout)
            for path in output.iterdir():
                path.unlink()
            print(
                f"FOCUS {version} {file_format:8} {found['rows']:>10,} rows"
                f" {found['seconds']:6.1f} s {found['core_seconds']:6.1f} core seconds"
                f" {found['bytes'] / 1e6:>8,.0f} MB {found['peak_mib']:>6,.0f} MiB"
            )


def _multiply(source: Path, published: Path, rows: int) -> None:
    published.mkdir()
    target = published / "wh-benchmark.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{source.resolve()}' as small (read_only)")
        connection.execute(f"attach '{target}' as large (storage_version 'v1.4.0')")
        connection.execute("set memory_limit = '1GB'")
        connection.execute("set preserve_insertion_order = false")
        tables = connection.execute(
            "select table_name from duckdb_tables() where database_name = 'small'"
        ).fetchall()
        for (table,) in tables:
            copies = ""
            if table == CHARGES:
                ((count,),) = connection.execute(f"select count(*) from small.{table}").fetchall()  # noqa: S608 our own names
                copies = f", range({-(-rows // count)})"
            connection.execute(
                f"create table large.{table} as "  # noqa: S608 our own names
                f"select charges.* from small.{table} as charges{copies}"
            )
        views = connection.execute(
            "select sql from duckdb_views() where database_name = 'small'"
            " and starts_with(view_name, 'focus_') order by view_name"
        ).fetchall()
        connection.execute("use large")
        for (statement,) in views:
            connection.execute(statement)
    (published / "current.duckdb").symlink_to(target.name)


if __name__ == "__main__":
    main()
