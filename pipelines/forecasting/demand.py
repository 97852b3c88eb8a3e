"""The demand forecast: bottom series, joint paths, and totals that are sums of both."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from pipelines.forecasting.ensemble import combine, forecast_members, method_name
from pipelines.forecasting.errors import movement, run_backtest
from pipelines.forecasting.frame import FORECASTS, KEY_COLUMNS, VALUE_COLUMNS, empty_forecasts
from pipelines.forecasting.panel import MEASURES, Floats, Measure, Panel, build_panel
from pipelines.forecasting.paths import Paths, draw_paths

QUANTILES = (0.1, 0.9, 0.025, 0.975)
# Movement of a series that has none to measure yet, as a share of its level.
UNKNOWN_MOVEMENT = 0.5

Key = tuple[str, str]
# Which total a bottom series (team_id, model_name) belongs to.
TOTALS: dict[str, Callable[[Key], Key]] = {
    "organization": lambda _: ("", ""),
    "team": lambda key: (key[0], ""),
    "model": lambda key: ("", key[1]),
}


@dataclass(frozen=True, kw_only=True)
class DemandForecast:
    """Everything that is known about the future of one measure.

    Attributes:
        panel: The history.
        paths: Point forecasts and joint sample paths of the bottom series.
        naive: Series x days, the seasonal naive of each.
        methods: How each bottom series was forecast.
    """

    panel: Panel
    paths: Paths
    naive: Floats
    methods: tuple[str, ...]


def forecast_demand(
    history: pl.DataFrame, *, horizon_days: int = 90, seed: int = 7
) -> pl.DataFrame:
    """Forecast tokens and cost by day: organization, teams, models, and teams' models.

    Totals are the sums of the team_model forecasts, and their intervals those of the summed paths.
    Retired series (no use in the last 28 days) are left out. A series whose cost is not known is
    forecast in tokens only, and totals of cost then cover the known part.

    Args:
        history: Rows of fct_token_costs_daily; whole UTC days, in any order.
        horizon_days: Days to forecast, at least 1.
        seed: Of the sample paths; same history and seed, same table.

    Returns:
        The columns of fct_forecasts_daily, sorted; no rows for an empty history.

    Raises:
        ValueError: `horizon_days` is below 1.
    """
    if horizon_days < 1:
        raise ValueError(f"horizon_days must be at least 1, not {horizon_days}")
    if history.is_empty():
        return empty_forecasts()
    frames = [
        tabulate(forecast_measure(history, measure, horizon_days=horizon_days, seed=seed))
        for measure in MEASURES
    ]
    return pl.concat(frames).sort(KEY_COLUMNS)


def forecast_measure(
    history: pl.DataFrame, measure: Measure, *, horizon_days: int, seed: int
) -> DemandForecast:
    """Forecast one measure's bottom series, with their joint paths.

    Args:
        history: Rows of fct_token_costs_daily; at least one.
        measure: What to forecast.
        horizon_days: Days to forecast, at least 1.
        seed: Of the sample paths.
    """
    panel = build_panel(history, measure)
    tested = run_backtest(panel.values, horizon_days)
    members = forecast_members(panel.values, horizon_days)
    point = combine(members, tested.weights) if panel.keys else members.naive
    paths = draw_paths(panel.keys, point, _scale(panel.values), tested, seed)
    methods = tuple(method_name(int(length)) for length in members.lengths)
    return DemandForecast(panel=panel, paths=paths, naive=members.naive, methods=methods)


def tabulate(forecast: DemandForecast) -> pl.DataFrame:
    """The forecast of one measure as rows of fct_forecasts_daily, every level."""
    tables = (_table(forecast, *series) for series in _levels(forecast))
    return pl.concat([empty_forecasts(), *tables]).sort(KEY_COLUMNS)


def _scale(values: Floats) -> Floats:
    """Each series' daily movement; too short to have moved: half its level; constant: 0."""
    moved = movement(values)
    known = np.isfinite(values)
    level = np.where(known, np.abs(values), 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    unknown = np.where(known.sum(axis=1) < 2, UNKNOWN_MOVEMENT * level, 0.0)
    return np.where(np.isfinite(moved), moved, unknown)


def _levels(forecast: DemandForecast) -> Iterator[tuple[str, Key, list[int], str]]:
    """Every series to report: kind, key, the bottom rows it sums, method."""
    keys = forecast.paths.keys
    for row, key in enumerate(keys):
        yield "team_model", key, [row], forecast.methods[row]
    for kind, total_of in TOTALS.items():
        groups: dict[Key, list[int]] = {}
        for row, key in enumerate(keys):
            groups.setdefault(total_of(key), []).append(row)
        for key, rows in groups.items():
            yield kind, key, rows, "sum_of_team_models"


def _table(
    forecast: DemandForecast, kind: str, key: Key, rows: list[int], method: str
) -> pl.DataFrame:
    """The days of one reported series."""
    point = forecast.paths.point[rows].sum(axis=0)
    values = (point, *_bounds(point, forecast.paths.draws[rows].sum(axis=0)))
    naive = forecast.naive[rows].sum(axis=0)
    origin, count = forecast.panel.origin, point.size
    return pl.DataFrame(
        {
            "forecast_origin_date": [origin] * count,
            "series_kind": [kind] * count,
            "team_id": [key[0]] * count,
            "model_name": [key[1]] * count,
            "measure": [forecast.panel.measure] * count,
            "forecast_date": [origin + timedelta(days=day) for day in range(count)],
            "horizon_days": range(1, count + 1),
            "method_name": [method] * count,
            **dict(zip(VALUE_COLUMNS, (*values, naive), strict=True)),
        },
        schema=FORECASTS,
    )


def _bounds(point: Floats, draws: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Interval bounds of paths x days, centered on the point forecast, in `VALUE_COLUMNS` order.

    Cutting paths at 0 moves the median of a sum above the sum of the points; the spread is what
    the paths are asked for, so it is laid around the point.
    """
    center = point - np.median(draws, axis=0)
    lower_80, upper_80, lower_95, upper_95 = np.maximum(
        np.quantile(draws, QUANTILES, axis=0) + center, 0
    )
    lower_80, upper_80 = np.minimum(lower_80, point), np.maximum(upper_80, point)
    return lower_80, upper_80, np.minimum(lower_95, lower_80), np.maximum(upper_95, upper_80)
