"""What each item adds to the change of a price index."""

from pipelines.inflation.bilateral import fisher, tornqvist, tornqvist_weights
from pipelines.inflation.logarithmic_mean import Floats, log_mean, log_ratio


def tornqvist_contributions(p0: Floats, q0: Floats, p1: Floats, q1: Floats) -> Floats:
    """Parts of the Törnqvist index minus 1, by item.

    Each item's part of the logarithm, times L(index, 1), which turns logarithms into differences.
    Source: Reinsdorf, Diewert & Ehemann (2002), J. of Economic and Social Measurement 28:51.

    Args:
        p0: Prices of matched items in the earlier period, USD per token.
        q0: Their quantities, tokens.
        p1: Prices of the later period.
        q1: Quantities of the later period.

    Returns:
        One part for each item; they sum to the index minus 1.
    """
    parts = tornqvist_weights(p0, q0, p1, q1) * log_ratio(p1, p0)
    contributions: Floats = parts * log_mean(tornqvist(p0, q0, p1, q1), 1.0)
    return contributions


def fisher_contributions(p0: Floats, q0: Floats, p1: Floats, q1: Floats) -> Floats:
    """Parts of the Fisher index minus 1, by item.

    Laspeyres and Paasche are arithmetic means of price ratios; each is written as a geometric one,
    the Fisher index is then the geometric mean with the weights' mean, and that is written as an
    arithmetic mean again. Source: Reinsdorf, Diewert & Ehemann (2002), section 6.

    Args:
        p0: Prices of matched items in the earlier period, USD per token.
        q0: Their quantities, tokens.
        p1: Prices of the later period.
        q1: Quantities of the later period.

    Returns:
        One part for each item; they sum to the index minus 1.
    """
    ratios = p1 / p0
    weights = (_as_geometric(p0 * q0, ratios) + _as_geometric(p0 * q1, ratios)) / 2
    arithmetic = weights / log_mean(ratios, fisher(p0, q0, p1, q1))
    contributions: Floats = arithmetic / arithmetic.sum() * (ratios - 1)
    return contributions


def van_ijzeren_contributions(p0: Floats, q0: Floats, p1: Floats, q1: Floats) -> Floats:
    """Parts of the Fisher index minus 1, by item, in the form of van IJzeren (1952).

    The basket is q0 + q1 / Q with Q the Fisher quantity index; see Balk (2008), chapter 3.

    Args:
        p0: Prices of matched items in the earlier period, USD per token.
        q0: Their quantities, tokens.
        p1: Prices of the later period.
        q1: Quantities of the later period.

    Returns:
        One part for each item; they sum to the index minus 1.
    """
    basket = q0 + q1 / fisher(q0, p0, q1, p1)
    contributions: Floats = (p1 - p0) * basket / (p0 * basket).sum()
    return contributions


def _as_geometric(values: Floats, ratios: Floats) -> Floats:
    """Weights of the geometric mean of ratios that equals their mean weighed by values."""
    mean = (values * ratios).sum() / values.sum()
    weights = values * log_mean(ratios, mean)
    shares: Floats = weights / weights.sum()
    return shares
