"""One input to canonical Parquet: rows by table and date, rejects, and the manifest last."""

from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import polars as pl

from ingest.errors import MeterhouseError
from ingest.files import write_parquet_atomically
from ingest.landing_pieces import Piece
from ingest.landing_rejects import EMPTY_FILE, FileRejects, rejects_path
from ingest.manifests import Manifest, remove_manifests, write_manifest
from ingest.privacy import Identities
from ingest.readers import lines
from ingest.schema import EVENT_TIME, conform
from ingest.source import Batch, InputFile, Reject

EARLIEST: Final = datetime(2015, 1, 1)  # noqa: DTZ001 - naive UTC
# About 100 MB of usage events: what one input may hold in memory before a part is written.
PART_ROWS: Final = 250_000
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


class FileLanding:
    """The landing of one piece: rows held by table until a part is full."""

    def __init__(
        self, landing: Path, piece: Piece, latest: datetime, identities: Identities | None
    ) -> None:
        """Prepare; `latest` is the last possible event time, naive UTC."""
        self._landing = landing
        self._piece = piece
        self._source = piece.found.source
        self._file = InputFile(
            path=piece.found.path,
            name=piece.found.name,
            instance=piece.found.instance,
            sha256=piece.file_sha256,
            options=piece.found.options,
            first_byte=piece.start_byte,
            first_line=piece.start_line,
            end_byte=None if piece.is_open else piece.end_byte,
        )
        self._latest = latest
        self._identities = identities
        self._held: dict[str, list[pl.DataFrame]] = {}
        self._held_rows = 0
        self._rows_landed = 0
        self._unknown_token_rows = 0
        self._rejects = FileRejects(landing, self._source.name, self._file)
        self._files: list[str] = []
        self._dates: dict[str, set[date]] = {}
        self._part = 0

    def run(self) -> tuple[Manifest, pl.DataFrame]:
        """Land the piece; its manifest comes last. Returns it with the rejects.

        What it stands for goes after that, so that a kill at any moment loses nothing: the next
        call removes what no manifest vouches for.
        """
        self._read()
        self._flush()
        rejects = self._rejects.write()
        for previous in self._piece.previous:
            for table, days in previous.dates.items():
                self._dates.setdefault(table, set()).update(days)
        manifest = self._manifest()
        write_manifest(self._landing, manifest)
        self._remove_previous(manifest)
        return manifest, rejects

    def _manifest(self) -> Manifest:
        piece = self._piece
        replaced = {one for m in piece.previous for one in (m.file_sha256, *m.replaces)}
        replaced.discard(piece.file_sha256)
        return Manifest(
            source=self._source.name,
            source_version=piece.version,
            source_instance=self._file.instance,
            file_name=self._file.name,
            file_sha256=piece.file_sha256,
            content_sha256=piece.content_sha256,
            head_sha256=piece.head_sha256,
            start_byte=piece.start_byte,
            start_line=piece.start_line,
            end_byte=piece.end_byte,
            end_line=piece.end_line,
            ending=piece.ending,
            delivered_at=piece.delivered_at,
            identity_key_id=self._identities.key_id if self._identities else None,
            rows_read=self._rows_landed + self._rejects.count,
            rows_landed=self._rows_landed,
            rows_rejected=self._rejects.count,
            unknown_token_rows=self._unknown_token_rows,
            files=tuple(sorted(self._files)),
            dates={table: tuple(sorted(days)) for table, days in sorted(self._dates.items())},
            replaces=tuple(sorted(replaced)),
        )

    def _read(self) -> None:
        found = False
        try:
            for item in self._source.read(self._file):
                found = True
                if isinstance(item, Reject):
                    self._rejects.add(item)
                else:
                    self._hold(item)
            is_file = self._piece.is_open and self._piece.start_byte == 0
            if is_file and not found and next(lines(self._file), None) is None:
                self._rejects.add(EMPTY_FILE)
        except READER_FAULTS as error:
            raise MeterhouseError(
                f"{self._file.name}: the reader of {self._source.name} failed "
                f"({type(error).__name__})",
                "move the file out of inputs/ to go on without it, and report this",
            ) from error

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
            pl.lit(self._piece.delivered_at).alias("delivered_at"),
        )
        frame = self._in_range(conform(frame, batch.table), EVENT_TIME[batch.table])
        if "quality_flags" in frame.columns:
            flags = frame["quality_flags"].list.contains(UNKNOWN_TOKENS)
            self._unknown_token_rows += int(flags.sum() or 0)
        if self._identities is not None:
            frame = self._identities.hashed(frame)
        self._held.setdefault(batch.table, []).append(frame)
        self._held_rows += frame.height
        if self._held_rows >= PART_ROWS:
            self._flush()

    def _in_range(self, frame: pl.DataFrame, event_time: str) -> pl.DataFrame:
        """Rows whose event time can be; the others become rejects."""
        moment = pl.col(event_time)
        is_possible = moment.is_between(EARLIEST, self._latest).fill_null(value=False)
        for number in frame.filter(~is_possible)["line_number"]:
            self._rejects.add(
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
        version = str(self._piece.version)
        identity = (self._file.sha256, table, str(day), version, str(self._part))
        digest = sha256("\x1f".join(identity).encode()).hexdigest()[:32]
        name = f"{table}/{self._source.name}/date={day}/{digest}.parquet"
        write_parquet_atomically(rows, self._landing / name)
        self._files.append(name)
        self._dates.setdefault(table, set()).add(day)
        self._rows_landed += rows.height

    def _remove_previous(self, manifest: Manifest) -> None:
        """Remove the rows and the rejects that this landing stands for now."""
        remove_manifests(self._landing, self._source.name, manifest.replaces)
        for previous in self._piece.previous:
            if previous.file_sha256 != manifest.file_sha256:
                rejects_path(self._landing, previous).unlink(missing_ok=True)
            for name in set(previous.files) - set(manifest.files):
                (self._landing / name).unlink(missing_ok=True)
