"""Forecast many series with their backtest, beside statsforecast's AutoETS.

    PYTHONPATH=. python benchmarks/forecast_many.py [SERIES [DAYS]]

Ours: one measure of SERIES teams' models, forecast 90 days ahead from all past origins, with joint
paths, intervals of every team, model and the organization, and all scores. AutoETS: a single fit
and forecast of a sample of the same series, no backtest and no intervals of sums, extrapolated.
"""

import resource
import sys
import time
from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.forecasting import backtest, forecast_measures, tabulate

HORIZON = 90
SAMPLE = 20
TEAMS = 50
WEEK = np.array([1.1, 1.15, 1.1, 1.05, 1.0, 0.35, 0.3])


def main(series: int, days: int) -> None:
    """Print seconds and memory of both."""
    values = _series(series, days)
    wall, processor = time.perf_counter(), time.process_time()
    ((_, forecast),) = forecast_measures(_facts(values), horizon_days=HORIZON)
    scores = backtest(forecast)
    rows = tabulate(forecast).height
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pooled = scores.filter(pl.col("series_kind") == "all", pl.col("method_name") == "forecast")
    print(f"{series:,} series x {days} days, {rows:,} rows, {scores.height:,} scores")
    print(f"ours, with backtest    {wall:>7.1f} s wall {processor:>7.1f} s CPU {peak:>7.0f} MiB")
    print(f"  skill over the seasonal naive {pooled['skill_ratio'].item():.3f}")
    wall, processor = _auto_ets(values[:SAMPLE])
    share = series / SAMPLE
    print(
        f"AutoETS, one fit each  {wall * share:>7.1f} s wall {processor * share:>7.1f} s CPU, "
        f"extrapolated from {SAMPLE} series"
    )


def _auto_ets(values: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> tuple[float, float]:
    # Imported here: its memory is not ours.
    from statsforecast.models import AutoETS

    AutoETS(season_length=7).forecast(y=values[0], h=HORIZON)
    wall, processor = time.perf_counter(), time.process_time()
    for series in values:
        AutoETS(season_length=7).forecast(y=series, h=HORIZON)
    return time.perf_counter() - wall, time.process_time() - processor


def _series(count: int, days: int) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """Weekly use with noise, growth, and levels that drift, partly together."""
    generator = np.random.default_rng(1)
    shared = generator.normal(0, 0.01, days).cumsum()
    drift = generator.normal(0.002, 0.015, (count, days)).cumsum(axis=1) + shared
    noise = generator.lognormal(0, 0.2, (count, days))
    level = generator.lognormal(13, 1, (count, 1))
    return np.asarray(level * np.exp(drift) * noise * WEEK[np.arange(days) % 7])


def _facts(values: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> pl.DataFrame:
    count, days = values.shape
    number = np.repeat(np.arange(count), days)
    first = date(2026, 1, 5)
    return pl.DataFrame(
        {
            "usage_date": [first + timedelta(days=day) for day in range(days)] * count,
            "team_id": [f"team-{one % TEAMS}" for one in number],
            "provider_name": ["self_hosted"] * number.size,
            "model_name": [f"model-{one // TEAMS}" for one in number],
            "total_tokens": values.ravel(),
        }
    )


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    main(*(given + [1000, 180][len(given) :]))
