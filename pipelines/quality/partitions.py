"""Which landing files belong to which day, found by folder name alone."""

import glob
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

# Days on each side that a day is compared with: two weeks hold every weekday twice.
NEIGHBORHOOD = timedelta(days=14)


@dataclass(frozen=True, kw_only=True, order=True)
class Partition:
    """One day of one source; what the audit measures and judges."""

    usage_date: date
    source: str


def landed(landing: Path, table: str) -> Mapping[Partition, tuple[Path, ...]]:
    """Find the Parquet files of a table.

    Args:
        landing: The landing folder.
        table: A canonical table; its folder need not exist.

    Returns:
        Files by day and source, days in order; `_schema`'s row-less file is left out.
    """
    found: dict[Partition, tuple[Path, ...]] = {}
    for folder in sorted((landing / table).glob("[!_]*/date=*")):
        key = Partition(
            usage_date=date.fromisoformat(folder.name.removeprefix("date=")),
            source=folder.parent.name,
        )
        found[key] = tuple(sorted(folder.glob("*.parquet")))
    return {key: found[key] for key in sorted(found) if found[key]}


def neighbors(partitions: Iterable[Partition], touched: Collection[date]) -> list[Partition]:
    """Choose the partitions that touched days are compared with, untouched ones only.

    Args:
        partitions: All that landed.
        touched: Days this run rebuilds (UTC).

    Returns:
        Partitions within NEIGHBORHOOD of a touched day.
    """
    reach = range(-NEIGHBORHOOD.days, NEIGHBORHOOD.days + 1)
    near = {day + timedelta(days=offset) for day in touched for offset in reach}
    return [key for key in partitions if key.usage_date in near - set(touched)]


def missing(partitions: Iterable[Partition], touched: Collection[date]) -> list[Partition]:
    """List the days without rows between the first and last touched day of each source.

    Args:
        partitions: All that landed.
        touched: Days this run rebuilds (UTC).

    Returns:
        One entry per missing day and source.
    """
    by_source: dict[str, set[date]] = {}
    for key in partitions:
        by_source.setdefault(key.source, set()).add(key.usage_date)
    gaps: list[Partition] = []
    for source, present in sorted(by_source.items()):
        arrived = present & set(touched)
        days = (max(arrived) - min(arrived)).days if arrived else 0
        expected = (min(arrived) + timedelta(days=offset) for offset in range(days))
        gaps += [Partition(usage_date=day, source=source) for day in expected if day not in present]
    return gaps


def literal_paths(files: Iterable[Path]) -> list[str]:
    """Write paths so that DuckDB reads exactly these files, also where a name holds `*` or `[`."""
    return [glob.escape(str(file)) for file in files]
