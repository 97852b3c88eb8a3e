"""Price indexes between two periods, over the items that both periods have.

Sources: ILO/IMF et al., Consumer Price Index Manual (2004) and (2020), and Producer Price Index
Manual (2004), chapters 15 to 19; Balk (2008), Price and Quantity Index Numbers, chapter 3.
An item without a price or a quantity in one of the periods has no price change and is left out.
"""

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

import numpy as np

from pipelines.inflation.logarithmic_mean import Floats, log_mean, log_ratio

# Prices and quantities of the earlier period, then of the later one: four vectors over items.
Formula = Callable[[Floats, Floats, Floats, Floats], float]


def laspeyres(p0: Floats, q0: Floats, p1: Floats, _q1: Floats) -> float:
    """What the earlier basket costs at the later prices: sum p1 q0 / sum p0 q0."""
    return float((p1 * q0).sum() / (p0 * q0).sum())


def paasche(p0: Floats, _q0: Floats, p1: Floats, q1: Floats) -> float:
    """What the later basket costs, against the earlier prices: sum p1 q1 / sum p0 q1."""
    return float((p1 * q1).sum() / (p0 * q1).sum())


def fisher(p0: Floats, q0: Floats, p1: Floats, q1: Floats) -> float:
    """The geometric mean of Laspeyres and Paasche."""
    return float(np.sqrt(laspeyres(p0, q0, p1, q1) * paasche(p0, q0, p1, q1)))


def tornqvist(p0: Floats, q0: Floats, p1: Floats, q1: Floats) -> float:
    """The exponential of sum (s0 + s1) / 2 ln(p1 / p0); s are expenditure shares."""
    return float(np.exp((tornqvist_weights(p0, q0, p1, q1) * log_ratio(p1, p0)).sum()))


def tornqvist_weights(p0: Floats, q0: Floats, p1: Floats, q1: Floats) -> Floats:
    """Mean expenditure shares of both periods; they sum to 1."""
    return (_shares(p0, q0) + _shares(p1, q1)) / 2


def walsh(p0: Floats, q0: Floats, p1: Floats, q1: Floats) -> float:
    """Basket of the geometric means: sum p1 sqrt(q0 q1) / sum p0 sqrt(q0 q1)."""
    basket = np.sqrt(q0 * q1)
    return float((p1 * basket).sum() / (p0 * basket).sum())


def sato_vartia(p0: Floats, q0: Floats, p1: Floats, q1: Floats) -> float:
    """Weights are the logarithmic means of the expenditure shares, scaled to sum to 1."""
    weights = log_mean(_shares(p1, q1), _shares(p0, q0))
    return float(np.exp((weights * log_ratio(p1, p0)).sum() / weights.sum()))


def montgomery_vartia(p0: Floats, q0: Floats, p1: Floats, q1: Floats) -> float:
    """Weights L(v1, v0) / L(V1, V0): the price effect of multiplicative LMDI-I."""
    before, after = p0 * q0, p1 * q1
    weights = log_mean(after, before) / log_mean(after.sum(), before.sum())
    return float(np.exp((weights * log_ratio(p1, p0)).sum()))


FORMULAS: Final = MappingProxyType(
    {
        "laspeyres": laspeyres,
        "paasche": paasche,
        "fisher": fisher,
        "tornqvist": tornqvist,
        "walsh": walsh,
        "sato_vartia": sato_vartia,
        "montgomery_vartia": montgomery_vartia,
    }
)


def matched(
    p0: Floats, q0: Floats, p1: Floats, q1: Floats
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which items were bought at a price in both periods."""
    return (p0 > 0) & (q0 > 0) & (p1 > 0) & (q1 > 0)


def matched_index(formula: Formula, p0: Floats, q0: Floats, p1: Floats, q1: Floats) -> float:
    """A formula over the matched items.

    Args:
        formula: One of `FORMULAS`.
        p0: Prices of the earlier period by item, USD per token; NaN or 0 where there is none.
        q0: Quantities, tokens.
        p1: Prices of the later period.
        q1: Quantities of the later period.

    Returns:
        The ratio of price levels; NaN where no item is matched.
    """
    both = matched(p0, q0, p1, q1)
    if not both.any():
        return float("nan")
    return formula(p0[both], q0[both], p1[both], q1[both])


def unit_value(p0: Floats, q0: Floats, p1: Floats, q1: Floats) -> float:
    """Cost per unit of everything, later against earlier: it moves with the mix as with prices."""
    return float((np.nansum(p1 * q1) / np.nansum(q1)) / (np.nansum(p0 * q0) / np.nansum(q0)))


def _shares(p: Floats, q: Floats) -> Floats:
    shares: Floats = p * q / (p * q).sum()
    return shares
