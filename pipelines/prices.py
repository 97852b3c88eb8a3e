"""List prices: genai-prices compiled into an effective-dated table, and who is priced by which row.

The compiled table is committed, so the price of a past day cannot move when the package does.
Prices are US dollars per one token; rates and their meaning come from pydantic/genai-prices (MIT).
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path

import polars as pl
from genai_prices import Usage, calc_price
from genai_prices.data import providers
from genai_prices.types import (
    ModelInfo,
    ModelPrice,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
)

from ingest.files import write_parquet_atomically
from pipelines.settings import DBT_PROJECT

SEED = DBT_PROJECT / "seeds" / "list_prices.csv"
ALWAYS = date(1970, 1, 1)
PER_TOKEN = Decimal("0.000001")
PLACES = Decimal("0.000000000001")

# Our column and, in order, the units that price it. A class without a price of its own is billed
# as the class that contains it: genai-prices' own rule (types.ModelPrice.calc_price).
PRICED_CLASSES = {
    "uncached_input_unit_price_usd": ("input_mtok",),
    "cache_read_input_unit_price_usd": ("cache_read_mtok", "input_mtok"),
    "cache_write_input_unit_price_usd": ("cache_write_mtok", "input_mtok"),
    "cache_write_1h_input_unit_price_usd": (
        "cache_write_1h_mtok",
        "cache_write_mtok",
        "input_mtok",
    ),
    "output_unit_price_usd": ("output_mtok",),
}

MATCHES_SCHEMA = {
    "provider_name": pl.String(),
    "model_name": pl.String(),
    "price_provider_name": pl.String(),
    "price_model_name": pl.String(),
}

# OpenTelemetry's provider names where genai-prices has its own.
PROVIDER_IDS = {
    "aws.bedrock": "aws",
    "azure.ai.openai": "azure",
    "gcp.gemini": "google",
    "gcp.vertex_ai": "google",
}


@dataclass(frozen=True, kw_only=True)
class Period:
    """One price of one model, valid from a date (UTC, inclusive) to another (exclusive)."""

    valid_from: date
    valid_to: date | None
    price: ModelPrice


def compile_list_prices() -> pl.DataFrame:
    """Flatten the installed genai-prices into one row per model, period and context tier.

    A tier applies to every token of a request whose input exceeds its threshold (a cliff). Models
    whose price depends on the time of day are left out, so their usage shows as unpriced.

    Returns:
        Columns of the list_prices seed; unit prices as decimal text, NULL where unknown.
    """
    rows = [
        {
            "provider_name": provider.id,
            "model_name": model.id,
            "price_snapshot": f"genai-prices {version('genai-prices')}",
            "valid_from": period.valid_from,
            "valid_to": period.valid_to,
            **tier,
        }
        for provider in providers
        for model in provider.models
        for period in _periods(model)
        for tier in _tiers(period.price)
    ]
    return pl.DataFrame(rows, infer_schema_length=None).sort(
        "provider_name", "model_name", "valid_from", "context_threshold_tokens"
    )


def match_models(seen: Iterable[tuple[str, str]]) -> pl.DataFrame:
    """Find the price entry of each model as logs name it, by genai-prices' own matching.

    Args:
        seen: (provider_name, model_name) pairs.

    Returns:
        Columns of MATCHES_SCHEMA; pairs without a price entry are absent.
    """
    rows = []
    for provider_name, model_name in sorted(set(seen)):
        try:
            found = calc_price(
                Usage(input_tokens=0),
                model_ref=model_name,
                provider_id=PROVIDER_IDS.get(provider_name, provider_name),
            )
        except LookupError:
            continue
        rows.append((provider_name, model_name, found.provider.id, found.model.id))
    return pl.DataFrame(rows, schema=MATCHES_SCHEMA, orient="row")


def write_matches(seen: Iterable[tuple[str, str]], path: Path) -> None:
    """Write match_models to a Parquet file, whole or not at all."""
    write_parquet_atomically(match_models(seen), path)


def snapshot_hash() -> str:
    """SHA-256 of the compiled table."""
    return hashlib.sha256(SEED.read_bytes()).hexdigest()


def _periods(model: ModelInfo) -> Iterator[Period]:
    """Dated prices in order; a later start ends the price before it."""
    if isinstance(model.prices, ModelPrice):
        yield Period(valid_from=ALWAYS, valid_to=None, price=model.prices)
        return
    if any(isinstance(p.constraint, TimeOfDateConstraint) for p in model.prices):
        return
    dated = {_start(p.constraint): p.prices for p in model.prices}
    starts = sorted(dated)
    for start, end in zip(starts, [*starts[1:], None], strict=True):
        yield Period(valid_from=start, valid_to=end, price=dated[start])


def _start(constraint: StartDateConstraint | TimeOfDateConstraint | None) -> date:
    return constraint.start_date if isinstance(constraint, StartDateConstraint) else ALWAYS


def _tiers(price: ModelPrice) -> Iterator[dict[str, int | str | None]]:
    values = {
        column: next((v for v in (getattr(price, unit) for unit in units) if v is not None), None)
        for column, units in PRICED_CLASSES.items()
    }
    if all(value is None for value in values.values()):
        return
    thresholds = {0} | {
        tier.start for v in values.values() if isinstance(v, TieredPrices) for tier in v.tiers
    }
    for threshold in sorted(thresholds):
        yield {
            "context_threshold_tokens": threshold,
            **{column: _unit_price(value, threshold) for column, value in values.items()},
        }


def _unit_price(value: Decimal | TieredPrices | None, threshold: int) -> str | None:
    if isinstance(value, TieredPrices):
        reached = [tier.price for tier in value.tiers if tier.start <= threshold]
        value = reached[-1] if reached else value.base
    return None if value is None else f"{(value * PER_TOKEN).quantize(PLACES):f}"


if __name__ == "__main__":
    # Maintainers, after raising genai-prices: python -m pipelines.prices
    compile_list_prices().write_csv(SEED)
