"""The price book: every list price ever believed, as periods of sheets.

A sheet is all that a provider asks for a model in one service tier: one row per context tier and
time window, a price for each class. The committed seed and the files of `prices/` below the data
folder hold sheets with the time since when they are believed. A later sheet ends the earlier ones
of its model and tier from its first day on; nothing is ever rewritten.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import polars as pl

from ingest.errors import MeterhouseError
from ingest.ledger_prices import PRICED_CLASSES
from pipelines.settings import DBT_PROJECT, Settings

SEED: Final = DBT_PROJECT / "seeds" / "list_prices.csv"
ALWAYS: Final = date(1970, 1, 1)
DAY_MINUTES: Final = 24 * 60
PRICE_COLUMNS: Final = tuple(f"{name}_unit_price_usd" for name in PRICED_CLASSES)
SCHEMA: Final[Mapping[str, pl.DataType]] = {
    "price_id": pl.String(),
    "provider_name": pl.String(),
    "model_name": pl.String(),
    "service_tier": pl.String(),
    "context_threshold_tokens": pl.Int64(),
    "window_start_minute": pl.Int64(),
    "window_end_minute": pl.Int64(),
    "valid_from": pl.Date(),
    "valid_to": pl.Date(),
    "believed_from": pl.Datetime("us"),
    "price_snapshot": pl.String(),
    "price_snapshot_sha256": pl.String(),
    "standard_classes": pl.String(),
    **dict.fromkeys(PRICE_COLUMNS, pl.Decimal(18, 12)),
}
SHEET_KEY: Final = ("provider_name", "model_name", "service_tier")
PLACES: Final = Decimal("0.000000000001")

Row = Mapping[str, Any]
Key = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class Period:
    """One sheet and the half-open UTC days on which it holds; an open end is None."""

    valid_from: date
    valid_to: date | None
    sheet: tuple[Row, ...]


Timeline = tuple[Period, ...]


def key_of(row: Row) -> Key:
    """The model and tier that a row belongs to."""
    return (row["provider_name"], row["model_name"], row["service_tier"])


def read_book(settings: Settings | None = None) -> pl.DataFrame:
    """The committed list and, of a data folder, everything imported since.

    Raises:
        MeterhouseError: A file of prices/ was edited so that it cannot be read.
    """
    imports = read_imports(settings) if settings else pl.DataFrame(schema=dict(SCHEMA))
    return pl.concat([_read(SEED), imports])


def read_imports(settings: Settings) -> pl.DataFrame:
    """What was imported into a data folder; no rows where nothing was.

    Raises:
        MeterhouseError: A file of prices/ was edited so that it cannot be read.
    """
    frames = [_read(path) for path in imported_files(settings)]
    return pl.concat([pl.DataFrame(schema=dict(SCHEMA)), *frames])


def imported_files(settings: Settings) -> list[Path]:
    """Price files that were imported into a data folder, in order."""
    return sorted(settings.prices.glob("*.csv"))


def timelines(book: pl.DataFrame) -> dict[Key, Timeline]:
    """What is believed now of every model and tier, in order of days.

    The same rule stands in the model int_list_price_versions; a test holds them together.
    """
    found: dict[Key, Timeline] = {}
    for (_, *key), frame in book.sort("believed_from").group_by(
        ["believed_from", *SHEET_KEY], maintain_order=True
    ):
        name = (str(key[0]), str(key[1]), str(key[2]))
        found[name] = followed(found.get(name, ()), periods(frame.iter_rows(named=True)))
    return found


def periods(rows: Iterable[Row]) -> Timeline:
    """Rows of one model and tier, gathered by their days."""
    sheets: dict[tuple[date, date | None], list[Row]] = {}
    for row in rows:
        sheets.setdefault((row["valid_from"], row["valid_to"]), []).append(row)
    return tuple(
        Period(valid_from=start, valid_to=end, sheet=tuple(sheets[start, end]))
        for start, end in sorted(sheets, key=lambda days: days[0])
    )


def followed(before: Timeline, after: Timeline) -> Timeline:
    """The earlier periods until the first day of the later ones, then these."""
    first = min(period.valid_from for period in after)
    kept = [
        Period(
            valid_from=period.valid_from,
            valid_to=first if period.valid_to is None else min(period.valid_to, first),
            sheet=period.sheet,
        )
        for period in before
        if period.valid_from < first
    ]
    return (*kept, *after)


def prices_of(sheet: Sequence[Row]) -> frozenset[tuple[Any, ...]]:
    """What a sheet asks, whatever it is called and since when it holds."""
    names = ("context_threshold_tokens", "window_start_minute", "window_end_minute")
    return frozenset(tuple(row[name] for name in (*names, *PRICE_COLUMNS)) for row in sheet)


def priced_row(row: Row) -> dict[str, Any]:
    """The row with its identity: a hash of what it prices, when and how."""
    named = [str(row[name]) for name in SCHEMA if name in IDENTITY]
    amounts = [row.get(name) for name in PRICE_COLUMNS]
    priced = ["" if amount is None else f"{amount:f}" for amount in amounts]
    digest = hashlib.sha256("|".join([*named, *priced]).encode()).hexdigest()
    return {**row, "price_id": digest[:16]}


IDENTITY: Final = frozenset(
    (
        *SHEET_KEY,
        "context_threshold_tokens",
        "window_start_minute",
        "window_end_minute",
        "valid_from",
    )
)


def unit_price(amount: Decimal | None) -> Decimal | None:
    """US dollars for one token or request, with the twelve places that are kept."""
    return None if amount is None else amount.quantize(PLACES)


def book_frame(rows: Iterable[Row]) -> pl.DataFrame:
    """Rows as a frame of the book, in the order in which it is kept."""
    full = [{name: row.get(name) for name in SCHEMA} for row in map(priced_row, rows)]
    return pl.DataFrame(full, schema=dict(SCHEMA)).sort(
        *SHEET_KEY, "valid_from", "context_threshold_tokens", "window_start_minute"
    )


def csv_text(book: pl.DataFrame) -> str:
    """The book as CSV, without zeros that say nothing."""
    plain = book.with_columns(
        pl.col(*PRICE_COLUMNS).cast(pl.String).str.replace(r"\.?0+$", ""),
        pl.col("believed_from").dt.to_string("%Y-%m-%d %H:%M:%S"),
    )
    return plain.write_csv()


def _read(path: Path) -> pl.DataFrame:
    try:
        frame = pl.read_csv(path, schema=dict.fromkeys(SCHEMA, pl.String()))
        return frame.select(_typed(pl.col(name), dtype) for name, dtype in SCHEMA.items())
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise MeterhouseError(
            f"{path.parent.name}/{path.name} cannot be read: {reason}",
            "Remove the file and import its prices again: meterhouse prices import FILE",
        ) from None


def _typed(text: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Date():
        return text.str.to_date("%Y-%m-%d")
    if dtype == pl.Datetime("us"):
        return text.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us")
    return text.cast(dtype)
