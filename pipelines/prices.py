"""List prices: genai-prices compiled into the committed book, and who is priced by which row.

The compiled book is committed, so the price of a past day cannot move when the package does.
Prices are US dollars per one token; rates and their meaning come from pydantic/genai-prices (MIT).
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from hashlib import sha256
from importlib.metadata import version

import polars as pl
from genai_prices import Usage, calc_price
from genai_prices.data import providers

from ingest.files import write_parquet_atomically
from pipelines.price_book import ALWAYS, SEED, book_frame, csv_text, read_book, read_imports
from pipelines.price_changes import new_periods
from pipelines.price_sheets import sheets_of
from pipelines.settings import Settings

MATCHES_SCHEMA = {
    "provider_name": pl.String(),
    "model_name": pl.String(),
    "price_provider_name": pl.String(),
    "price_model_name": pl.String(),
}

# OpenTelemetry's provider names where genai-prices has its own.
PROVIDER_IDS = {
    "aws.bedrock": "aws",
    "azure.ai.inference": "azure",
    "azure.ai.openai": "azure",
    "fireworks_ai": "fireworks",
    "gcp.gemini": "google",
    "gcp.gen_ai": "google",
    "gcp.vertex_ai": "google",
    "mistral_ai": "mistral",
    "moonshot_ai": "moonshotai",
    "together_ai": "together",
    "x_ai": "x-ai",
}


def compile_list_prices() -> pl.DataFrame:
    """The installed genai-prices as a book that has been believed from the first day on.

    Returns:
        Columns of the list_prices seed; unit prices in US dollars, NULL where unknown.
    """
    rows = book_frame(sheets_of(providers))
    return rows.with_columns(
        believed_from=pl.lit(datetime.combine(ALWAYS, datetime.min.time())),
        price_snapshot=pl.lit(f"genai-prices {version('genai-prices')}"),
        price_snapshot_sha256=pl.lit(sha256(csv_text(rows).encode()).hexdigest()),
    )


def match_models(
    seen: Iterable[tuple[str, str]], listed: Iterable[tuple[str, str]] = ()
) -> pl.DataFrame:
    """Find the price entry of each model as logs name it, by genai-prices' own matching.

    Args:
        seen: (provider_name, model_name) pairs.
        listed: Such pairs of imported prices; the same name fits where genai-prices knows none.

    Returns:
        Columns of MATCHES_SCHEMA; pairs without a price entry are absent.
    """
    imported = {(provider, model.lower()): model for provider, model in listed}
    rows = []
    for provider_name, model_name in sorted(set(seen)):
        provider = PROVIDER_IDS.get(provider_name, provider_name)
        found = known_model(provider, model_name)
        if found is None and (provider, model_name.lower()) in imported:
            found = (provider, imported[provider, model_name.lower()])
        if found is not None:
            rows.append((provider_name, model_name, *found))
    return pl.DataFrame(rows, schema=MATCHES_SCHEMA, orient="row")


def known_model(provider: str, model_name: str) -> tuple[str, str] | None:
    """Provider and model of genai-prices for a name; None where it knows none."""
    try:
        found = calc_price(Usage(input_tokens=0), model_ref=model_name, provider_id=provider)
    except LookupError:
        return None
    return found.provider.id, found.model.id


def hand_over(settings: Settings, seen: Iterable[tuple[str, str]]) -> None:
    """Write for dbt which price each seen model has, and the prices that were imported.

    Raises:
        MeterhouseError: A file of prices/ cannot be read.
    """
    imports = read_imports(settings)
    listed = imports.select("provider_name", "model_name").unique().iter_rows()
    matches = match_models(seen, [(provider, model) for provider, model in listed])
    write_parquet_atomically(matches, settings.state / "price_matches.parquet")
    write_parquet_atomically(imports, settings.state / "price_imports.parquet")


def raise_seed(effective: date, now: datetime) -> pl.DataFrame:
    """The committed book with what the installed genai-prices asks from a day on, and no less."""
    book = read_book()
    fresh = compile_list_prices().with_columns(believed_from=pl.lit(now).cast(pl.Datetime("us")))
    return pl.concat([book, new_periods(book, fresh, effective)])


if __name__ == "__main__":
    # Maintainers, after raising genai-prices: python -m pipelines.prices
    moment = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    raised = raise_seed(moment.date(), moment) if SEED.exists() else compile_list_prices()
    SEED.write_text(csv_text(raised))
