"""From daily facts to a matrix: what is a zero, what is missing, where a series begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
# Team, provider, model; '' where a series is not of one.
Key = tuple[str, str, str]
Measure = Literal[
    "total_tokens",
    "input_tokens",
    "uncached_input_tokens",
    "cache_read_input_tokens",
    "cache_write_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
    "other_output_tokens",
    "request_count",
    "active_user_count",
    "effective_cost_usd",
    "gpu_hours",
    "power_watts",
    "memory_used_bytes",
]

MEASURES: tuple[Measure, ...] = get_args(Measure)
# One user of two teams is one user of the organization: no total is the sum of its parts.
NOT_ADDITIVE: frozenset[Measure] = frozenset({"active_user_count"})
KEY_COLUMNS = ("team_id", "provider_name", "model_name")
# A year holds every weekly pattern and all the growth that still matters, and bounds the cost.
HISTORY_DAYS = 364
RETIRED_AFTER_DAYS = 28


@dataclass(frozen=True, kw_only=True)
class Panel:
    """The bottom series of one measure.

    Attributes:
        measure: What the values count, which is also their unit.
        keys: (team_id, provider_name, model_name) of each row, sorted.
        origin: First day after the history (UTC); column t is the day `origin - days + t`.
        values: Series x days. NaN: before the series began, a day whose value is not known, or one
            that is left out because its data failed a check.
        retired: Rows that are no longer used and kept because past totals hold them; nothing is
            foretold of them.
    """

    measure: Measure
    keys: Sequence[Key]
    origin: date
    values: Floats
    retired: frozenset[int] = frozenset()

    @property
    def days(self) -> int:
        """How many days of history the columns span."""
        return int(self.values.shape[1])


def measures_in(facts: Sequence[pl.DataFrame]) -> dict[Measure, pl.DataFrame]:
    """Which frame holds each measure; frames without rows hold none.

    Args:
        facts: Each with usage_date, team_id, provider_name, model_name and columns of measures.
    """
    return {
        measure: frame
        for measure in MEASURES
        for frame in facts
        if measure in frame.columns and not frame.is_empty()
    }


def last_day(facts: Sequence[pl.DataFrame]) -> date:
    """The last day that any frame holds; at least one has a row."""
    return max(_day(frame, last=True) for frame in facts if not frame.is_empty())


def build_panel(
    history: pl.DataFrame,
    measure: Measure,
    *,
    origin: date | None = None,
    excluded: Sequence[date] = (),
    keep_retired: bool = False,
) -> Panel:
    """Lay out one measure as a matrix.

    A day without a row from anybody is missing: the logs are not there. On any other day a series
    without a row used nothing: zero. Before its first row a series has no history. A day on which
    part of a series' value is not known is missing, and so is an excluded one. Series without use
    in the last 28 days, or without a known value in them, are retired and left out: their forecast
    is zero. A series all of whose days are excluded has no forecast yet, and is left out as well.

    Args:
        history: A frame as `measures_in` takes it, in any order; at least one row.
        measure: The column to lay out.
        origin: First day after the history; without it the day after the last row.
        excluded: Days whose values are not to be used.
        keep_retired: Leave retired series in, marked as such.
    """
    end = origin or _day(history, last=True) + timedelta(days=1)
    first_day = max(_day(history, last=False), end - timedelta(days=HISTORY_DAYS))
    daily = _daily(history, measure)
    active = _keys(daily, since=end - timedelta(days=RETIRED_AFTER_DAYS))
    keys = _keys(daily, since=first_day) if keep_retired else active
    retired = frozenset(row for row, key in enumerate(keys) if key not in set(active))
    values = np.full((len(keys), (end - first_day).days), np.nan)
    reported = _columns(history.get_column("usage_date").unique(), first_day)
    reported = reported[reported >= 0]
    by_key = daily.partition_by(*KEY_COLUMNS, as_dict=True)
    for row, key in enumerate(keys):
        rows = by_key[key]
        columns = _columns(rows.get_column("usage_date"), first_day)
        values[row, reported[reported >= columns.min()]] = 0.0
        kept = columns >= 0
        values[row, columns[kept]] = rows.get_column("value").to_numpy()[kept]
    left_out = np.array([(day - first_day).days for day in excluded], dtype=np.int64)
    values[:, left_out[(left_out >= 0) & (left_out < values.shape[1])]] = np.nan
    told = np.flatnonzero(np.isfinite(values).any(axis=1))
    return Panel(
        measure=measure,
        keys=[keys[row] for row in told],
        origin=end,
        values=values[told],
        retired=frozenset(new for new, row in enumerate(told) if row in retired),
    )


def _daily(history: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """One row per key and day; `value` is NaN where any part of it is unknown."""
    amount = pl.col(measure).cast(pl.Float64).fill_nan(None)
    return (
        history.lazy()
        .group_by(*KEY_COLUMNS, "usage_date")
        .agg(pl.when(amount.is_null().any()).then(None).otherwise(_summed(amount)).alias("value"))
        .with_columns(pl.col("value").fill_null(float("nan")))
        .sort(*KEY_COLUMNS, "usage_date")
        .collect()
    )


def _summed(amount: pl.Expr) -> pl.Expr:
    """The sum of a group, one row after the other: sum() gives now and then another last digit."""
    return amount.cum_sum().last()


def _keys(daily: pl.DataFrame, *, since: date) -> list[Key]:
    """The series that are known to be used on some day since then, sorted."""
    known = pl.col("value").fill_nan(0.0)
    rows = daily.filter(pl.col("usage_date") >= since, known > 0).select(KEY_COLUMNS).unique()
    return [(str(t), str(p), str(m)) for t, p, m in rows.sort(KEY_COLUMNS).iter_rows()]


def _columns(dates: pl.Series, first_day: date) -> npt.NDArray[np.int64]:
    offsets = (dates - first_day).dt.total_days()
    return offsets.to_numpy().astype(np.int64)


def _day(history: pl.DataFrame, *, last: bool) -> date:
    days = history.get_column("usage_date")
    day = days.max() if last else days.min()
    if not isinstance(day, date):
        raise TypeError("usage_date must be a Date column without nulls")
    return day
