"""Whether intervals of sums hold as often as they say, and what ignoring dependence would cost."""

import numpy as np
import pytest
from demand_cases import company

from pipelines.forecasting.demand import SEED, forecast_panel
from pipelines.forecasting.panel import Floats, build_panel

KNOWN_DAYS, AHEAD_DAYS = 180, 56
# What 80 % intervals of sums over the horizon may hold.
GATE = (0.74, 0.88)


@pytest.fixture(scope="module")
def trials() -> list[tuple[Floats, Floats]]:
    """For each invented series its paths and what came."""
    found = []
    for seed in range(12):
        history = company(KNOWN_DAYS + AHEAD_DAYS, seed=seed)
        whole = build_panel(history, "total_tokens")
        first = history["usage_date"].min()
        known = history.filter((history["usage_date"] - first).dt.total_days() < KNOWN_DAYS)
        panel = build_panel(known, "total_tokens")
        paths = forecast_panel(panel, horizon_days=AHEAD_DAYS, seed=SEED).paths
        found += [(paths.of(row), whole.values[row, KNOWN_DAYS:]) for row in range(9)]
    return found


def held(trials: list[tuple[Floats, Floats]]) -> float:
    return float(np.mean([holds(draws.sum(axis=1), actual.sum()) for draws, actual in trials]))


def holds(sums: Floats, came: float) -> bool:
    lower, upper = np.quantile(sums, (0.1, 0.9))
    return bool(lower <= came <= upper)


def test_intervals_of_sums_hold_as_often_as_they_say(trials: list[tuple[Floats, Floats]]) -> None:
    assert GATE[0] <= held(trials) <= GATE[1]


def test_days_drawn_independently_fail_the_same_gate(trials: list[tuple[Floats, Floats]]) -> None:
    generator = np.random.default_rng(0)
    apart = [(generator.permuted(draws, axis=0), actual) for draws, actual in trials]
    assert held(apart) < GATE[0] - 0.2
