"""Columns of local times without zone to UTC, by the order of the lines where clocks went back."""

from datetime import timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

# Clocks go back by half an hour or more; less is jitter between lines.
LEAST_STEP_BACK: Final = timedelta(minutes=20)


def is_zone(name: str) -> bool:
    """Whether a time zone of this name is known."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def with_utc(frame: pl.DataFrame, zone: str, series: str) -> pl.DataFrame:
    """Place local times on the UTC axis.

    When clocks go back, an hour of local times happens twice. Lines of one device are in order of
    time, so the second hour begins where its local time steps back. A file that begins inside such
    an hour, leaves it and never steps back began in the second one.

    Args:
        frame: In the order of the file; `local_at` holds naive local times.
        zone: An IANA name.
        series: The column that names the device.

    Returns:
        The frame with `sampled_at`, naive UTC, NULL for a time that the clocks skipped; and
        `is_ambiguous`, true where the time was told by the order of lines.
    """
    timed = frame.with_columns(
        _utc(zone, "earliest").alias("earliest"),
        _utc(zone, "latest").alias("latest"),
        pl.col("local_at").dt.date().alias("local_date"),
    ).with_columns((pl.col("earliest") != pl.col("latest")).alias("is_ambiguous"))
    is_ambiguous, night = pl.col("is_ambiguous"), [series, "local_date"]
    is_step = is_ambiguous & (pl.col("local_at").diff().over(series) <= -LEAST_STEP_BACK)
    marked = timed.with_columns(
        (is_step.fill_null(value=False).cum_sum().over(night) > 0).alias("is_after_step"),
        is_ambiguous.first().over(series).alias("begins_inside"),
    )
    began_in_second = (
        pl.col("begins_inside")
        & (pl.col("local_date") == pl.col("local_date").first().over(series))
        & ~is_ambiguous.all().over(series)
        & ~pl.col("is_after_step").any().over(night)
    )
    is_second = is_ambiguous & (pl.col("is_after_step") | began_in_second)
    return marked.with_columns(
        pl.when(is_second).then("latest").otherwise("earliest").alias("sampled_at")
    ).drop("earliest", "latest", "local_date", "is_after_step", "begins_inside")


def _utc(zone: str, ambiguous: Literal["earliest", "latest"]) -> pl.Expr:
    local = pl.col("local_at").dt.replace_time_zone(zone, ambiguous=ambiguous, non_existent="null")
    return local.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
