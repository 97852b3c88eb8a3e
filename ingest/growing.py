"""Lines of files that another process still appends to."""

from collections.abc import Iterator

from ingest.inflate import is_compressed, last_byte
from ingest.readers import lines
from ingest.source import InputFile, Reject


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
    if isinstance(held, Reject) or held[1].startswith(b"#") or not _is_unfinished(file):
        yield held
        return
    yield unfinished(held[0])


def unfinished(line_number: int) -> Reject:
    """The reject for a last line that was cut while it was written."""
    return Reject(
        line_number=line_number,
        column_name=None,
        reason_code="unfinished_line",
        message="the last line has no line end: it was cut while it was written",
        remedy="nothing to do if the file still grows: the next delivery holds the whole line",
    )


def _is_unfinished(file: InputFile) -> bool:
    """Whether the last line lacks its end; landing bounds a part to lines that are finished."""
    if file.end_byte is not None or is_compressed(file.path):
        return False
    return last_byte(file.path) not in b"\r\n"
