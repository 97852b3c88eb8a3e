"""A tiny company on disk: canonical Parquet, ledgers and state, as a run would leave them."""

import gc
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from parsed_project import manifest_for

from ingest.ledger_specs import LEDGERS as SPECS
from ingest.schema import EVENT_TIME, REJECTS, TABLES, conform
from pipelines.forecasting import TABLES as FORECASTS
from pipelines.forecasting import empty_table
from pipelines.inflation import TABLES as INFLATION
from pipelines.price_book import book_frame

REPOSITORY = Path(__file__).resolve().parents[2]
Row = Mapping[str, Any]

# The day and the hour that the hand calculations are about.
DAY = datetime.fromisoformat("2026-01-30")
TEN = DAY.replace(hour=10)

LEDGERS: Mapping[str, Mapping[str, pl.DataType]] = {
    name: {column.landed_name: column.dtype for column in ledger.columns}
    for name, ledger in SPECS.items()
}
# When a file was last written, unless a test says otherwise.
DELIVERED = datetime.fromisoformat("2026-02-10")
ROLES = {"usage_events": "request_log", "provider_costs": "bill", "bill_lines": "bill"}
QUALITY: Mapping[str, pl.DataType] = {
    "run_id": pl.String(),
    "checked_at": pl.Datetime("us"),
    "table_name": pl.String(),
    "usage_date": pl.Date(),
    "expectation_name": pl.String(),
    "column_name": pl.String(),
    "severity": pl.String(),
    "is_success": pl.Boolean(),
    "failing_row_count": pl.Int64(),
    "observed_value": pl.String(),
    "failing_rows": pl.String(),
}


