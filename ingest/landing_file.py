"""One span of an input to canonical Parquet: rows by table and date, and rejects."""

from collections.abc import Iterator
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import polars as pl

from ingest.errors import MeterhouseError
from ingest.file_faults import reading
from ingest.files import write_parquet_atomically
from ingest.growing import unfinished
from ingest.landing_rejects import EMPTY_FILE, REJECT_LIMIT
from ingest.landing_spans import Span, SpanRows
from ingest.packings import packing_reject
from ingest.privacy import Identities, without_raw_keys
from ingest.readers import lines
from ingest.schema import EVENT_TIME, LINKS, conform
from ingest.source import Batch, Reject

EARLIEST: Final = datetime(2015, 1, 1)  # noqa: DTZ001 - naive UTC
# About 250 MB of usage events with what writing them takes: what one process may hold in memory.
PART_ROWS: Final = 125_000
BROKEN_JSON: Final = "bad_json"  # the reason that readers give for a record that is cut
UNKNOWN_TOKENS: Final = "unknown_token_field"  # the quality flag that readers raise
# A fault of a reader, not of a line: it ends the call with the file's name, files before it stay.
READER_FAULTS: Final = (
    OSError,
    LookupError,
    TypeError,
    ValueError,
    ArithmeticError,
    pl.exceptions.PolarsError,
)


def read_span(
    landing: Path, span: Span, latest: datetime, identities: Identities | None
) -> SpanRows:
    """Translate a span into Parquet files below landing/.

    Their names follow from the content and from the reader's version, so that whoever reads the
    span again, after a kill or at the same time, writes the same bytes to the same places.

    Args:
        landing: The folder.
        span: What to read.
        latest: The last possible event time, naive UTC.
        identities: Hashes users, keys and sessions; None: they are landed as reported.

    Raises:
        VanishedError: The file is not there anymore.
        MeterhouseError: It cannot be read anymore, or its reader failed.
    """
    return _Reading(landing, span, latest, identities).run()


class _Reading:
    """The reading of one span: rows held by table until a part is full."""

    def __init__(
        self, landing: Path, span: Span, latest: datetime, identities: Identities | None
    ) -> None:
        self._landing = landing
        self._span = span
        self._source = span.piece.found.source
        self._file = span.file
        self._latest = latest
        self._identities = identities
        self._held: dict[str, list[pl.DataFrame]] = {}
        self._held_rows = 0
        self._rows_landed = 0
        self._unknown_token_rows = 0
        self._rejects: list[Reject] = []
        self._rows_rejected = 0
        self._files: list[str] = []
        self._dates: set[tuple[str, date]] = set()
        self._part = 0

    def run(self) -> SpanRows:
        self._read()
        self._flush()
        return SpanRows(
            place=self._span.place,
            files=tuple(self._files),
            dates=frozenset(self._dates),
            rows_landed=self._rows_landed,
            unknown_token_rows=self._unknown_token_rows,
            rejects=tuple(self._rejects),
            rows_rejected=self._rows_rejected,
        )

    def _reject(self, reject: Reject) -> None:
        self._rows_rejected += 1
        # Only a line without its end has the number in which the next would begin.
        is_last = self._span.end_byte is None and reject.line_number == self._span.piece.end_line
        if is_last and reject.reason_code == BROKEN_JSON:
            reject = unfinished(self._span.piece.end_line)
        if len(self._rejects) < REJECT_LIMIT:
            self._rejects.append(reject)

    def _read(self) -> None:
        found = False
        try:
            for item in self._items():
                found = True
                if isinstance(item, Reject):
                    self._reject(item)
                else:
                    self._hold(item)
            is_file = self._span.end_byte is None and self._span.first_byte == 0
            if is_file and not found and next(lines(self._file), None) is None:
                self._reject(EMPTY_FILE)
        except READER_FAULTS as error:
            raise MeterhouseError(
                f"{self._file.name}: the reader of {self._source.name} failed "
                f"({type(error).__name__})",
                "move the file out of inputs/ to go on without it, and report this",
            ) from error

    def _items(self) -> Iterator[Batch | Reject]:
        with reading(self._file.path):
            packing = packing_reject(self._file.path) if self._file.first_byte == 0 else None
            if packing is not None:
                yield packing
            else:
                yield from self._source.read(self._file)

    def _hold(self, batch: Batch) -> None:
        lineage = {
            "source": self._source.name,
            "source_role": self._source.role,
            "source_instance": self._file.instance,
            "file_name": self._file.name,
            "file_sha256": self._file.sha256,
        }
        frame = batch.frame.with_columns(
            *(pl.lit(text).alias(name) for name, text in lineage.items()),
            pl.lit(self._span.piece.delivered_at).alias("delivered_at"),
        )
        frame = self._in_range(conform(frame, batch.table), batch.table)
        if "quality_flags" in frame.columns:
            flags = frame["quality_flags"].list.contains(UNKNOWN_TOKENS)
            self._unknown_token_rows += int(flags.sum() or 0)
        frame = without_raw_keys(frame)
        if self._identities is not None:
            frame = self._identities.hashed(frame)
        self._held.setdefault(batch.table, []).append(frame)
        self._held_rows += frame.height
        if self._held_rows >= PART_ROWS:
            self._flush()

    def _in_range(self, frame: pl.DataFrame, table: str) -> pl.DataFrame:
        """Rows whose event time can be; the others become rejects, unless they are mere links."""
        event_time = EVENT_TIME[table]
        moment = pl.col(event_time)
        is_possible = moment.is_between(EARLIEST, self._latest).fill_null(value=False)
        impossible = frame.filter(~is_possible)["line_number"]
        for number in () if table in LINKS else impossible:
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
        version = str(self._span.piece.version)
        part = f"{self._span.place}-{self._part}" if self._span.place else str(self._part)
        identity = (self._file.sha256, table, str(day), version, part)
        digest = sha256("\x1f".join(identity).encode()).hexdigest()[:32]
        name = f"{table}/{self._source.name}/date={day}/{digest}.parquet"
        write_parquet_atomically(rows, self._landing / name)
        self._files.append(name)
        self._dates.add((table, day))
        self._rows_landed += rows.height
