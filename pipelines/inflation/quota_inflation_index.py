"""Rows of the quota inflation index: how a scope's demand grows, chained, by cause."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from pipelines.inflation.annual_rate import annual_rate
from pipelines.inflation.bilateral import FORMULAS, matched_index
from pipelines.inflation.drivers import Driver
from pipelines.inflation.logarithmic_mean import Floats, log_mean
from pipelines.inflation.periods import Period
from pipelines.inflation.price_index import Baskets

Row = dict[str, Any]
MEASURES: Final = ("allocation_cost_usd", "total_tokens")


def quota_inflation_rows(
    periods: Sequence[Period],
    drivers: Mapping[int, Sequence[Driver]],
    teams: Mapping[str, Sequence[Period]],
    *,
    lag: int,
) -> Iterator[tuple[int, Row]]:
    """Index rows of one scope, in cost and in tokens.

    The ratio of a cause is exp(its part of the change / L(after, before)), multiplicative LMDI-I:
    the ratios of all causes multiply to the ratio of the total.

    Args:
        periods: Of the scope, complete ones in order of time.
        drivers: By position of the later period, the causes of its change.
        teams: The same periods of the scope's teams, whose parts of the change are told.
        lag: Periods that the annual rate looks back, where the series is as long.

    Yields:
        The position of the period, and columns of `QUOTA_INFLATION_INDEX` without scope and
        vintage.
    """
    for measure in MEASURES:
        values = _values(periods, measure)
        bases = _bases(values)
        prices = _price_levels(periods, bases) if measure == MEASURES[0] else None
        yield from _totals(periods, measure, values, bases, prices, lag)
        yield from _causes(periods, measure, values, bases, drivers, lag)
        for team, of_team in teams.items():
            moved = _values(of_team, measure)
            for now in range(1, len(periods)):
                if bases[now] < now and moved[now] != moved[now - 1]:
                    part = float((moved[now] - moved[now - 1]) / values[now - 1])
                    base = periods[bases[now]].span.start
                    yield (
                        now,
                        {
                            "measure": measure,
                            "contributor_kind": "team",
                            "contributor_team_id": team,
                            "base_period_start_date": base,
                            "contribution_ratio": part,
                        },
                    )


def _totals(
    periods: Sequence[Period],
    measure: str,
    values: Floats,
    bases: Sequence[int],
    prices: Floats | None,
    lag: int,
) -> Iterator[tuple[int, Row]]:
    starts = [period.span.start for period in periods]
    for now, base in enumerate(bases):
        if values[now] <= 0:
            continue
        rate, since = annual_rate(values, starts, base, now, lag)
        level = values[now] / values[base]
        price = None if prices is None or np.isnan(prices[now]) else float(prices[now])
        yield (
            now,
            {
                "measure": measure,
                "contributor_kind": "total",
                "base_period_start_date": starts[base],
                "index_ratio": float(level),
                "price_index_ratio": price,
                "volume_index_ratio": None if price is None else float(level / price),
                "change_ratio": float(values[now] / values[now - 1] - 1) if base < now else None,
                "annualized_inflation_ratio": rate,
                "annualized_from_date": since,
            },
        )


def _causes(
    periods: Sequence[Period],
    measure: str,
    values: Floats,
    bases: Sequence[int],
    drivers: Mapping[int, Sequence[Driver]],
    lag: int,
) -> Iterator[tuple[int, Row]]:
    starts = [period.span.start for period in periods]
    moved = [_by_cause(drivers.get(now, ()), measure) for now in range(len(periods))]
    for cause in sorted({cause for parts in moved for cause in parts}):
        logs = np.zeros(len(periods))
        for now, base in enumerate(bases):
            if base == now:
                continue
            part = moved[now].get(cause, 0.0)
            step = part / float(log_mean(values[now], values[now - 1]))
            logs[now] = logs[now - 1] + step
            rate, since = annual_rate(np.exp(logs), starts, base, now, lag)
            yield (
                now,
                {
                    "measure": measure,
                    "contributor_kind": "driver",
                    "driver": cause,
                    "base_period_start_date": starts[base],
                    "index_ratio": float(np.exp(logs[now])),
                    "change_ratio": float(np.expm1(step)),
                    "contribution_ratio": float(part / values[now - 1]),
                    "annualized_inflation_ratio": rate,
                    "annualized_from_date": since,
                },
            )


def _by_cause(drivers: Sequence[Driver], measure: str) -> dict[str, float]:
    parts: dict[str, float] = {}
    for one in drivers:
        change = float(one.change_usd) if measure == MEASURES[0] else one.change_tokens
        if one.driver != "residual" and change:
            parts[one.driver] = parts.get(one.driver, 0.0) + change
    return parts


def _values(periods: Sequence[Period], measure: str) -> Floats:
    if measure == MEASURES[0]:
        return np.array([float(period.cost_usd) for period in periods])
    return np.array([float(period.total_tokens) for period in periods])


def _bases(values: Floats) -> list[int]:
    """The first period of each one's chain: nothing grows out of nothing."""
    bases: list[int] = []
    for now, value in enumerate(values):
        continues = now > 0 and value > 0 and values[now - 1] > 0
        bases.append(bases[-1] if continues else now)
    return bases


def _price_levels(periods: Sequence[Period], bases: Sequence[int]) -> Floats:
    """Chained Törnqvist prices on the same bases; NaN from the first link without a model."""
    baskets = Baskets.of(periods)
    prices, tokens = baskets.prices, baskets.tokens
    levels = np.ones(len(periods))
    for now, base in enumerate(bases):
        if base < now:
            ends = (prices[now - 1], tokens[now - 1], prices[now], tokens[now])
            levels[now] = levels[now - 1] * matched_index(FORMULAS["tornqvist"], *ends)
    return levels