@dataclass(frozen=True, kw_only=True)
class Company:
    """One data folder that dbt can build from.

    Attributes:
        data: The folder; METERHOUSE_DATA for dbt.
        project: The dbt project to build with.
    """

    data: Path
    project: Path

    @classmethod
    def found(cls, data: Path, project: Path) -> "Company":
        """Make a folder with every file that dbt opens, all without rows."""
        company = cls(data=data, project=project)
        for table in TABLES:
            _write(
                pl.DataFrame(schema=dict(TABLES[table])),
                data / "landing" / table / "_schema" / "date=1970-01-01" / "empty.parquet",
            )
        _write(
            pl.DataFrame(schema=dict(REJECTS)),
            data / "landing" / "_rejects" / "_schema" / "empty.parquet",
        )
        for ledger in LEDGERS:
            company.keep(ledger, [])
        for name in FORECASTS:
            _write(empty_table(name), data / "forecasts" / f"{name}.parquet")
        for name, schema in INFLATION.items():
            _write(pl.DataFrame(schema=schema), data / "forecasts" / f"{name}.parquet")
        _write(pl.DataFrame(schema=dict(QUALITY)), data / "quality" / "results" / "none.parquet")
        company.match_prices([])
        company.import_prices([])
        company.touch([])
        (data / "warehouse").mkdir(parents=True)
        return company

    @property
    def warehouse(self) -> Path:
        """The database dbt writes."""
        return self.data / "warehouse" / "warehouse.duckdb"

    def keep(self, ledger: str, rows: Sequence[Row]) -> None:
        """Write one ledger; columns a row leaves out are NULL."""
        schema = {**LEDGERS[ledger], "row_number": pl.Int64()}
        numbered = [{**row, "row_number": line} for line, row in enumerate(rows, start=2)]
        full = [{name: row.get(name) for name in schema} for row in numbered]
        _write(
            pl.DataFrame(full, schema=schema), self.data / "landing/_ledgers" / f"{ledger}.parquet"
        )

    def land(
        self, table: str, source: str, file_name: str, rows: Sequence[Row], **lineage: Any
    ) -> None:
        """Land one input file, one Parquet file for each day its rows fall on.

        Args:
            table: A canonical table.
            source: Format of the file.
            file_name: Below inputs/; its hash stands for the content's.
            rows: Canonical columns; what is left out is NULL.
            lineage: Such as source_role or delivered_at, for all rows.
        """
        digest = sha256(file_name.encode()).hexdigest()
        lineage = {
            "source": source,
            "source_role": ROLES.get(table, "telemetry"),
            "source_instance": "default",
            "file_name": file_name,
            "file_sha256": digest,
            "delivered_at": DELIVERED,
            **lineage,
        }
        full = [{"line_number": line, **lineage, **row} for line, row in enumerate(rows, start=1)]
        frame = conform(pl.from_dicts(full, infer_schema_length=None), table)
        days = frame[EVENT_TIME[table]].dt.date()
        for day in days.unique().sort():
            _write(
                frame.filter(days == day),
                self.data / "landing" / table / source / f"date={day}" / f"{digest[:16]}.parquet",
            )

    def touch(self, days: Iterable[date]) -> None:
        """State the days that the next build shall rebuild."""
        _write(
            pl.DataFrame({"event_date": sorted(days)}, schema={"event_date": pl.Date()}),
            self.data / "state" / "touched_dates.parquet",
        )

    def match_prices(self, matches: Sequence[tuple[str, str, str, str]]) -> None:
        """State which listed (provider, model) a seen (provider, model) is."""
        names = ("provider_name", "model_name", "price_provider_name", "price_model_name")
        _write(
            pl.DataFrame(list(matches), schema=dict.fromkeys(names, pl.String()), orient="row"),
            self.data / "state" / "price_matches.parquet",
        )

    def import_prices(self, rows: Sequence[Row]) -> None:
        """State list prices that were imported; columns a row leaves out are NULL."""
        _write(book_frame(rows), self.data / "state" / "price_imports.parquet")

    def dbt(self, *arguments: str) -> None:
        """Run one dbt command in this process.

        Args:
            arguments: Such as `build`, `--full-refresh`.

        Raises:
            AssertionError: A node failed; the message names it.
        """
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        manifest = manifest_for(self.project, self.data)
        os.environ["METERHOUSE_DATA"] = str(self.data)
        folders = ["--project-dir", str(self.project), "--profiles-dir", str(self.project)]
        # no test reads dbt's artifacts, and writing them takes a second
        quiet = ["--no-write-json", "--log-level", "none"]
        outcome = dbtRunner(manifest=manifest).invoke([*arguments, *folders, *quiet])
        # the runner would hold the database open
        DuckDBConnectionManager.close_all_connections()
        failures = [
            f"{result.node.unique_id}: {result.message}"
            for result in getattr(outcome.result, "results", [])
            if str(result.status) not in ("success", "pass", "skipped", "no-op")
        ]
        assert outcome.success, "\n".join([str(outcome.exception), *failures])

    def copied(self, data: Path) -> "Company":
        """The same company in another folder, warehouse included."""
        shutil.copytree(self.data, data)
        return Company(data=data, project=self.project)

    def query(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Ask the built warehouse; `?` stands for the parameters."""
        with self._connected() as connection:
            return connection.execute(sql, parameters).fetchall()

    def value(self, sql: str, *parameters: Any) -> Any:
        """The one value that a query answers."""
        ((answer,),) = self.query(sql, *parameters)
        return answer

    def rows(self, table: str) -> list[str]:
        """Every row of a table as text, sorted."""
        with self._connected() as connection:
            return sorted(map(repr, connection.table(table).fetchall()))

    def _connected(self) -> duckdb.DuckDBPyConnection:
        try:
            return duckdb.connect(str(self.warehouse), read_only=True)
        except duckdb.ConnectionException:
            gc.collect()  # a cursor of dbt's threads, in a cycle, holds the file open for writing
            return duckdb.connect(str(self.warehouse), read_only=True)


def moment(text: str) -> datetime:
    """A naive UTC timestamp."""
    return datetime.fromisoformat(text)


def event(name: str, started_at: datetime, **columns: Any) -> dict[str, Any]:
    """One request with sensible defaults; counts and names come as keyword arguments."""
    return {
        "event_id": sha256(name.encode()).hexdigest(),
        "natural_key": name,
        "grain": "request",
        "started_at": started_at,
        "ended_at": started_at + timedelta(seconds=1),
        "request_count": 1,
        "status": "success",
        **columns,
    }


def gpu_sample(gpu_uuid: str, sampled_at: datetime, **columns: Any) -> dict[str, Any]:
    """One reading of a whole GPU."""
    return {"gpu_uuid": gpu_uuid, "sampled_at": sampled_at, "host_name": "host-a", **columns}


def joules(amount: float | str) -> Decimal:
    """A counter's reading with its six places."""
    return Decimal(str(amount)).quantize(Decimal("0.000001"))


def _write(frame: pl.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(path)
