"""Score the forecasts on NN5 daily, against figures published for the same task.

The data is not part of this repository. Give the folder that holds nn5_daily.parquet (series_id,
day_index, y): 111 series of 791 days, of which the last 56 are forecast; missing days are null.

    PYTHONPATH=. python benchmarks/forecast_nn5.py FOLDER

Published for this task (MASE/WQL; scaled by the naive error with m = 1, missing days left out):
naive 1.2917/.4246, auto_arima .956/.248, auto_ets 1.039/.264, chronos_bolt_base .576/.150. The test
window was looked at when the methods were chosen; the five windows before it were not.
"""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.forecasting.errors import Backtest, run_backtest
from pipelines.forecasting.panel import Floats
from pipelines.forecasting.passage import linear_counter, score
from pipelines.forecasting.paths import draw_paths

HORIZON = 56
HISTORIES = (30, 60, 180, 364)
ORIGINS = 6
LEVELS = np.arange(1, 10) / 10
NAIVE = (1.2917285, 0.42462079)
QUOTAS = (0.9, 0.96, 1.02, 1.08, 1.14, 1.2)
SEED = 7


@dataclass(frozen=True, kw_only=True)
class Window:
    """One origin: what was known, what came, what was said. Draws: series x paths x days."""

    past: Floats
    actual: Floats
    tested: Backtest
    draws: Floats
    independent: Floats
    seconds: float


def main(folder: Path) -> None:
    """Print the tables."""
    path = folder / "nn5_daily.parquet"
    if not path.exists():
        raise SystemExit(f"SKIPPED: {path} is not there; the figures cannot be made without it.")
    frame = pl.read_parquet(path).sort("series_id", "day_index")
    values = frame.get_column("y").to_numpy().reshape(frame["series_id"].n_unique(), -1)
    _check_naive(values)
    print("\nhistory  window        MASE    WQL  naive7  days80  sums80  seconds")
    for days in HISTORIES:
        windows = [_window(values, days, back) for back in range(ORIGINS)]
        _accuracy(f"{days:>4} d", windows)
        if days == 180:
            half_year = windows
    print("\nstock quotas, 180 d        integrated   Brier   skill  skill by size   ECE  sums80")
    _exhaustion(half_year)


def _check_naive(values: Floats) -> None:
    past, actual = values[:, :-HORIZON], values[:, -HORIZON:]
    last = np.array([row[np.isfinite(row)][-1] for row in past])
    naive = np.repeat(last[:, None], HORIZON, axis=1)
    found = _mase(naive, past, actual), _wql(naive[:, None, :], actual)
    print(f"naive: MASE {found[0]:.7f} WQL {found[1]:.8f}, published {NAIVE[0]} and {NAIVE[1]}")
    if abs(found[0] - NAIVE[0]) > 1e-6 or abs(found[1] - NAIVE[1]) > 1e-6:
        raise SystemExit("The naive error differs from the published one: other data?")


def _window(values: Floats, days: int, back: int) -> Window:
    end = values.shape[1] - HORIZON * (back + 1)
    past, actual = values[:, :end], values[:, end : end + HORIZON]
    started = time.perf_counter()
    tested = run_backtest(past[:, -days:], HORIZON)
    point, scale = tested.point[-1], tested.scales[-1]
    paths = draw_paths(point, scale, tested.errors, SEED)
    draws = np.stack([paths.of(row) for row in range(len(point))])
    seconds = time.perf_counter() - started
    # The same errors of each day, every day of another past forecast: what ignoring them costs.
    independent = np.random.default_rng(SEED).permuted(draws, axis=1)
    return Window(
        past=past,
        actual=actual,
        tested=tested,
        draws=draws,
        independent=independent,
        seconds=seconds,
    )


def _accuracy(name: str, windows: list[Window]) -> None:
    rows = np.array(
        [
            (
                _mase(w.tested.point[-1], w.past, w.actual),
                _wql(w.draws, w.actual),
                _mase(w.tested.members.naive[-1], w.past, w.actual),
                _covered(w.draws, w.actual),
                _covered(*_sums(w.draws, w.actual)),
                w.seconds,
            )
            for w in windows
        ]
    )
    for label, row in (("test", rows[0]), ("five before", rows[1:].mean(axis=0))):
        figures = "  ".join(f"{figure:>6.3f}" for figure in row)
        print(f"{name:>7}  {label:<11} {figures}")


