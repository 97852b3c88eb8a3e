"""The three tables of quota inflation: their columns, and how they are written."""

from pathlib import Path
from types import MappingProxyType
from typing import Final

import polars as pl

from ingest.files import write_parquet_atomically

_SCOPE: Final = {"scope_kind": pl.String(), "team_id": pl.String(), "period_kind": pl.String()}
_VINTAGE: Final = {
    "vintage": pl.Int64(),
    "is_current": pl.Boolean(),
    "input_fingerprint": pl.String(),
}
_PERIOD: Final = {"period_start_date": pl.Date(), "period_end_date": pl.Date()}
# What tells one published value of a period from another.
PERIOD_KEY: Final = (*_SCOPE, "period_start_date")

PRICE_INDEX: Final = pl.Schema(
    {
        **_SCOPE,
        **_PERIOD,
        "formula": pl.String(),
        "contributor_kind": pl.String(),
        "provider_name": pl.String(),
        "model_name": pl.String(),
        "contributor_team_id": pl.String(),
        "base_period_start_date": pl.Date(),
        "index_ratio": pl.Float64(),
        "change_ratio": pl.Float64(),
        "contribution_ratio": pl.Float64(),
        "annualized_inflation_ratio": pl.Float64(),
        "annualized_from_date": pl.Date(),
        "unit_value_usd_per_million_tokens": pl.Float64(),
        "unit_value_index_ratio": pl.Float64(),
        "matched_cost_ratio": pl.Float64(),
        **_VINTAGE,
    }
)
QUOTA_INFLATION_INDEX: Final = pl.Schema(
    {
        **_SCOPE,
        **_PERIOD,
        "measure": pl.String(),
        "contributor_kind": pl.String(),
        "driver": pl.String(),
        "contributor_team_id": pl.String(),
        "base_period_start_date": pl.Date(),
        "index_ratio": pl.Float64(),
        "price_index_ratio": pl.Float64(),
        "volume_index_ratio": pl.Float64(),
        "change_ratio": pl.Float64(),
        "contribution_ratio": pl.Float64(),
        "annualized_inflation_ratio": pl.Float64(),
        "annualized_from_date": pl.Date(),
        **_VINTAGE,
    }
)
COST_DRIVERS: Final = pl.Schema(
    {
        **_SCOPE,
        **_PERIOD,
        "from_period_start_date": pl.Date(),
        "driver": pl.String(),
        "provider_name": pl.String(),
        "model_name": pl.String(),
        "token_class": pl.String(),
        "change_usd": pl.Decimal(38, 12),
        "change_tokens": pl.Float64(),
        "from_cost_usd": pl.Decimal(38, 12),
        "to_cost_usd": pl.Decimal(38, 12),
        "from_tokens": pl.Int64(),
        "to_tokens": pl.Int64(),
        **_VINTAGE,
    }
)
TABLES: Final = MappingProxyType(
    {
        "price_index": PRICE_INDEX,
        "quota_inflation_index": QUOTA_INFLATION_INDEX,
        "cost_drivers": COST_DRIVERS,
    }
)


def read_table(name: str, folder: Path) -> pl.DataFrame:
    """What was published before; without rows where nothing was, or in another version's columns.

    Args:
        name: One of `TABLES`.
        folder: Where the files are.
    """
    path = folder / f"{name}.parquet"
    if path.exists():
        frame = pl.read_parquet(path, hive_partitioning=False)
        if frame.schema == TABLES[name]:
            return frame
    return pl.DataFrame(schema=TABLES[name])


def write_table(frame: pl.DataFrame, name: str, folder: Path) -> None:
    """Replace a file; readers see the old one or the new one, never a part.

    Args:
        frame: The columns of the table, in any order of rows.
        name: One of `TABLES`.
        folder: Made when absent.
    """
    schema = TABLES[name]
    rows = frame.select(schema.names()).match_to_schema(schema)
    measures = (pl.Float64, pl.Decimal)
    order = [column for column, dtype in schema.items() if not isinstance(dtype, measures)]
    write_parquet_atomically(rows.sort(order), folder / f"{name}.parquet")
