"""FOCUS cost and usage of any provider, 1.0 to 1.4."""

from collections.abc import Iterator, Sequence
from typing import Final

from ingest.formats.focus_cells import bill_cells, file_metadata
from ingest.formats.focus_columns import focus_version, folded
from ingest.formats.focus_rows import BillFile, bill_lines, missing_columns
from ingest.formats.focus_values import LineKeys
from ingest.source import Batch, InputFile, Reject, Source
from ingest.times import stated_zone

NAME: Final = "focus"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate one file of FOCUS cost and usage.

    Columns are found by name. Options: `focus_version`, where the columns do not tell it;
    `time_zone` of times without an offset, UTC unless stated, as FOCUS demands.

    Args:
        file: CSV, plain or compressed, or Parquet.

    Yields:
        bill_lines in batches of at most 50,000 rows, and rejects.
    """
    keys = LineKeys(NAME, file.instance)
    bill: BillFile | None = None
    for cells in bill_cells(file):
        if isinstance(cells, Reject):
            yield cells
            continue
        if bill is None:
            if (problem := missing_columns(cells)) is not None:
                yield problem
                return
            version = _version(file, cells.columns)
            bill = BillFile(keys=keys, constants={"focus_version": version}, zone=stated_zone(file))
        yield from bill_lines(cells, bill)


def _version(file: InputFile, names: Sequence[str]) -> str:
    """As stated, else as the file's metadata tells, else by its columns."""
    told = {folded(key): text for key, text in file_metadata(file).items()}
    return file.options.get("focus_version") or told.get("focusversion") or focus_version(names)


SOURCE: Final = Source(
    name=NAME,
    role="bill",
    tables=("bill_lines",),
    version=1,
    description="FOCUS 1.0 to 1.4 cost and usage of any provider: CSV or Parquet",
    docs="https://focus.finops.org/focus-specification/",
    read=read,
)
