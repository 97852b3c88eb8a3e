"""Logarithmic mean Divisia index, form I: an exact split of a change into factors.

V = sum over items of the product of their factors. Sources: Ang (2005), Energy Policy 33:867;
zeros by their analytical limits, Ang & Liu (2007), Energy Policy 35:238, and not by a small number
in their place, which Wood & Lenzen (2006), Energy Policy 34:1326, show to fail.
"""

import numpy as np

from pipelines.inflation.logarithmic_mean import Floats, log_mean, log_ratio


def additive_lmdi(before: Floats, after: Floats) -> Floats:
    """How much of each item's change each factor makes.

    Where an item's value is 0 on one side, the factors that are 0 there share its whole change.
    Where a factor is not known on one side (NaN), as the price of what nobody bought, it did not
    change: the other side's stands for it.

    Args:
        before: Factors x items, the earlier period; 0 or more, NaN for unknown.
        after: Factors x items, the later period, in the same units.

    Returns:
        Factors x items, in the unit of the product. The factors of an item sum to its change.
    """
    before = np.where(np.isnan(before), after, before)
    after = np.where(np.isnan(after), before, after)
    # Neither side is known: nobody bought it in either period.
    before, after = np.nan_to_num(before, nan=0.0), np.nan_to_num(after, nan=0.0)
    value_before, value_after = before.prod(axis=0), after.prod(axis=0)
    ratios = np.nan_to_num(log_ratio(after, before))
    parts = log_mean(value_after, value_before) * ratios
    begun = (value_before == 0) & (value_after > 0)
    ended = (value_before > 0) & (value_after == 0)
    return (
        np.where(begun | ended, 0.0, parts)
        + np.where(begun, value_after * _shares(before == 0), 0.0)
        - np.where(ended, value_before * _shares(after == 0), 0.0)
    )


def multiplicative_lmdi(before: Floats, after: Floats) -> Floats:
    """By which ratio each factor changed the total.

    Args:
        before: Factors x items, as for `additive_lmdi`; their total must not be 0.
        after: Factors x items; their total must not be 0.

    Returns:
        One ratio for each factor; their product is the ratio of the totals.
    """
    before_filled = np.where(np.isnan(before), after, before)
    after_filled = np.where(np.isnan(after), before, after)
    totals = (
        np.nan_to_num(after_filled.prod(axis=0)).sum(),
        np.nan_to_num(before_filled.prod(axis=0)).sum(),
    )
    changes: Floats = np.exp(additive_lmdi(before, after).sum(axis=1) / log_mean(*totals))
    return changes


def _shares(is_zero: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Floats:
    """Equal shares of the factors that are 0."""
    shares: Floats = is_zero / np.maximum(is_zero.sum(axis=0), 1)
    return shares
