"""The forecast table: its columns, and how it is written."""

from pathlib import Path

import polars as pl

from ingest.files import write_parquet_atomically

KEY_COLUMNS = ("series_kind", "team_id", "model_name", "measure", "forecast_date")
VALUE_COLUMNS = (
    "forecast_value",
    "lower_80_value",
    "upper_80_value",
    "lower_95_value",
    "upper_95_value",
    "naive_value",
)
FORECASTS = pl.Schema(
    {
        "forecast_origin_date": pl.Date(),
        "series_kind": pl.String(),
        "team_id": pl.String(),
        "model_name": pl.String(),
        "measure": pl.String(),
        "forecast_date": pl.Date(),
        "horizon_days": pl.Int64(),
        "method_name": pl.String(),
        **{column: pl.Float64() for column in VALUE_COLUMNS},
    }
)


def empty_forecasts() -> pl.DataFrame:
    """The table without rows, for the time before the first forecast."""
    return pl.DataFrame(schema=FORECASTS)


def write_forecasts(frame: pl.DataFrame, path: Path) -> None:
    """Replace the Parquet file at `path`; readers see the old one or the new one, never a part.

    Args:
        frame: Columns and types of `FORECASTS`; the order of the rows does not matter.
        path: The file; its folder is made when absent.
    """
    rows = frame.select(FORECASTS.names()).match_to_schema(FORECASTS).sort(KEY_COLUMNS)
    write_parquet_atomically(rows, path)
