"""From daily facts to a matrix: what is a zero, what is missing, where a series begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
Measure = Literal["total_tokens", "effective_cost_usd"]

MEASURES: tuple[Measure, ...] = ("total_tokens", "effective_cost_usd")
# A year holds every weekly pattern and all the growth that still matters, and bounds the cost.
HISTORY_DAYS = 364
RETIRED_AFTER_DAYS = 28


@dataclass(frozen=True, kw_only=True)
class Panel:
    """The bottom series (team x model) of one measure.

    Attributes:
        measure: What the values count; tokens, or US dollars.
        keys: (team_id, model_name) of each row, sorted.
        origin: First day after the history (UTC); column t is the day `origin - days + t`.
        values: Series x days. NaN: before the series began, or a day whose value is not known.
    """

    measure: Measure
    keys: Sequence[tuple[str, str]]
    origin: date
    values: Floats

    @property
    def days(self) -> int:
        """How many days of history the columns span."""
        return int(self.values.shape[1])


def build_panel(history: pl.DataFrame, measure: Measure) -> Panel:
    """Lay out one measure of fct_token_costs_daily as a matrix.

    A day without a row from anybody is missing: the logs are not there. On any other day a series
    without a row used nothing: zero. Before its first row a series has no history. A day on which
    part of a series' cost is not known is missing. Series without use in the last 28 days, or
    without a known value in them, are retired and left out: their forecast is zero.

    Args:
        history: Rows of fct_token_costs_daily, in any order; at least one.
        measure: The column to lay out.
    """
    last_day = _last_day(history)
    first_day = max(_first_day(history), last_day - timedelta(days=HISTORY_DAYS - 1))
    days = (last_day - first_day).days + 1
    daily = _daily(history, measure)
    keys = [(str(team), str(model)) for team, model in _active_keys(daily, last_day).iter_rows()]
    values = np.full((len(keys), days), np.nan)
    reported = _columns(history.get_column("usage_date").unique(), first_day)
    reported = reported[reported >= 0]
    by_key = daily.partition_by("team_id", "model_name", as_dict=True)
    for row, key in enumerate(keys):
        rows = by_key[key]
        columns = _columns(rows.get_column("usage_date"), first_day)
        values[row, reported[reported >= columns.min()]] = 0.0
        kept = columns >= 0
        values[row, columns[kept]] = rows.get_column("value").to_numpy()[kept]
    return Panel(measure=measure, keys=keys, origin=last_day + timedelta(days=1), values=values)


def _daily(history: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """One row per team, model and day; `value` is NaN where any provider's part is unknown."""
    amount = pl.col(measure).cast(pl.Float64).fill_nan(None)
    used = (pl.col("total_tokens") > 0) | (pl.col("effective_cost_usd").cast(pl.Float64) > 0)
    return (
        history.lazy()
        .group_by("team_id", "model_name", "usage_date")
        .agg(
            pl.when(amount.is_null().any()).then(None).otherwise(amount.sum()).alias("value"),
            used.any().alias("is_used"),
        )
        .with_columns(pl.col("value").fill_null(float("nan")))
        .sort("team_id", "model_name", "usage_date")
        .collect()
    )


def _active_keys(daily: pl.DataFrame, last_day: date) -> pl.DataFrame:
    """The series that are used, and whose value is known, on some day of the last 28."""
    return (
        daily.filter(pl.col("usage_date") > last_day - timedelta(days=RETIRED_AFTER_DAYS))
        .group_by("team_id", "model_name")
        .agg(pl.col("is_used").any(), pl.col("value").is_not_nan().any().alias("is_known"))
        .filter(pl.col("is_used") & pl.col("is_known"))
        .select("team_id", "model_name")
        .sort("team_id", "model_name")
    )


def _columns(dates: pl.Series, first_day: date) -> npt.NDArray[np.int64]:
    offsets = (dates - first_day).dt.total_days()
    return offsets.to_numpy().astype(np.int64)


def _first_day(history: pl.DataFrame) -> date:
    day = history.get_column("usage_date").min()
    if not isinstance(day, date):
        raise TypeError("usage_date must be a Date column without nulls")
    return day


def _last_day(history: pl.DataFrame) -> date:
    day = history.get_column("usage_date").max()
    if not isinstance(day, date):
        raise TypeError("usage_date must be a Date column without nulls")
    return day
