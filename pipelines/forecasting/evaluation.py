"""How good the forecasts would have been: error and coverage against the seasonal naive."""

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from pipelines.forecasting.demand import forecast_measure, tabulate
from pipelines.forecasting.members import WEEK
from pipelines.forecasting.panel import Measure

SERIES_COLUMNS = ("series_kind", "team_id", "model_name")
LEVELS: Mapping[str, tuple[str, ...]] = {
    "organization": (),
    "team": ("team_id",),
    "model": ("model_name",),
    "team_model": ("team_id", "model_name"),
}


def backtest(
    history: pl.DataFrame,
    *,
    measure: Measure = "total_tokens",
    horizon_days: int = 28,
    origins: int = 3,
    seed: int = 7,
) -> pl.DataFrame:
    """Forecast the last days of the history again and again, each time from what was known then.

    Origins lie `horizon_days` apart, so no day is scored twice. Nothing of the scored days is used:
    the whole forecast, its weights and its intervals are made anew.

    Args:
        history: Rows of fct_token_costs_daily.
        measure: What to score.
        horizon_days: Days ahead that are scored.
        origins: How many times.
        seed: Of the sample paths.

    Returns:
        One row per series_kind and method_name ('forecast' and 'seasonal_naive'): point_count, mase
        (mean absolute error over that of the weekly naive within the history; mean over points),
        coverage_80_ratio (null for the naive, which has no interval).
    """
    end = history.get_column("usage_date").max()
    if not isinstance(end, date):
        raise TypeError("usage_date must be a Date column without nulls")
    actual = _actual(history, measure)
    scored = []
    for back in range(origins, 0, -1):
        cut = end - timedelta(days=back * horizon_days - 1)
        known = history.filter(pl.col("usage_date") < cut)
        forecast = forecast_measure(known, measure, horizon_days=horizon_days, seed=seed)
        scored.append(
            tabulate(forecast)
            .join(actual, on=[*SERIES_COLUMNS, "forecast_date"])
            .join(_scales(actual.filter(pl.col("forecast_date") < cut)), on=SERIES_COLUMNS)
        )
    return _scores(pl.concat(scored))


def _actual(history: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """What happened, at every level: 0 where the day was reported and the series was not used."""
    amount = pl.col(measure).cast(pl.Float64).fill_nan(None)
    days = history.select(pl.col("usage_date").unique())
    frames = []
    for kind, keys in LEVELS.items():
        blank = [pl.lit("").alias(key) for key in SERIES_COLUMNS[1:] if key not in keys]
        daily = history.with_columns(pl.lit(kind).alias("series_kind"), *blank).group_by(
            *SERIES_COLUMNS, "usage_date"
        )
        known = daily.agg(
            pl.when(amount.is_null().any())
            .then(float("nan"))
            .otherwise(amount.sum())
            .alias("actual")
        )
        every = known.select(SERIES_COLUMNS).unique().join(days, how="cross")
        frames.append(every.join(known, on=[*SERIES_COLUMNS, "usage_date"], how="left"))
    zero = pl.col("actual").fill_null(0.0).fill_nan(None)
    return pl.concat(frames).with_columns(zero).rename({"usage_date": "forecast_date"})


def _scales(actual: pl.DataFrame) -> pl.DataFrame:
    """Mean absolute weekly change of each series; those that never changed cannot be scaled."""
    week_before = actual.with_columns(pl.col("forecast_date") + pl.duration(days=WEEK))
    change = (pl.col("actual") - pl.col("actual_before")).abs().mean()
    return (
        actual.join(week_before, on=[*SERIES_COLUMNS, "forecast_date"], suffix="_before")
        .group_by(SERIES_COLUMNS)
        .agg(change.alias("scale"))
        .filter(pl.col("scale") > 0)
    )


def _scores(points: pl.DataFrame) -> pl.DataFrame:
    covered = pl.col("actual").is_between("lower_80_value", "upper_80_value")
    frames = []
    for method, column in (("forecast", "forecast_value"), ("seasonal_naive", "naive_value")):
        coverage = covered.mean() if method == "forecast" else pl.lit(None, pl.Float64)
        error = (pl.col("actual") - pl.col(column)).abs() / pl.col("scale")
        frames.append(
            points.drop_nulls("actual")
            .with_columns(pl.lit(method).alias("method_name"))
            .group_by("series_kind", "method_name")
            .agg(
                pl.len().cast(pl.Int64).alias("point_count"),
                error.mean().alias("mase"),
                coverage.alias("coverage_80_ratio"),
            )
        )
    return pl.concat(frames).sort("series_kind", "method_name")
