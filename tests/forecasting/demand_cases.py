"""Made-up histories: rows of fct_token_costs_daily with a known shape."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

FIRST_DAY = date(2026, 1, 5)  # a Monday
WEEKDAYS = np.array([1.1, 1.15, 1.1, 1.05, 1.0, 0.35, 0.3])
USD_PER_TOKEN = 1e-6


def usage(
    tokens: Sequence[float] | npt.NDArray[np.float64],
    *,
    team: str = "search",
    model: str = "qwen3-32b",
    provider: str = "self_hosted",
    start: int = 0,
) -> pl.DataFrame:
    """Days of one team's use of one model; the cost is a fixed price per token."""
    whole = [int(value) for value in tokens]
    return pl.DataFrame(
        {
            "usage_date": [FIRST_DAY + timedelta(days=start + day) for day in range(len(whole))],
            "provider_name": [provider] * len(whole),
            "model_name": [model] * len(whole),
            "team_id": [team] * len(whole),
            "total_tokens": whole,
            "effective_cost_usd": [value * USD_PER_TOKEN for value in whole],
        },
        schema_overrides={"total_tokens": pl.Int64, "usage_date": pl.Date},
    ).with_columns(pl.col("effective_cost_usd").cast(pl.Decimal(38, 12)))


def weekly(days: int, *, level: float = 1e6, growth: float = 0.0) -> npt.NDArray[np.float64]:
    """A weekly pattern growing by `growth` (log) a day, without noise."""
    day = np.arange(days)
    return np.asarray(level * np.exp(growth * day) * WEEKDAYS[day % 7])


def company(days: int, *, seed: int, growth: float = 0.004, size: int = 3) -> pl.DataFrame:
    """size x size series with noise, own and shared drifting levels, and growth."""
    generator = np.random.default_rng(seed)
    shared = np.cumsum(generator.normal(0, 0.01, days))
    frames = []
    for team in range(size):
        for model in range(size):
            drift = np.cumsum(generator.normal(0, 0.015, days)) + shared
            noise = generator.lognormal(0, 0.2, days)
            level = generator.lognormal(13, 0.8)
            tokens = weekly(days, level=level, growth=growth) * np.exp(drift) * noise
            frames.append(usage(tokens, team=f"team-{team}", model=f"model-{model}"))
    return pl.concat(frames)


def pick(forecasts: pl.DataFrame, kind: str, measure: str = "total_tokens") -> pl.DataFrame:
    """One level of one measure, in order of series and day."""
    chosen = (pl.col("series_kind") == kind) & (pl.col("measure") == measure)
    return forecasts.filter(chosen).sort("team_id", "model_name", "forecast_date")
