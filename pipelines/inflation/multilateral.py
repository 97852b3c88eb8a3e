"""Price levels over many periods: chains, and GEKS with a rolling window and mean splice."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.inflation.bilateral import Formula, matched_index
from pipelines.inflation.logarithmic_mean import Floats

Positions = npt.NDArray[np.int64]

# A quarter of weeks; Diewert & Fox (2017) use a year and a month of months.
WINDOW_PERIODS = 13


@dataclass(frozen=True, kw_only=True)
class Series:
    """Price levels over periods.

    Attributes:
        levels: By period; 1 where a chain begins.
        starts: By period, the position of the first period of its chain.
    """

    levels: Floats
    starts: Positions


def chained(formula: Formula, prices: Floats, quantities: Floats) -> Series:
    """Product of the indexes from each period to the next, over the items of both.

    Args:
        formula: A bilateral index.
        prices: Periods x items, USD per token; NaN or 0 where there is none.
        quantities: Periods x items, tokens.

    Returns:
        A chain that begins anew with each period that shares no item with the one before it.
    """
    levels, starts = np.ones(len(prices)), np.arange(len(prices))
    for period in range(1, len(prices)):
        link = _between(formula, prices, quantities, period - 1, period)
        if np.isfinite(link):
            levels[period] = levels[period - 1] * link
            starts[period] = starts[period - 1]
    return Series(levels=levels, starts=starts)


def geks(formula: Formula, prices: Floats, quantities: Floats) -> Floats:
    """Transitive levels: the geometric mean of all ways through one period in between.

    P_0t = product over l of (P_0l P_lt)^(1/n). Source: CPI Manual (2020), chapter 10; Ivancic,
    Diewert & Fox (2011), J. of Econometrics 161:24.

    Args:
        formula: A bilateral index that satisfies time reversal: Fisher, Törnqvist or Walsh.
        prices: Periods x items, USD per token; NaN or 0 where there is none.
        quantities: Periods x items, tokens.

    Returns:
        One level for each period, the first is 1; NaN where no way leads.
    """
    logs = log_links(formula, prices, quantities)
    levels: Floats = np.exp(_mean_over_ways(logs)[0])
    return levels


def mean_spliced_geks(
    formula: Formula, prices: Floats, quantities: Floats, *, window: int = WINDOW_PERIODS
) -> Series:
    """Levels as they are published one by one: no later period changes an earlier level.

    Each new period is compared by GEKS over the newest `window` periods with every earlier one of
    the window, and joined to the level published for that one; the geometric mean of these ways is
    published. Source: Diewert & Fox (2017), Substitution Bias in Multilateral Methods for CPI
    Construction using Scanner Data (mean splice).

    Args:
        formula: A bilateral index that satisfies time reversal.
        prices: Periods x items, USD per token; NaN or 0 where there is none.
        quantities: Periods x items, tokens.
        window: Periods that are compared with each other, at least 2.

    Returns:
        A series that begins anew with each period that no way leads to.
    """
    logs = log_links(formula, prices, quantities, reach=window - 1)
    published, starts = np.zeros(len(prices)), np.zeros(len(prices), dtype=np.int64)
    begin = 0
    for period in range(1, len(prices)):
        first = max(begin, period - window + 1)
        ways = _mean_over_ways(logs[first : period + 1, first : period + 1])
        arrivals = published[first:period] + ways[:-1, -1]
        known = arrivals[np.isfinite(arrivals)]
        if known.size:
            published[period] = known.mean()
        else:
            begin = period
        starts[period] = begin
    return Series(levels=np.exp(published), starts=starts)


def log_links(
    formula: Formula, prices: Floats, quantities: Floats, *, reach: int | None = None
) -> Floats:
    """Logarithms of the indexes between all pairs of periods.

    Args:
        formula: A bilateral index that satisfies time reversal.
        prices: Periods x items, USD per token.
        quantities: Periods x items, tokens.
        reach: Pairs further apart are left out; without it none are.

    Returns:
        Periods x periods, from row to column; NaN where a pair shares no item or is out of reach.
    """
    count = len(prices)
    logs = np.full((count, count), np.nan)
    np.fill_diagonal(logs, 0.0)
    for before in range(count):
        last = count if reach is None else min(count, before + reach + 1)
        for after in range(before + 1, last):
            log = np.log(_between(formula, prices, quantities, before, after))
            logs[before, after], logs[after, before] = log, -log
    return logs


def _between(
    formula: Formula, prices: Floats, quantities: Floats, before: int, after: int
) -> float:
    return matched_index(
        formula, prices[before], quantities[before], prices[after], quantities[after]
    )


def _mean_over_ways(logs: Floats) -> Floats:
    """Mean of log P_sl + log P_lt over the periods l that lead from s to t; NaN where none does."""
    ways = logs[:, :, None] + logs[None, :, :]
    known = np.isfinite(ways)
    counts = known.sum(axis=1)
    sums = np.where(known, ways, 0.0).sum(axis=1)
    means: Floats = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return means
