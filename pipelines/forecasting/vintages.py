"""Forecasts as they were made, kept beside what came: how good what we said really was."""

from datetime import date, timedelta

import polars as pl

from pipelines.forecasting.demand_forecast import DemandForecast
from pipelines.forecasting.frame import SERIES, VINTAGES
from pipelines.forecasting.scoring import total

# Every day's forecast for five weeks; after that the Mondays', forever.
DAILY_KEPT_DAYS = 35
# All days of the first week, then weekly: as much as is ever compared.
KEPT_HORIZONS = (1, 2, 3, 4, 5, 6, 7, 14, 21, 28, 42, 56, 70, 90)
KEPT_KINDS = ("organization", "team", "provider", "model")
VALUES = (
    "forecast_value",
    "lower_80_value",
    "upper_80_value",
    "naive_value",
    "cumulative_value",
    "cumulative_lower_80_value",
    "cumulative_upper_80_value",
)


def add_vintage(kept: pl.DataFrame, forecasts: pl.DataFrame) -> pl.DataFrame:
    """Keep the newest forecasts; one of the same origin takes the place of the one before.

    Args:
        kept: Columns of fct_forecast_vintages.
        forecasts: Columns of fct_forecasts_daily, of one origin; no rows: nothing is added.
    """
    if forecasts.is_empty():
        return kept
    origin = forecasts["forecast_origin_date"].max()
    if not isinstance(origin, date):
        raise TypeError("forecast_origin_date must be a Date column without nulls")
    new = forecasts.filter(
        pl.col("series_kind").is_in(KEPT_KINDS), pl.col("horizon_days").is_in(KEPT_HORIZONS)
    ).with_columns(
        pl.lit(None, pl.Float64).alias("actual_value"),
        pl.lit(None, pl.Float64).alias("cumulative_actual_value"),
    )
    age = pl.lit(origin) - pl.col("forecast_origin_date")
    is_monday = pl.col("forecast_origin_date").dt.weekday() == 1
    older = kept.filter(
        pl.col("forecast_value").is_not_nan(),  # said once of series that no known day had
        pl.col("forecast_origin_date") != origin,
        is_monday | (age <= pl.duration(days=DAILY_KEPT_DAYS)),
    )
    return pl.concat([older, new.select(VINTAGES.names())]).match_to_schema(VINTAGES)


def with_actuals(kept: pl.DataFrame, actuals: pl.DataFrame) -> pl.DataFrame:
    """Put beside each kept forecast what came, as it is known now.

    What came before the history that is read, or of a series that is no longer used, stays as it
    was known last.

    Args:
        kept: Columns of fct_forecast_vintages.
        actuals: Series, measure, usage_date, actual_value (NaN: not known), as of `actual_days`.
    """
    on = [*SERIES, "forecast_date"]
    # Running sums of the day's own series; a day that is not known makes what follows unknown.
    running = actuals.sort(*SERIES, "usage_date").with_columns(
        pl.col("actual_value").fill_nan(None).alias("known"),
    )
    running = running.with_columns(
        pl.col("known").fill_null(0).cum_sum().over(*SERIES).alias("sum"),
        pl.col("known").is_null().cum_sum().over(*SERIES).alias("gaps"),
    ).select(*SERIES, "usage_date", pl.col("known").alias("actual_value"), "sum", "gaps")
    ends = running.rename({"usage_date": "forecast_date"})
    starts = running.select(
        *SERIES,
        (pl.col("usage_date") + timedelta(days=1)).alias("forecast_origin_date"),
        pl.col("sum").alias("sum_before"),
        pl.col("gaps").alias("gaps_before"),
    )
    whole = pl.col("gaps") == pl.col("gaps_before")
    joined = (
        kept.join(ends, on=on, how="left", suffix="_now")
        .join(starts, on=[*SERIES, "forecast_origin_date"], how="left")
        .with_columns(
            pl.when(pl.col("gaps").is_null())
            .then("actual_value")
            .otherwise("actual_value_now")
            .alias("actual_value"),
            pl.when(pl.col("gaps").is_null() | pl.col("gaps_before").is_null())
            .then("cumulative_actual_value")
            .when(whole)
            .then(pl.col("sum") - pl.col("sum_before"))
            .alias("cumulative_actual_value"),
        )
    )
    return joined.select(VINTAGES.names()).match_to_schema(VINTAGES)


def actual_days(forecast: DemandForecast) -> pl.DataFrame:
    """What came, of the series that are kept: one row for each series and day of the history."""
    panel = forecast.panel
    first = panel.origin - timedelta(days=panel.days)
    days = [first + timedelta(days=day) for day in range(panel.days)]
    frames = [
        pl.DataFrame({"usage_date": days, "actual_value": total(panel.values[list(series.rows)])})
        .with_columns(pl.lit(value).alias(name) for name, value in series.names.items())
        .with_columns(pl.lit(panel.measure).alias("measure"))
        for series in forecast.series
        if series.kind in KEPT_KINDS
    ]
    columns = [*SERIES, "usage_date", "actual_value"]
    empty = pl.DataFrame(schema={**SERIES, "usage_date": pl.Date(), "actual_value": pl.Float64()})
    return pl.concat([empty, *(frame.select(columns) for frame in frames)])
