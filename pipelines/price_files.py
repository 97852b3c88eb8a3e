"""Newer price lists as files: genai-prices' own data, or LiteLLM's; read without any network."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import polars as pl
from genai_prices.types import Provider, _providers_from_raw
from pydantic import ValidationError

from ingest.errors import MeterhouseError
from pipelines import litellm_prices, price_sheets
from pipelines.price_book import DAY_MINUTES, PRICE_COLUMNS, Key, Row, book_frame, key_of, prices_of
from pipelines.prices import known_model

Context = tuple[str, str, str, int]
IS_HOURLY: Final = pl.col("window_end_minute") - pl.col("window_start_minute") < DAY_MINUTES


@dataclass(frozen=True, kw_only=True)
class PriceFile:
    """A newer price list.

    Attributes:
        kind: 'genai-prices' or 'litellm'.
        sha256: Of the file.
        rows: Columns of the price book.
        ambiguous: Models left out: the file asks several prices for them, or the book knows
            prices by the hour that the file cannot state.
    """

    kind: str
    sha256: str
    rows: pl.DataFrame
    ambiguous: tuple[str, ...] = ()


def read_price_file(path: Path, believed_from: datetime, book: pl.DataFrame) -> PriceFile:
    """Read a price list of either kind.

    Args:
        path: JSON as genai-prices or LiteLLM publish it.
        believed_from: When it is imported, UTC.
        book: What is believed so far; LiteLLM leaves classes out that it knows.

    Raises:
        MeterhouseError: The file is missing, not JSON, or neither of the two.
    """
    content, digest = _content(path)
    rows: Iterable[Row]
    ambiguous: list[str] = []
    if isinstance(content, list):
        kind, rows = "genai-prices", _genai_rows(path, content)
    elif any(isinstance(e, dict) and "litellm_provider" in e for e in content.values()):
        kind = "litellm"
        rows, ambiguous = _litellm_rows(content, book)
    else:
        raise MeterhouseError(
            f"{path} is neither a price list of genai-prices nor of LiteLLM.",
            "Give prices/new_data/v2/data.json of genai-prices or LiteLLM's "
            "model_prices_and_context_window.json.",
        )
    frame = book_frame(rows).with_columns(
        believed_from=pl.lit(believed_from).cast(pl.Datetime("us")),
        price_snapshot=pl.lit(f"{kind} imported {believed_from:%Y-%m-%d}"),
        price_snapshot_sha256=pl.lit(digest),
    )
    return PriceFile(kind=kind, sha256=digest, rows=frame, ambiguous=tuple(ambiguous))


def _content(path: Path) -> tuple[Any, str]:
    try:
        data = path.read_bytes()
        return json.loads(data, parse_float=Decimal), hashlib.sha256(data).hexdigest()
    except OSError as error:
        raise MeterhouseError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise MeterhouseError(
            f"{path} is not JSON: {error}.", "Download the file again, whole."
        ) from None


def _genai_rows(path: Path, content: list[Any]) -> Iterator[dict[str, Any]]:
    try:
        providers: list[Provider] = _providers_from_raw(content)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
        reason = str(error).splitlines()[0]
        raise MeterhouseError(
            f"{path} is not a price list that the installed genai-prices reads: {reason}.",
            "Take a list of the same major version, or raise genai-prices.",
        ) from None
    return price_sheets.sheets_of(providers)


def _litellm_rows(content: Mapping[str, Any], book: pl.DataFrame) -> tuple[list[Row], list[str]]:
    """LiteLLM's rows under the names of the price book, and the models that fit no single one.

    Several of its names may be one model of genai-prices: those with the model's own name count
    before others, and what counts must agree.
    """
    sheets: dict[Key, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in litellm_prices.sheets_of(_with_decimals(content)):
        seen = (row["provider_name"], row["model_name"])
        provider, model = known_model(*seen) or seen
        sheets[provider, model, row["service_tier"]][row["listed_as"]].append(row)
    believed = _newest_rows(book)
    hourly = {key_of(row) for row in book.filter(IS_HOURLY).iter_rows(named=True)}
    rows: list[Row] = []
    ambiguous: set[str] = set()
    for key, by_name in sheets.items():
        asked = [_renamed(sheet, key, believed) for sheet in _own_names(by_name, key[1])]
        if key in hourly or len({prices_of(sheet) for sheet in asked}) > 1:
            ambiguous.add(f"{key[0]} {key[1]}")
        else:
            rows.extend(asked[0])
    return rows, sorted(ambiguous)


def _own_names(by_name: Mapping[str, list[Row]], model: str) -> list[list[Row]]:
    own = [sheet for sheet in by_name.values() if sheet[0]["model_name"] == model]
    return own or list(by_name.values())


def _renamed(sheet: list[Row], key: Key, believed: Mapping[Context, Row]) -> list[Row]:
    """A sheet under the book's names; what it leaves out, the book knows or nobody does."""
    provider, model, tier = key
    named = {"provider_name": provider, "model_name": model, "service_tier": tier}
    full: list[Row] = []
    for row in sheet:
        known = believed.get((*key, row["context_threshold_tokens"]), {})
        left_out = {name: known.get(name) for name in PRICE_COLUMNS if row.get(name) is None}
        full.append({**row, **left_out, **named})
    return full


def _with_decimals(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Whole numbers as decimals too: a price of 0 is a price."""
    return {
        name: {
            key: Decimal(value) if type(value) is int and "cost" in key else value
            for key, value in entry.items()
        }
        for name, entry in content.items()
        if isinstance(entry, dict)
    }


def _newest_rows(book: pl.DataFrame) -> dict[Context, Row]:
    """The newest row of each model, tier and context, for classes that a file leaves out."""
    ordered = book.sort("believed_from", "valid_from").iter_rows(named=True)
    return {(*key_of(row), row["context_threshold_tokens"]): row for row in ordered}
