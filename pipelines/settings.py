"""Where everything lies: one frozen object made from the data folder and the environment."""

import os
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingest.errors import MeterhouseError

REPOSITORY = Path(__file__).resolve().parent.parent
DBT_PROJECT = REPOSITORY / "dbt_project"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Paths of one company's data folder, and what may be tuned by environment variables.

    Attributes:
        data: The folder; everything else lies below it.
        start_date: First daily partition that Dagster shows (UTC). Older rows are still counted.
        snapshots_kept: How many published databases stay on disk.
    """

    data: Path
    start_date: date = date(2026, 1, 1)
    snapshots_kept: int = 5

    @property
    def inputs(self) -> Path:
        """Native files, by source."""
        return self.data / "inputs"

    @property
    def ledgers(self) -> Path:
        """CSV files the user keeps."""
        return self.data / "ledgers"

    @property
    def mappings(self) -> Path:
        """Declared mappings, one TOML file each."""
        return self.data / "mappings"

    @property
    def prices(self) -> Path:
        """Imported list prices, one CSV file for each import."""
        return self.data / "prices"

    @property
    def landing(self) -> Path:
        """Immutable canonical Parquet: the truth."""
        return self.data / "landing"

    @property
    def quality_results(self) -> Path:
        """One Parquet file of audit results for each run."""
        return self.data / "quality" / "results"

    @property
    def forecasts(self) -> Path:
        """The newest forecasts, and what is kept of earlier ones: one Parquet file a table."""
        return self.data / "forecasts"

    @property
    def warehouse(self) -> Path:
        """The working database; nobody but dbt opens it."""
        return self.data / "warehouse" / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """Read-only snapshots for analysts and dashboards."""
        return self.data / "published"

    @property
    def current(self) -> Path:
        """Link to the newest snapshot."""
        return self.published / "current.duckdb"

    @property
    def dashboard(self) -> Path:
        """The self-contained page."""
        return self.published / "dashboard.html"

    @property
    def state(self) -> Path:
        """What the last build knew; losing it costs a full rebuild and nothing else."""
        return self.data / "state"

    @property
    def dbt_target(self) -> Path:
        """Dbt's own files: the parsed project and the artifacts of the last build."""
        return self.state / "dbt"

    @classmethod
    def from_environment(cls, data: Path | None = None) -> "Settings":
        """Read METERHOUSE_DATA, METERHOUSE_START_DATE and METERHOUSE_SNAPSHOTS_KEPT.

        METERHOUSE_MEMORY_LIMIT is for dbt_project/profiles.yml; here it is only checked.

        Args:
            data: The data folder; without it METERHOUSE_DATA, else `data` in the repository.

        Raises:
            MeterhouseError: A variable holds a value that cannot be used.
        """
        _check_size_variable("METERHOUSE_MEMORY_LIMIT")
        folder = data or Path(os.environ.get("METERHOUSE_DATA", REPOSITORY / "data"))
        return cls(
            data=folder.expanduser().resolve(),
            start_date=_date_variable("METERHOUSE_START_DATE", cls.start_date),
            snapshots_kept=_count_variable("METERHOUSE_SNAPSHOTS_KEPT", cls.snapshots_kept),
        )


def _date_variable(name: str, default: date) -> date:
    text = os.environ.get(name)
    if text is None:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise MeterhouseError(f"{name}={text!r} is not a date. Write it as YYYY-MM-DD.") from None


def _check_size_variable(name: str) -> None:
    text = os.environ.get(name)
    if text is not None and not re.fullmatch(r"\d+(\.\d+)? ?[KMGT]i?B", text):
        raise MeterhouseError(f"{name}={text!r} is not a size. Write it as 1500MB or 8GiB.")


def _count_variable(name: str, default: int) -> int:
    text = os.environ.get(name)
    if text is None:
        return default
    if not text.isdigit() or int(text) < 1:
        raise MeterhouseError(f"{name}={text!r} is not a whole number of 1 or more.")
    return int(text)
