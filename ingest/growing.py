"""Lines of files that another process still appends to."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ingest.readers import GZIP_MAGIC, ZSTD_MAGIC, lines
from ingest.source import InputFile, Reject

MAGICS: Final = (GZIP_MAGIC, ZSTD_MAGIC)


def whole_lines(file: InputFile) -> Iterator[tuple[int, bytes] | Reject]:
    """Lines with their numbers; a last line without its line end is rejected.

    Such a line was cut while it was written, and its last number may lack digits: `612` of
    `612.34`. In a compressed file the end of the line cannot be seen cheaply; there it passes.

    Yields:
        (line number from 1, bytes without line end), or rejects.
    """
    held: tuple[int, bytes] | Reject | None = None
    for row in lines(file):
        if held is not None:
            yield held
        held = row
    if held is None:
        return
    if isinstance(held, Reject) or held[1].startswith(b"#") or not _is_unfinished(file.path):
        yield held
        return
    yield Reject(
        line_number=held[0],
        column_name=None,
        reason_code="unfinished_line",
        message="the last line has no line end: it was cut while it was written",
        remedy="nothing to do if the file still grows: the next delivery holds the whole line",
    )


def _is_unfinished(path: Path) -> bool:
    with path.open("rb") as stream:
        if stream.read(4).startswith(MAGICS):
            return False
        stream.seek(-1, 2)
        return stream.read(1) not in b"\r\n"