def _exhaustion(windows: list[Window]) -> None:
    """Quotas of so many times the mean of 28 days, for 56 days; every series and origin."""
    said: dict[str, list[Floats]] = {}
    outcomes = []
    for window in windows:
        recent = np.nan_to_num(window.past[:, -28:])
        mean = np.nanmean(window.past[:, -28:], axis=1)
        limits = np.array(QUOTAS)[:, None] * mean * HORIZON
        actual = np.nan_to_num(window.actual).cumsum(axis=1)
        outcomes.append(actual >= limits[..., None])
        points = {
            "28-day mean": np.repeat(mean[:, None], HORIZON, axis=1),
            "seasonal naive": window.tested.members.naive[-1],
            "predict_linear of the counter": linear_counter(recent, HORIZON),
            "predict_linear of daily use": _line(recent),
            "our forecast, 0 or 1": window.tested.point[-1],
        }
        for name, draws in (("paths", window.draws), ("independent days", window.independent)):
            shares = [(draws.cumsum(axis=2) >= q[:, None, None]).mean(axis=1) for q in limits]
            said.setdefault(name, []).append(np.stack(shares))
        for name, point in points.items():
            crossed = point.cumsum(axis=1) >= limits[..., None]
            said.setdefault(name, []).append(crossed.astype(np.float64))
    outcome = np.stack(outcomes, axis=1).astype(np.float64)
    base = np.broadcast_to(outcome.mean(axis=(0, 1, 2)), outcome.shape)
    by_size = np.broadcast_to(outcome.mean(axis=(1, 2), keepdims=True), outcome.shape)
    sums = {
        "paths": np.mean([_covered(*_sums(w.draws, w.actual)) for w in windows]),
        "independent days": np.mean([_covered(*_sums(w.independent, w.actual)) for w in windows]),
    }
    for name, parts in said.items():
        probability = np.stack(parts, axis=1)
        found, strict = score(probability, outcome, base), score(probability, outcome, by_size)
        print(
            f"{name:<30}{found.integrated_brier:>6.4f}  {found.brier:>6.3f}  {found.skill:>6.3f}  "
            f"{strict.skill:>12.3f}  {found.ece:>5.3f}  {sums.get(name, np.nan):>6.3f}"
        )


def _line(recent: Floats) -> Floats:
    """The least squares line through daily use, carried on."""
    when = np.arange(recent.shape[1])
    slope, level = np.polyfit(when, recent.T, 1)
    ahead = recent.shape[1] + np.arange(HORIZON)
    return np.maximum(level[:, None] + slope[:, None] * ahead, 0)


def _sums(draws: Floats, actual: Floats) -> tuple[Floats, Floats]:
    """Totals of the horizon, over the days that are known."""
    known = np.isfinite(actual)
    drawn = (draws * known[:, None, :]).sum(axis=2, keepdims=True)
    return drawn, np.nan_to_num(actual).sum(axis=1, keepdims=True)


def _covered(draws: Floats, actual: Floats) -> float:
    low, high = np.quantile(draws, (0.1, 0.9), axis=1)
    return float(((actual >= low) & (actual <= high))[np.isfinite(actual)].mean())


def _mase(forecast: Floats, past: Floats, actual: Floats) -> float:
    scale = np.nanmean(np.abs(np.diff(past, axis=1)), axis=1)
    return float(np.nanmean(np.abs(forecast - actual) / scale[:, None]))


def _wql(draws: Floats, actual: Floats) -> float:
    quantiles = np.quantile(draws, LEVELS, axis=1)
    error = actual[None] - quantiles
    level = LEVELS[:, None, None]
    loss = np.nansum(np.maximum(level * error, (level - 1) * error))
    return float(2 * loss / (LEVELS.size * np.nansum(np.abs(actual))))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
