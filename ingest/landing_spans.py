"""Large files of records in spans of lines, so that several processes read one file."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from ingest.file_faults import reading
from ingest.landing_pieces import Piece
from ingest.source import InputFile, Reject

# A second or so of work: less would mean more and smaller Parquet files, more would idle a core.
SPAN_BYTES: Final = 128 * 2**20


@dataclass(frozen=True, kw_only=True)
class Span:
    """A part of a piece that one process reads.

    Attributes:
        piece: What it is a part of.
        place: Its number in the piece.
        first_byte: Where it begins in the decompressed bytes.
        first_line: Number of the line in which it begins.
        end_byte: Where it ends; None: at the end of the file.
    """

    piece: Piece
    place: int
    first_byte: int
    first_line: int
    end_byte: int | None

    @property
    def file(self) -> InputFile:
        """What its reader gets."""
        found = self.piece.found
        return InputFile(
            path=found.path,
            name=found.name,
            instance=found.instance,
            sha256=self.piece.file_sha256,
            options=found.options,
            first_byte=self.first_byte,
            first_line=self.first_line,
            end_byte=self.end_byte,
        )


@dataclass(frozen=True, kw_only=True)
class SpanRows:
    """What a span became; its Parquet files lie in landing, but no manifest vouches for them yet.

    Attributes:
        place: The number of the span.
        files: Below landing/.
        dates: (table, UTC date) of its rows.
        rows_landed: In the canonical tables.
        unknown_token_rows: Rows with a token count of a kind that no column has.
        rejects: The first ones of those that stand for it.
        rows_rejected: All of them.
    """

    place: int
    files: tuple[str, ...]
    dates: frozenset[tuple[str, date]]
    rows_landed: int
    unknown_token_rows: int
    rejects: tuple[Reject, ...]
    rows_rejected: int


def whole_span(piece: Piece) -> Span:
    """All of a piece."""
    return Span(
        piece=piece,
        place=0,
        first_byte=piece.start_byte,
        first_line=piece.start_line,
        end_byte=None if piece.is_open else piece.end_byte,
    )


def spans_of(piece: Piece) -> list[Span]:
    """The spans of a piece, in order: one, unless it is a large part of a plain file of records.

    Raises:
        MeterhouseError: The file cannot be read anymore.
    """
    spans = [whole_span(piece)]
    with reading(piece.found.path):
        cuts = list(_cuts(piece))
    for byte, line in cuts:
        last = spans.pop()
        rest = replace(last, place=last.place + 1, first_byte=byte, first_line=line)
        spans += [replace(last, end_byte=byte), rest]
    return spans


def _cuts(piece: Piece) -> Iterator[tuple[int, int]]:
    """Bytes and lines at which a record begins after the end of another, far enough apart."""
    path, last = piece.found.path, piece.start_byte
    if piece.is_open or not isinstance(path, Path):
        return
    with path.open("rb") as stream:
        for byte, line in piece.marks:
            if byte - last < SPAN_BYTES or piece.end_byte - byte < SPAN_BYTES // 2:
                continue
            # Anywhere else a value may go on over the line end.
            stream.seek(byte - 2)
            if stream.read(3) == b"}\n{":
                yield byte, line
                last = byte
