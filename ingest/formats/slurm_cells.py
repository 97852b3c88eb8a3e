"""sacct --parsable2: cells between bars, nothing quoted; a job's name may hold bars of its own."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from ingest.growing import whole_lines
from ingest.source import InputFile, Reject

Cells = Mapping[str, str]
# A row's first field in every useful report; a header has its name, a row its digits.
IDENTITIES: Final = ("JobIDRaw", "JobID")
# Texts that users write. With one of them in a report, surplus bars must be its own.
FREE_TEXTS: Final = frozenset(
    ("JobName", "Comment", "AdminComment", "SystemComment", "SubmitLine", "WorkDir", "Extra")
)
COLUMN_NAME: Final = re.compile(r"[A-Za-z]+")  # of sacct --helpformat
FORMAT_OPTION: Final = "format"
NO_HEADER: Final = Reject(
    line_number=1,
    column_name=None,
    reason_code="no_header",
    message="no line of column names with JobIDRaw or JobID",
    remedy='leave --noheader out, or state the columns: [slurm_sacct] format = "JobIDRaw,User,..."',
)


def job_cells(file: InputFile) -> Iterator[tuple[int, Cells] | Reject]:
    """Rows of a report by column name.

    Args:
        file: Output of sacct --parsable2 or --parsable; without header only if the option
            `format` names the columns. Headers may come again, as in appended reports.

    Yields:
        (line number, cells), or rejects.
    """
    stated = file.options.get(FORMAT_OPTION, "")
    header = [name.strip().partition("%")[0] for name in stated.split(",") if name.strip()]
    for item in whole_lines(file):
        if isinstance(item, Reject):
            yield item
            continue
        number, line = item
        try:
            cells = line.decode().split("|")
        except UnicodeDecodeError:
            yield _rejected(number, "bad_encoding", "bytes that are not UTF-8")
            continue
        if _is_header(cells):
            header = cells[:-1] if cells[-1] == "" else cells
        elif not header:
            yield NO_HEADER
            return
        else:
            yield _named(number, cells, header)


def _is_header(cells: list[str]) -> bool:
    """Whether all cells are names of columns; a job may be named like one, its id never is."""
    names = cells[:-1] if cells[-1] == "" else cells
    return not set(IDENTITIES).isdisjoint(names) and all(map(COLUMN_NAME.fullmatch, names))


def _named(number: int, cells: list[str], header: list[str]) -> tuple[int, Cells] | Reject:
    surplus = len(cells) - len(header)
    if surplus == 1 and cells[-1] == "" and not FREE_TEXTS.intersection(header[-1:]):
        cells, surplus = cells[:-1], 0  # --parsable ends each row with a bar
    if surplus > 0:
        free = [place for place, name in enumerate(header) if name in FREE_TEXTS]
        if len(free) == 1:
            end = free[0] + surplus + 1
            cells = [*cells[: free[0]], "|".join(cells[free[0] : end]), *cells[end:]]
            surplus = 0
    if surplus:
        return _rejected(number, "cell_count", f"the row has not {len(header)} cells")
    return number, dict(zip(header, cells, strict=True))


def _rejected(number: int, code: str, message: str) -> Reject:
    return Reject(
        line_number=number,
        column_name=None,
        reason_code=code,
        message=message,
        remedy="leave columns that users write, such as JobName, out of --format, or name only one",
    )
