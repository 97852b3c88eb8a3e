"""One input file to canonical Parquet: rows by table and date, rejects, and the manifest last."""

from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import polars as pl

from ingest.errors import MeterhouseError
from ingest.files import write_parquet_atomically
from ingest.manifests import Manifest, write_manifest
from ingest.readers import lines
from ingest.schema import EVENT_TIME, REJECTS, conform
from ingest.source import Batch, InputFile, Reject, Source

REJECTS_FOLDER: Final = "_rejects"
EARLIEST: Final = datetime(2015, 1, 1)  # noqa: DTZ001 - naive UTC
# About 100 MB of usage events: what one input may hold in memory before a part is written.
PART_ROWS: Final = 250_000
# A file that is not what its folder says yields a reject a line; the first ones tell it.
REJECT_LIMIT: Final = 10_000
EMPTY_FILE: Final = Reject(
    line_number=None,
    column_name=None,
    reason_code="empty_file",
    message="the file is empty",
    remedy="deliver it again if it should hold something; else remove it",
)
# A fault of a reader, not of a line: it ends the call with the file's name, files before it stay.
READER_FAULTS: Final = (
    OSError,
    LookupError,
    TypeError,
    ValueError,
    ArithmeticError,
    pl.exceptions.PolarsError,
)


def reading_version(source: Source, file: InputFile) -> int:
    """The reader's version; another one for each set of options, since they change its output."""
    if not file.options:
        return source.version
    stated = "\x1f".join(f"{key}={value}" for key, value in sorted(file.options.items()))
    return int(sha256(f"{source.version}\x1f{stated}".encode()).hexdigest()[:8], 16)


class FileLanding:
    """The landing of one file: rows held by table until a part is full."""

    def __init__(self, landing: Path, source: Source, file: InputFile, latest: datetime) -> None:
        """Prepare; `latest` is the last possible event time, naive UTC."""
        self._landing = landing
        self._source = source
        self._file = file
        self._version = reading_version(source, file)
        self._latest = latest
        self._held: dict[str, list[pl.DataFrame]] = {}
        self._held_rows = 0
        self._rows_landed = 0
        self._rejected = 0
        self._rejects: list[Reject] = []
        self._files: list[str] = []
        self._dates: dict[str, set[date]] = {}
        self._part = 0

    def run(self, previous: Manifest | None) -> tuple[Manifest, pl.DataFrame]:
        """Land the file; its manifest comes last. Returns it with the rejects."""
        self._read()
        self._flush()
        rejects = self._write_rejects()
        if previous is not None:
            self._replace(previous)
        manifest = Manifest(
            source=self._source.name,
            source_version=self._version,
            source_instance=self._file.instance,
            file_name=self._file.name,
            file_sha256=self._file.sha256,
            rows_read=self._rows_landed + self._rejected,
            rows_landed=self._rows_landed,
            rows_rejected=self._rejected,
            files=tuple(sorted(self._files)),
            dates={table: tuple(sorted(days)) for table, days in sorted(self._dates.items())},
        )
        write_manifest(self._landing, manifest)
        return manifest, rejects

    def _read(self) -> None:
        found = False
        try:
            for item in self._source.read(self._file):
                found = True
                if isinstance(item, Reject):
                    self._reject(item)
                else:
                    self._hold(item)
            if not found and next(lines(self._file), None) is None:
                self._reject(EMPTY_FILE)
        except READER_FAULTS as error:
            raise MeterhouseError(
                f"{self._file.name}: the reader of {self._source.name} failed "
                f"({type(error).__name__})",
                "move the file out of inputs/ to go on without it, and report this",
            ) from error

    def _reject(self, reject: Reject) -> None:
        self._rejected += 1
        if len(self._rejects) < REJECT_LIMIT:
            self._rejects.append(reject)

    def _hold(self, batch: Batch) -> None:
        lineage = {
            "source": self._source.name,
            "source_role": self._source.role,
            "source_instance": self._file.instance,
            "file_name": self._file.name,
            "file_sha256": self._file.sha256,
        }
        frame = batch.frame.with_columns(pl.lit(text).alias(name) for name, text in lineage.items())
        frame = self._in_range(conform(frame, batch.table), EVENT_TIME[batch.table])
        self._held.setdefault(batch.table, []).append(frame)
        self._held_rows += frame.height
        if self._held_rows >= PART_ROWS:
            self._flush()

    def _in_range(self, frame: pl.DataFrame, event_time: str) -> pl.DataFrame:
        """Rows whose event time can be; the others become rejects."""
        moment = pl.col(event_time)
        is_possible = moment.is_between(EARLIEST, self._latest).fill_null(value=False)
        for number in frame.filter(~is_possible)["line_number"]:
            self._reject(
                Reject(
                    line_number=number,
                    column_name=event_time,
                    reason_code="impossible_time",
                    message="no time, one before 2015, or one more than 24 hours in the future",
                    remedy="check the unit and the time zone of the time column",
                )
            )
        return frame.filter(is_possible)

    def _flush(self) -> None:
        for table, frames in self._held.items():
            day = pl.col(EVENT_TIME[table]).dt.date().alias("date")
            dated = pl.concat(frames).with_columns(day)
            for (when,), rows in dated.partition_by(
                "date", as_dict=True, include_key=False, maintain_order=True
            ).items():
                self._write(table, when, rows)
        self._held = {}
        self._held_rows = 0
        self._part += 1

    def _write(self, table: str, day: date, rows: pl.DataFrame) -> None:
        identity = (self._file.sha256, table, str(day), str(self._version), str(self._part))
        digest = sha256("\x1f".join(identity).encode()).hexdigest()[:32]
        name = f"{table}/{self._source.name}/date={day}/{digest}.parquet"
        write_parquet_atomically(rows, self._landing / name)
        self._files.append(name)
        self._dates.setdefault(table, set()).add(day)
        self._rows_landed += rows.height

    def _write_rejects(self) -> pl.DataFrame:
        path = self._landing / REJECTS_FOLDER / self._source.name / f"{self._file.sha256}.parquet"
        hidden = self._rejected - len(self._rejects)
        if hidden:
            self._rejects.append(_further(hidden))
        of_file = (self._source.name, self._file.instance, self._file.name, self._file.sha256)
        rows = [
            (*of_file, r.line_number, r.column_name, r.reason_code, r.message, r.remedy)
            for r in self._rejects
        ]
        frame = pl.DataFrame(rows, schema=dict(REJECTS), orient="row")
        if frame.height:
            write_parquet_atomically(frame, path)
        else:
            path.unlink(missing_ok=True)
        return frame

    def _replace(self, previous: Manifest) -> None:
        """Remove the rows of an older reader; before the manifest, so that a kill repeats it."""
        for name in set(previous.files) - set(self._files):
            (self._landing / name).unlink(missing_ok=True)
        for table, days in previous.dates.items():
            self._dates.setdefault(table, set()).update(days)


def _further(count: int) -> Reject:
    return Reject(
        line_number=None,
        column_name=None,
        reason_code="further_rejects",
        message=f"{count} further lines were rejected and are not listed",
        remedy="check that the file lies in the folder of its own source",
    )
