"""What one call of land did, in numbers and in lines for people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from ingest.manifests import Manifest


@dataclass(frozen=True, kw_only=True)
class LandingReport:
    """What one call of land did.

    Attributes:
        landed: Manifests of the files that were new, or read anew by a newer reader.
        unchanged: Names of files whose content had been landed before.
        unknown: One line for each folder or file below inputs/ that no source reads.
        present: file_sha256 of everything landed that still lies among the inputs.
        rejects: Columns of schema.REJECTS: those of the files in `landed`.
        withdrawn: Names of files that failed the gate, then were taken away or corrected.
    """

    landed: tuple[Manifest, ...]
    unchanged: tuple[str, ...]
    unknown: tuple[str, ...]
    present: frozenset[str]
    rejects: pl.DataFrame
    withdrawn: tuple[str, ...] = ()

    @property
    def rows_landed(self) -> int:
        """Rows that are new in the canonical tables."""
        return sum(manifest.rows_landed for manifest in self.landed)

    @property
    def rows_rejected(self) -> int:
        """Rejects of the files that are new."""
        return sum(manifest.rows_rejected for manifest in self.landed)

    @property
    def touched_dates(self) -> Mapping[str, tuple[date, ...]]:
        """Table -> UTC dates whose figures the landed files may change, in order."""
        dates: dict[str, set[date]] = {}
        for manifest in self.landed:
            for table, days in manifest.dates.items():
                dates.setdefault(table, set()).update(days)
        return {table: tuple(sorted(days)) for table, days in sorted(dates.items())}

    def summary(self) -> str:
        """One line of counts."""
        return (
            f"{len(self.landed):,} new files, {self.rows_landed:,} rows, "
            f"{self.rows_rejected:,} rejects; {len(self.unchanged):,} files unchanged"
        )

    def lines(self) -> Iterator[str]:
        """One line for each unknown folder, one for each file with tokens of a new kind.

        Then one for each file, reason and column of rejects; they say where it first occurs, how
        often, and the remedy.
        """
        yield from self.unknown
        yield from (_alarm(m) for m in self.landed if m.unknown_token_rows)
        for name in self.withdrawn:
            yield f"{name}: withdrawn; it had failed the gate and does not lie there anymore"
        groups = self.rejects.group_by(
            "file_name", "reason_code", "column_name", maintain_order=True
        ).agg(pl.len().alias("count"), pl.first("line_number", "message", "remedy"))
        yield from map(_reject_line, groups.iter_rows(named=True))


def _alarm(manifest: Manifest) -> str:
    count = manifest.unknown_token_rows
    rows = "1 row has" if count == 1 else f"{count:,} rows have"
    return (
        f"ALARM {manifest.file_name}: {rows} tokens of a kind that Meterhouse does not know, and "
        "does not count; see reported_details where quality_flags has unknown_token_field"
    )


def _reject_line(row: Mapping[str, object]) -> str:
    place = "".join(f":{row[key]}" for key in ("line_number", "column_name") if row[key])
    times = f" ({row['count']} times)" if row["count"] != 1 else ""
    return f"{row['file_name']}{place}: {row['message']}{times}; {row['remedy']}"
