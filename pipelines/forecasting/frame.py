"""The tables the forecast step hands over: their columns, and how they are written."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from ingest.files import write_parquet_atomically
from pipelines.forecasting.bands import LEVELS

SERIES = {
    "series_kind": pl.String(),
    "team_id": pl.String(),
    "provider_name": pl.String(),
    "model_name": pl.String(),
    "measure": pl.String(),
}
ENDS = [f"{end}_{level}_value" for level in LEVELS for end in ("lower", "upper")]
VALUE_COLUMNS = (
    "forecast_value",
    *ENDS,
    "naive_value",
    "cumulative_value",
    *(f"cumulative_{end}" for end in ENDS),
)
FORECASTS = pl.Schema(
    {
        "forecast_origin_date": pl.Date(),
        **SERIES,
        "forecast_date": pl.Date(),
        "horizon_days": pl.Int64(),
        "method_name": pl.String(),
        **{column: pl.Float64() for column in VALUE_COLUMNS},
    }
)
COVERAGES = [
    f"{prefix}coverage_{level}_ratio" for prefix in ("", "cumulative_") for level in LEVELS
]
BACKTESTS = pl.Schema(
    {
        "forecast_origin_date": pl.Date(),
        **SERIES,
        "method_name": pl.String(),
        "chosen_method_name": pl.String(),
        "chosen_reason": pl.String(),
        "history_day_count": pl.Int64(),
        "missing_day_count": pl.Int64(),
        "excluded_day_count": pl.Int64(),
        "scored_origin_count": pl.Int64(),
        "scored_day_count": pl.Int64(),
        **{
            name: pl.Float64()
            for name in (
                "mase",
                "wql",
                *COVERAGES,
                "total_bias_ratio",
                "skill_ratio",
                "exhaustion_integrated_brier_score",
                "exhaustion_brier_score",
                "exhaustion_brier_skill_ratio",
                "exhaustion_ece_ratio",
            )
        },
    }
)
VINTAGES = pl.Schema(
    {
        "forecast_origin_date": pl.Date(),
        **SERIES,
        "forecast_date": pl.Date(),
        "horizon_days": pl.Int64(),
        "method_name": pl.String(),
        **{
            name: pl.Float64()
            for name in (
                "forecast_value",
                "lower_80_value",
                "upper_80_value",
                "naive_value",
                "actual_value",
                "cumulative_value",
                "cumulative_lower_80_value",
                "cumulative_upper_80_value",
                "cumulative_actual_value",
            )
        },
    }
)
QUOTA = {
    "forecast_origin_date": pl.Date(),
    "quota_id": pl.String(),
    "scope_kind": pl.String(),
    "scope_id": pl.String(),
    "measure": pl.String(),
    "period_kind": pl.String(),
    "is_rate": pl.Boolean(),
    "limit_kind": pl.String(),
    "period_start_date": pl.Date(),
    "period_end_date": pl.Date(),
    "is_running": pl.Boolean(),
}
EXHAUSTION = pl.Schema(
    {
        **QUOTA,
        "is_whole_period": pl.Boolean(),
        "quota_limit_value": pl.Float64(),
        "quota_used_to_date_value": pl.Float64(),
        "is_exhausted": pl.Boolean(),
        "exhaustion_probability": pl.Float64(),
        "not_exhausted_probability": pl.Float64(),
        "exhaustion_date_p10": pl.Date(),
        "exhaustion_date_p50": pl.Date(),
        "exhaustion_date_p90": pl.Date(),
        "end_value_p10": pl.Float64(),
        "end_value_p50": pl.Float64(),
        "end_value_p90": pl.Float64(),
        "expected_overrun_value": pl.Float64(),
        "expected_overrun_usd": pl.Float64(),
        "needed_quota_value": pl.Float64(),
        "basis_name": pl.String(),
        "reason": pl.String(),
    }
)
EXHAUSTION_DAILY = pl.Schema(
    {
        "forecast_origin_date": pl.Date(),
        "quota_id": pl.String(),
        "period_start_date": pl.Date(),
        "forecast_date": pl.Date(),
        "exhaustion_probability": pl.Float64(),
        "used_value_p10": pl.Float64(),
        "used_value_p50": pl.Float64(),
        "used_value_p90": pl.Float64(),
    }
)
EXCLUDED_DAYS = pl.Schema({"measure": pl.String(), "usage_date": pl.Date(), "reason": pl.String()})
# Name of each file, its columns, and what orders its rows.
TABLES: Mapping[str, pl.Schema] = {
    "forecasts": FORECASTS,
    "backtests": BACKTESTS,
    "vintages": VINTAGES,
    "quota_exhaustion": EXHAUSTION,
    "quota_exhaustion_daily": EXHAUSTION_DAILY,
    "excluded_days": EXCLUDED_DAYS,
}
ORDER: Mapping[str, tuple[str, ...]] = {
    "forecasts": (*SERIES, "forecast_date"),
    "backtests": (*SERIES, "method_name"),
    "vintages": ("forecast_origin_date", *SERIES, "forecast_date"),
    "quota_exhaustion": ("quota_id", "period_start_date"),
    "quota_exhaustion_daily": ("quota_id", "period_start_date", "forecast_date"),
    "excluded_days": ("measure", "usage_date", "reason"),
}


def empty_table(name: str) -> pl.DataFrame:
    """A table without rows, for the time before the first forecast."""
    return pl.DataFrame(schema=TABLES[name])


def empty_forecasts() -> pl.DataFrame:
    """The table of forecasts without rows."""
    return empty_table("forecasts")


def write_table(name: str, frame: pl.DataFrame, folder: Path) -> None:
    """Replace one table's Parquet file; readers see the old one or the new one, never a part.

    Args:
        name: Of `TABLES`.
        frame: Its columns and types; the order of the rows does not matter.
        folder: Where the files lie; made when absent.
    """
    schema = TABLES[name]
    rows = frame.select(schema.names()).match_to_schema(schema).sort(ORDER[name])
    write_parquet_atomically(rows, folder / f"{name}.parquet")
