"""Scenario against baseline, on the same futures: quotas, totals, causes, and how far it may go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.scenarios.causes import Cause, causes_of
from pipelines.scenarios.drivers import Drivers, Floats
from pipelines.scenarios.limits import Limit, Outlook, changed_limits, outlook_of
from pipelines.scenarios.shocks import Change, DriverName, Scenario, Shock, apply

MEASURES = ("usd", "tokens", "requests", "gpu_hours")
LOW, MEDIAN, HIGH = 0.1, 0.5, 0.9
# Nobody's context grows a hundredfold within a quarter.
MOST_STRESS = 100.0
STRESS_STEPS = 40


@dataclass(frozen=True, kw_only=True)
class Total:
    """What all futures use of a measure over their days: 10 %, 50 % and 90 % quantile."""

    measure: str
    baseline: tuple[float, float, float]
    scenario: tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a shock adds to the mean total, given those before it; effects sum to the difference."""

    shock: Shock
    usd: float
    tokens: float
    gpu_hours: float


@dataclass(frozen=True, kw_only=True)
class Swing:
    """The mean total cost of the scenario with one driver at the ends of its usual range."""

    driver: str
    low_multiplier: float
    high_multiplier: float
    low_usd: float
    high_usd: float


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Everything `meterhouse whatif` shows.

    Attributes:
        quotas: Each quota that is followed: as it stands, and under the scenario.
        totals: One for each of MEASURES.
        effects: One for each shock, in order.
        causes: What adds to the difference, whatever the order of the shocks.
        swings: The widest first.
        stress: Quota -> smallest multiplier of input tokens with which half of the futures use up
            the running period; None where MOST_STRESS does not.
    """

    quotas: Sequence[tuple[Limit, Outlook, Limit, Outlook]]
    totals: Sequence[Total]
    effects: Sequence[Effect]
    causes: Sequence[Cause]
    swings: Sequence[Swing]
    stress: Mapping[str, float | None]


def compare(
    baseline: Drivers,
    scenario: Scenario,
    limits: Sequence[Limit],
    ranges: Mapping[DriverName, tuple[float, float]],
) -> Comparison:
    """Compare a scenario with the baseline.

    Args:
        baseline: Futures without shocks.
        scenario: The shocks.
        limits: Quotas as they stand; those that are not followed are left out.
        ranges: Driver of a Change -> multipliers at the ends of its usual range (80 %).

    Raises:
        MeterhouseError: A shock concerns nothing.
    """
    followed = [limit for limit in limits if limit.is_followed()]
    changed = changed_limits(followed, scenario.shock)
    shocked = apply(baseline, scenario.shock)
    return Comparison(
        quotas=[
            (before, outlook_of(before, baseline), after, outlook_of(after, shocked))
            for before, after in zip(followed, changed, strict=True)
        ],
        totals=[
            Total(
                measure=measure,
                baseline=_quantiles(baseline, measure),
                scenario=_quantiles(shocked, measure),
            )
            for measure in MEASURES
        ],
        effects=_effects(baseline, scenario.shock),
        causes=causes_of(baseline, shocked),
        swings=_swings(shocked, ranges),
        stress={limit.quota_id: _stress(limit, shocked) for limit in changed},
    )


def _everything(drivers: Drivers) -> Floats:
    return np.ones(len(drivers.keys))


def _mean(drivers: Drivers, measure: str) -> float:
    return float(drivers.amount(measure, _everything(drivers)).sum(axis=1).mean())


def _quantiles(drivers: Drivers, measure: str) -> tuple[float, float, float]:
    totals = drivers.amount(measure, _everything(drivers)).sum(axis=1)
    low, median, high = np.quantile(totals, (LOW, MEDIAN, HIGH))
    return float(low), float(median), float(high)


def _effects(baseline: Drivers, shocks: Sequence[Shock]) -> list[Effect]:
    effects, before = [], baseline
    for count, shock in enumerate(shocks, 1):
        # From the start each time, so that each shock meets the numbers it meets in the whole.
        after = apply(baseline, list(shocks[:count]))
        change = {
            measure: _mean(after, measure) - _mean(before, measure)
            for measure in ("usd", "tokens", "gpu_hours")
        }
        effects.append(Effect(shock=shock, **change))
        before = after
    return effects


def _swings(drivers: Drivers, ranges: Mapping[DriverName, tuple[float, float]]) -> list[Swing]:
    swings = []
    for driver, (low, high) in ranges.items():
        costs = [
            _mean(apply(drivers, [Change(driver=driver, multiplier=factor)]), "usd")
            for factor in (low, high)
        ]
        swings.append(
            Swing(
                driver=driver,
                low_multiplier=low,
                high_multiplier=high,
                low_usd=costs[0],
                high_usd=costs[1],
            )
        )
    return sorted(swings, key=lambda swing: -abs(swing.high_usd - swing.low_usd))


def _stress(limit: Limit, drivers: Drivers) -> float | None:
    """By bisection, for use only rises with the multiplier."""

    def is_used_up(multiplier: float) -> bool:
        stressed = apply(drivers, [Change(driver="input_tokens", multiplier=multiplier)])
        return outlook_of(limit, stressed).running_ratio >= MEDIAN

    low, high = 0.0, MOST_STRESS
    if not is_used_up(high):
        return None
    for _ in range(STRESS_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if is_used_up(middle) else (middle, high)
    return high
