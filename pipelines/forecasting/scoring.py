"""What past forecasts of one measure said and what came, laid out for scoring."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipelines.forecasting.bands import LEVELS, bands, quantiles
from pipelines.forecasting.demand_forecast import DemandForecast
from pipelines.forecasting.ensemble import MEMBER_NAMES
from pipelines.forecasting.errors import Backtest
from pipelines.forecasting.levels import Series
from pipelines.forecasting.panel import Floats
from pipelines.forecasting.passage import LINEAR_DAYS, linear_counter
from pipelines.forecasting.paths import Paths

WEEK = 7
# Four weeks ahead, or two where history is too short for that.
SCORED_DAYS = (28, 14)
# Half of the scored days apart, so that no day is scored more than twice.
STRIDE_ORIGINS = 2
MOST_ORIGINS = 6
WQL_LEVELS = np.arange(1, 10) / 10
# Quotas that are tried, as shares of the last four weeks' mean use.
TRIED_QUOTAS = (0.9, 0.96, 1.02, 1.08, 1.14, 1.2)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Past forecasts of the reported series of one measure.

    All arrays are origins x series x days, with more in front where said; NaN: not known.

    Attributes:
        actual: What came.
        points: What each method said; 'forecast' is what is published.
        scale: Origins x series: mean absolute change from week to week until then.
        loss: Quantile loss, summed over the nine deciles.
        covered: Levels x ...: whether the day lay in the interval.
        summed_covered: The same of the running sum.
        quotas: Quotas x origins x series: limits tried.
        exhausted: Quotas x ...: F(d) of the forecast's paths.
    """

    actual: Floats
    points: Mapping[str, Floats]
    scale: Floats
    loss: Floats
    covered: Floats
    summed_covered: Floats
    quotas: Floats
    exhausted: Floats


def scored_origins(tested: Backtest) -> tuple[list[int], int]:
    """Which origins are scored, by index, and how many days ahead; none: history is too short."""
    now = tested.origins[-1]
    for days in SCORED_DAYS:
        if days > tested.point.shape[2]:
            continue
        whole = [i for i, origin in enumerate(tested.origins[:-1]) if origin + days <= now]
        if whole:
            return sorted(whole[::-1][::STRIDE_ORIGINS][:MOST_ORIGINS]), days
    return [], 0


def try_forecast(forecast: DemandForecast) -> Trial | None:
    """Repeat the published forecast from past origins, with paths from errors known at each.

    Args:
        forecast: The forecast of today, whose backtest holds those of the past.

    Returns:
        None where the history is too short.
    """
    tested = forecast.tested
    indexes, days = scored_origins(tested)
    if not indexes or not forecast.series:
        return None
    columns: dict[str, list[list[Floats]]] = {}
    for index in indexes:
        paths = forecast.paths_at(index, days)
        row = [_tried(forecast, one, index, days, paths) for one in forecast.series]
        for name in row[0]:
            columns.setdefault(name, []).append([cell[name] for cell in row])
    stacked = {name: np.array(cells) for name, cells in columns.items()}
    front = ("covered", "summed_covered", "quotas", "exhausted")
    moved = {name: np.moveaxis(stacked.pop(name), 2, 0) for name in front}
    actual, scale, loss = (stacked.pop(name) for name in ("actual", "scale", "loss"))
    return Trial(actual=actual, scale=scale, loss=loss, points=stacked, **moved)


def _tried(
    forecast: DemandForecast, series: Series, index: int, days: int, paths: Paths
) -> dict[str, Floats]:
    """One reported series from one origin."""
    tested, values = forecast.tested, forecast.panel.values
    live = [row for row in series.rows if np.isfinite(tested.point[index, row, 0])]
    past = total(values[live, : tested.origins[index]])
    begins = tested.origins[index]
    # What came is what came: series that began later are in it, though no forecast knew of them.
    came = total(values[list(series.rows)])[begins : begins + days]
    actual = came if live else np.full(days, np.nan)
    point = paths.point[live].sum(axis=0)
    draws = paths.total(live)
    cells = {
        "forecast": point,
        "seasonal_naive": tested.members.naive[index, live, :days].sum(axis=0),
        "predict_linear": linear_counter(past[None, :], days)[0],
        "actual": actual,
        "scale": _weekly_change(past),
    }
    for member, name in enumerate(MEMBER_NAMES):
        cells[name] = tested.members.members[member, index, live, :days].sum(axis=0)
    cells["loss"] = _quantile_loss(draws, actual)
    cells["covered"] = _inside(bands(point, draws), actual)
    running = draws.cumsum(axis=1)
    cells["summed_covered"] = _inside(bands(point.cumsum(), running), actual.cumsum())
    limits = np.array(TRIED_QUOTAS) * np.nan_to_num(_mean(past[-LINEAR_DAYS:])) * days
    cells["quotas"] = limits
    cells["exhausted"] = np.stack([(running >= limit).mean(axis=0) for limit in limits])
    return cells


def total(values: Floats) -> Floats:
    """The sum of some rows by day: NaN where one that has begun is not known, or none has."""
    begun = np.isfinite(values).cumsum(axis=1) > 0
    unknown = (begun & ~np.isfinite(values)).any(axis=0) | ~begun.any(axis=0)
    return np.where(unknown, np.nan, np.nansum(values, axis=0))


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else np.nan


def _weekly_change(past: Floats) -> Floats:
    change = _mean(np.abs(past[WEEK:] - past[:-WEEK]))
    return np.array(change if change > 0 else np.nan)


def _quantile_loss(draws: Floats, actual: Floats) -> Floats:
    error = actual - quantiles(draws, WQL_LEVELS)
    level = WQL_LEVELS[:, None]
    loss: Floats = np.maximum(level * error, (level - 1) * error).sum(axis=0)
    return loss


def _inside(ends: Mapping[str, Floats], actual: Floats) -> Floats:
    known = np.isfinite(actual)
    inside = [
        (actual >= ends[f"lower_{level}"]) & (actual <= ends[f"upper_{level}"]) for level in LEVELS
    ]
    return np.where(known, np.array(inside, dtype=np.float64), np.nan)
