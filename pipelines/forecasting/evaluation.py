"""How good the forecasts would have been: the backtest as a table."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.forecasting.bands import LEVELS
from pipelines.forecasting.demand_forecast import DemandForecast
from pipelines.forecasting.frame import BACKTESTS, ORDER
from pipelines.forecasting.levels import Series
from pipelines.forecasting.panel import Floats
from pipelines.forecasting.passage import Scores
from pipelines.forecasting.passage import score as score_passage
from pipelines.forecasting.reasons import history_of, reason
from pipelines.forecasting.scoring import Trial, try_forecast

# Ratios of two errors are held within this before they are averaged (fev-bench).
CLIP = (0.01, 100.0)
# The bottom of what is reported, over which the pooled rows are taken.
POOLED_KIND = "team_model"

Row = dict[str, object]


def backtest(forecast: DemandForecast, *, excluded_days: int = 0) -> pl.DataFrame:
    """Score the methods of one measure on past origins, up to four weeks ahead.

    mase: mean absolute error over that of last week's same day, in the history until then. wql:
    twice the quantile loss of the nine deciles over the sum of what came. Skill is 1 - the mean
    absolute error over the seasonal naive's; pooled, 1 - its geometric mean. Exhaustion is that of
    quotas of 0.9 to 1.2 times the use of the last four weeks; its climatology is how often such
    quotas were exhausted, over all sizes and series.

    Args:
        forecast: Of one measure.
        excluded_days: How many days of the history were left out, to be told.

    Returns:
        The columns of fct_forecast_backtests: a row for each series and method, and of kind 'all'
        pooled over the teams' models. No scores where the history is too short.
    """
    trial = try_forecast(forecast)
    rows = [
        {
            "forecast_origin_date": forecast.panel.origin,
            "measure": forecast.panel.measure,
            "excluded_day_count": excluded_days,
            **row,
        }
        for row in (_unscored(forecast) if trial is None else _scored(forecast, trial))
    ]
    if not rows:
        return pl.DataFrame(schema=BACKTESTS)
    table = pl.DataFrame(rows, infer_schema_length=None)
    missing = [
        pl.lit(None, dtype).alias(name)
        for name, dtype in BACKTESTS.items()
        if name not in table.columns
    ]
    known = pl.col(pl.Float64).fill_nan(None)
    typed = table.with_columns(missing).select(
        pl.col(name).cast(dtype) for name, dtype in BACKTESTS.items()
    )
    return typed.with_columns(known).sort(ORDER["backtests"])


def _unscored(forecast: DemandForecast) -> Iterator[Row]:
    for series in forecast.series:
        yield {**_about(forecast, series), "method_name": "forecast", "scored_origin_count": 0}


def _scored(forecast: DemandForecast, trial: Trial) -> Iterator[Row]:
    outcome = _outcome(trial)
    pooled = [i for i, one in enumerate(forecast.series) if one.kind == POOLED_KIND]
    pooled = pooled or list(range(len(forecast.series)))
    with np.errstate(invalid="ignore", divide="ignore"):
        known = np.isfinite(outcome[:, :, pooled])
        came = np.where(known, outcome[:, :, pooled], 0.0).sum(axis=(0, 1, 2))
        often = came / np.maximum(known.sum(axis=(0, 1, 2)), 1)
    climatology = np.broadcast_to(often, outcome.shape)
    for index, series in enumerate(forecast.series):
        about = _about(forecast, series)
        for method in trial.points:
            yield {**about, **_scores(trial, method, [index], outcome, climatology)}
    for method in trial.points:
        pool = Series(kind="all", key=("", "", ""), rows=[])
        yield {**pool.names, **_scores(trial, method, pooled, outcome, climatology)}


def _about(forecast: DemandForecast, series: Series) -> Row:
    return {
        **series.names,
        **history_of(forecast, series),
        "chosen_method_name": forecast.method(series),
        "chosen_reason": reason(forecast, series),
    }


def _scores(
    trial: Trial, method: str, chosen: Sequence[int], outcome: Floats, climatology: Floats
) -> Row:
    """Every score of one method over some series."""
    point, actual = trial.points[method][:, chosen], trial.actual[:, chosen]
    error = np.abs(point - actual)
    naive = np.abs(trial.points["seasonal_naive"][:, chosen] - actual)
    known = np.isfinite(error) & np.isfinite(naive)
    row: Row = {
        "method_name": method,
        "scored_origin_count": int(known.any(axis=(1, 2)).sum()),
        "scored_day_count": int(known.sum()),
        "mase": _mean(error / trial.scale[:, chosen, None], known),
        "skill_ratio": _skill(error, naive, known),
        "total_bias_ratio": _ratio(np.where(known, point - actual, 0).sum(), _sum(actual, known)),
    }
    probability = _crossed(trial, point, chosen)
    if method == "forecast":
        row["wql"] = _ratio(2 * _sum(trial.loss[:, chosen], known), 9 * _sum(actual, known))
        for level, inside, summed in zip(LEVELS, trial.covered, trial.summed_covered, strict=True):
            row[f"coverage_{level}_ratio"] = _mean(inside[:, chosen])
            row[f"cumulative_coverage_{level}_ratio"] = _mean(summed[:, chosen])
        probability = trial.exhausted[:, :, chosen]
    scores = score_passage(probability, outcome[:, :, chosen], climatology[:, :, chosen])
    return row | _exhaustion(scores)


def _exhaustion(scores: Scores) -> Row:
    return {
        "exhaustion_integrated_brier_score": scores.integrated_brier,
        "exhaustion_brier_score": scores.brier,
        "exhaustion_brier_skill_ratio": scores.skill,
        "exhaustion_ece_ratio": scores.ece,
    }


def _outcome(trial: Trial) -> Floats:
    """Quotas x origins x series x days: 1 where the tried quota was exhausted by then."""
    running = trial.actual.cumsum(axis=2)
    reached = (running >= trial.quotas[..., None]).astype(np.float64)
    return np.where(np.isfinite(running) & (trial.quotas[..., None] > 0), reached, np.nan)


def _crossed(trial: Trial, point: Floats, chosen: Sequence[int]) -> Floats:
    """The same as a point forecast says it: 0 or 1."""
    running = point.cumsum(axis=2)
    crossed = (running >= trial.quotas[:, :, chosen, None]).astype(np.float64)
    return np.where(np.isfinite(running), crossed, np.nan)


def _skill(error: Floats, naive: Floats, known: npt.NDArray[np.bool_]) -> float:
    ratios = []
    for series in range(error.shape[1]):
        scored = known[:, series]
        if scored.any() and (base := naive[:, series][scored].mean()) > 0:
            ratios.append(np.clip(error[:, series][scored].mean() / base, *CLIP))
    return 1 - float(np.exp(np.mean(np.log(ratios)))) if ratios else np.nan


def _mean(values: Floats, known: npt.NDArray[np.bool_] | None = None) -> float:
    finite = np.isfinite(values) if known is None else np.isfinite(values) & known
    return float(values[finite].mean()) if finite.any() else np.nan


def _sum(values: Floats, known: npt.NDArray[np.bool_]) -> float:
    return float(values[known].sum())


def _ratio(value: float, base: float) -> float:
    return value / base if base else np.nan
