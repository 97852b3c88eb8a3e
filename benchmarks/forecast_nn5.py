"""Score the ensemble on NN5 daily, against figures published for the same task.

The data is not part of this repository. Give the folder that holds nn5_daily.parquet (series_id,
day_index, y): 111 series of 791 days, of which the last 56 are forecast; missing days are null.

    python benchmarks/forecast_nn5.py FOLDER

Published for this task (MASE/WQL; scaled by the naive error with m = 1, missing days left out):
naive 1.2917/.4246, auto_arima .956/.248, auto_ets 1.039/.264, chronos_bolt_base .576/.150.
"""

import sys
import time
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.forecasting.ensemble import combine, forecast_members
from pipelines.forecasting.errors import movement, run_backtest
from pipelines.forecasting.panel import Floats
from pipelines.forecasting.paths import draw_paths

HORIZON = 56
LEVELS = np.arange(1, 10) / 10
NAIVE_MASE = 1.29172849


def main(folder: Path) -> None:
    """Print one line per method and length of history."""
    frame = pl.read_parquet(folder / "nn5_daily.parquet").sort("series_id", "day_index")
    values = frame.get_column("y").to_numpy().reshape(frame["series_id"].n_unique(), -1)
    past, actual = values[:, :-HORIZON], values[:, -HORIZON:]
    last = np.array([row[np.isfinite(row)][-1] for row in past])
    naive = np.repeat(last[:, None], HORIZON, axis=1)
    check = _mase(naive, past, actual)
    print(f"naive                    MASE {check:.8f} (published {NAIVE_MASE})")
    if abs(check - NAIVE_MASE) > 1e-6:
        raise SystemExit("The naive error differs from the published one: other data?")
    for days in (30, 60, 180, 364):
        started = time.perf_counter()
        point, draws, weekly = _forecast(past[:, -days:])
        seconds = time.perf_counter() - started
        low, high = np.quantile(draws, (0.1, 0.9), axis=1)
        known = np.isfinite(actual)
        covered = ((actual >= low) & (actual <= high))[known].mean()
        print(
            f"ensemble, {days:>3} days       MASE {_mase(point, past, actual):.4f} "
            f"WQL {_wql(draws, actual):.4f} coverage80 {covered:.3f} "
            f"seasonal naive (m=7) MASE {_mase(weekly, past, actual):.4f} {seconds:.1f} s"
        )


def _forecast(past: Floats) -> tuple[Floats, Floats, Floats]:
    tested = run_backtest(past, HORIZON)
    members = forecast_members(past, HORIZON)
    point = combine(members, tested.weights)
    keys = [("", str(row)) for row in range(len(past))]
    paths = draw_paths(keys, point, np.nan_to_num(movement(past)), tested, seed=7)
    return point, paths.draws, members.naive


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
