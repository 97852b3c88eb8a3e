"""AWS Cost and Usage Report 2.0, as Data Exports writes it."""

from collections.abc import Iterator
from typing import Final

import polars as pl

from ingest.formats.cur_columns import CATEGORIES, MANDATORY, TYPE, with_focus_names
from ingest.formats.focus_cells import bill_cells
from ingest.formats.focus_rows import BillFile, bill_lines, missing_columns
from ingest.formats.focus_values import CELL, LineKeys
from ingest.source import Batch, InputFile, Reject, Source
from ingest.times import stated_zone

NAME: Final = "aws_cur2"
# AWS gives a line another id in each delivery.
UNSTABLE: Final = frozenset({"identity_line_item_id"})
FLAGS: Final = {
    "effective_cost_unknown": pl.col(CELL + "EffectiveCost").is_null(),
    "unknown_line_item_type": ~pl.col(CELL + TYPE).is_in(list(CATEGORIES))
    & ~pl.col(CELL + TYPE).str.ends_with("Discount"),
}


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate one file of CUR 2.0.

    Args:
        file: Parquet, or CSV, plain or compressed; its columns are those that the export chose.

    Yields:
        bill_lines in batches of at most 50,000 rows, and rejects. Billed cost is the unblended
        cost; the other costs of AWS stay in `extra`.
    """
    bill = BillFile(
        keys=LineKeys(NAME, file.instance, UNSTABLE),
        constants={},
        flags=FLAGS,
        zone=stated_zone(file),
    )
    is_checked = False
    for cells in bill_cells(file):
        if isinstance(cells, Reject):
            yield cells
            continue
        if not is_checked and (problem := _problem(cells)) is not None:
            yield problem
            return
        is_checked = True
        yield from bill_lines(with_focus_names(cells), bill)


def _problem(cells: pl.DataFrame) -> Reject | None:
    absent = [name for name in MANDATORY if name not in cells.columns]
    if not absent:
        return missing_columns(with_focus_names(cells.head(0)))
    return Reject(
        line_number=None,
        column_name=absent[0],
        reason_code="missing_column",
        message=f"not CUR 2.0: no column {', '.join(absent)}",
        remedy="export these columns in the query of the data export",
    )


SOURCE: Final = Source(
    name=NAME,
    role="bill",
    tables=("bill_lines",),
    version=1,
    description="AWS Cost and Usage Report 2.0: Parquet or CSV of Data Exports",
    docs="https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2.html",
    read=read,
)
