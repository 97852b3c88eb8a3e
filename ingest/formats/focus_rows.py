"""Cells of a bill under FOCUS names to batches of bill_lines."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from ingest.formats.focus_columns import MANDATORY, focus_columns
from ingest.formats.focus_values import CELL, JSON_COLUMNS, LineKeys, extra_json, with_values
from ingest.quality_flags import raised_flags
from ingest.schema import BILL_LINES
from ingest.source import Batch, Reject


@dataclass(frozen=True, kw_only=True)
class BillFile:
    """What is the same for all rows of a file.

    Attributes:
        keys: The keys of the lines read so far.
        constants: Canonical columns with one value for every row.
        flags: Quality flag -> where it is raised, over columns named `cell:<name>`.
        zone: The stated time zone of times without an offset.
    """

    keys: LineKeys
    constants: Mapping[str, str | None]
    flags: Mapping[str, pl.Expr] = field(default_factory=dict)
    zone: str | None = None


def bill_lines(cells: pl.DataFrame, bill: BillFile) -> Iterator[Batch | Reject]:
    """Translate one part of a file.

    Args:
        cells: Texts under FOCUS names, and line_number; what has no canonical column goes to
            `extra`.
        bill: What is the same for all of its rows.

    Yields:
        Rejects, then a batch.
    """
    names = [name for name in cells.columns if name != "line_number"]
    columns = focus_columns(names)
    rows, rejects = with_values(cells, columns, bill.zone)
    yield from rejects
    if not rows.height:
        return
    rows = bill.keys.add_to(rows, names)
    faulty = {name: columns[name] for name in JSON_COLUMNS if name in columns}
    is_faulty = {
        name: pl.col(name).is_null() & (pl.col(CELL + column).fill_null("") != "")
        for name, column in faulty.items()
    }
    extra = {name: pl.col(CELL + name) for name in names if name not in columns.values()}
    for name, column in faulty.items():
        extra[column] = pl.when(is_faulty[name]).then(CELL + column)
    raised = {f"bad_{name}": where for name, where in is_faulty.items()} | dict(bill.flags)
    frame = rows.with_columns(
        extra_json(extra).alias("extra"),
        raised_flags(raised),
        *(pl.lit(value, pl.String).alias(name) for name, value in bill.constants.items()),
    )
    yield Batch(
        table="bill_lines", frame=frame.select(name for name in BILL_LINES if name in frame.columns)
    )


def missing_columns(cells: pl.DataFrame) -> Reject | None:
    """The reject of a file that has not the mandatory columns."""
    absent = [name for name in MANDATORY if name not in focus_columns(cells.columns)]
    if not absent:
        return None
    return Reject(
        line_number=None,
        column_name=absent[0],
        reason_code="missing_column",
        message=f"not a cost and usage report: no column for {', '.join(absent)}",
        remedy="export the mandatory columns; FOCUS' other data sets are not read",
    )
