"""Text cells of a bill to canonical columns: exact amounts, UTC times, JSON objects."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import msgspec
import polars as pl

from ingest.formats.focus_cells import json_text
from ingest.records import event_ids
from ingest.schema import BILL_LINES, TIMESTAMP
from ingest.source import Reject
from ingest.times import TimestampError, parse_utc

JSON_COLUMNS: Final = ("tags", "sku_price_details")
REQUIRED: Final = ("charge_period_start", "billed_cost")
AMOUNT_LIMIT: Final = 10**12
ENCODER: Final = msgspec.json.Encoder(order="sorted")
TEXTS: Final = frozenset(
    name for name, dtype in BILL_LINES.items() if dtype == pl.String and name not in JSON_COLUMNS
)
CELL: Final = "cell:"  # prefix of the file's own columns, beside the canonical ones
REMEDY: Final = "correct the row at its producer and deliver the file again"


def with_values(
    cells: pl.DataFrame, columns: Mapping[str, str], zone: str | None
) -> tuple[pl.DataFrame, list[Reject]]:
    """Typed canonical columns of rows whose every value can be read.

    Args:
        cells: Texts and line_number.
        columns: Canonical column -> column of the cells.
        zone: The time zone of times without an offset; None: UTC, as FOCUS demands.

    Returns:
        (the cells of the good rows and their canonical columns, rejects of the others).
    """
    values: list[pl.Series] = []
    bad: list[pl.Series] = []
    for name, column in columns.items():
        text = cells[column].replace("", None) if name not in TEXTS else cells[column]
        series, is_bad = _values(name, text, zone)
        values.append(series.alias(name))
        bad.append(is_bad.alias(name))
    marked = pl.DataFrame([cells["line_number"], *bad])
    rejects = list(_rejects(marked, columns))
    is_good = ~pl.DataFrame(bad).select(pl.any_horizontal(pl.all())).to_series()
    kept = cells.rename({name: CELL + name for name in cells.columns if name != "line_number"})
    return kept.hstack(values).filter(is_good), rejects


def _values(name: str, text: pl.Series, zone: str | None) -> tuple[pl.Series, pl.Series]:
    """A column's values, and where a text could not be one."""
    dtype = BILL_LINES[name]
    if dtype == TIMESTAMP:
        series = _mapped(text, lambda one: _time(one, zone), TIMESTAMP)
    elif isinstance(dtype, pl.Decimal):
        series = text.str.strip_chars().cast(dtype, strict=False)
        in_range = series.is_between(-AMOUNT_LIMIT, AMOUNT_LIMIT, closed="none")
        series = pl.select(pl.when(in_range).then(series)).to_series()
    elif name in JSON_COLUMNS:
        # A faulty object is kept in `extra`; the row's money counts all the same.
        series = _mapped(text, _json_object, pl.String())
        return series, pl.repeat(value=False, n=len(text), eager=True)
    else:
        series = text
    is_missing = series.is_null() if name in REQUIRED else text.is_not_null() & series.is_null()
    return series, is_missing


def _mapped(text: pl.Series, convert: Any, dtype: pl.DataType) -> pl.Series:
    """Convert each distinct text once: a bill has few times and few sets of tags."""
    distinct = text.drop_nulls().unique()
    found = [convert(one) for one in distinct]
    return text.replace_strict(distinct, pl.Series(found, dtype=dtype), default=None)


def _time(text: str, zone: str | None) -> datetime | None:
    try:
        return parse_utc(text.removesuffix(" UTC"), zone or "UTC")
    except TimestampError:
        return None


def _json_object(text: str) -> str | None:
    """A JSON object with sorted keys; a map of Parquet is a list of its keys and values."""
    try:
        found = msgspec.json.decode(text)
        if isinstance(found, list):
            found = {pair["key"]: pair["value"] for pair in found}
    except (msgspec.MsgspecError, KeyError, TypeError):
        return None
    return ENCODER.encode(found).decode() if isinstance(found, dict) else None


def _rejects(marked: pl.DataFrame, columns: Mapping[str, str]) -> Iterator[Reject]:
    faulty = marked.filter(pl.any_horizontal(pl.exclude("line_number")))
    for row in faulty.to_dicts():
        name = next(name for name in columns if row[name])
        is_time = BILL_LINES[name] == TIMESTAMP
        yield Reject(
            line_number=row["line_number"],
            column_name=columns[name],
            reason_code="bad_timestamp" if is_time else "bad_value",
            message="missing, or not a time"
            if is_time
            else "missing, or not an amount below 10**12",
            remedy=REMEDY,
        )


def extra_json(cells: Mapping[str, pl.Expr]) -> pl.Expr:
    """A JSON object of column and text, without those that are NULL; NULL where all are."""
    parts = [
        pl.concat_str(pl.lit(f"{ENCODER.encode(name).decode()}:"), json_text(cell))
        for name, cell in sorted(cells.items())
    ]
    inner = pl.concat_str([*parts, pl.lit(None, pl.String)], separator=",", ignore_nulls=True)
    return pl.when(inner != "").then(pl.concat_str(pl.lit("{"), inner, pl.lit("}")))


class LineKeys:
    """Keys of bill lines, which have none of their own: their content, numbered where it repeats.

    Two equal lines of one file are two charges. A file delivered again, in any order, has the same
    keys. It holds about 100 bytes for each line of the file.
    """

    def __init__(self, source: str, instance: str, ignored: frozenset[str] = frozenset()) -> None:
        self._source = source
        self._instance = instance
        self._ignored = ignored
        self._seen: dict[bytes, int] = {}

    def add_to(self, rows: pl.DataFrame, names: list[str]) -> pl.DataFrame:
        """Add natural_key and bill_line_id; `names` are the file's columns."""
        used = sorted(set(names) - self._ignored)
        cells = [pl.concat_str(pl.lit(f"\x1f{name}\x1e"), pl.col(CELL + name)) for name in used]
        contents = rows.select(pl.concat_str(cells, ignore_nulls=True)).to_series()
        keys = []
        for content, account, period in zip(
            contents, rows["billing_account_id"], rows["billing_period_start"], strict=True
        ):
            digest = sha256(content.encode()).digest()
            count = self._seen[digest[:8]] = self._seen.get(digest[:8], 0) + 1
            month = period.date() if period else ""
            keys.append(f"{account or ''}|{month}|{digest.hex()}|{count}")
        ids = event_ids(self._source, self._instance, keys)
        return rows.with_columns(
            pl.Series("natural_key", keys, pl.String()), pl.Series("bill_line_id", ids, pl.String())
        )
