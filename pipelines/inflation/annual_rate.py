"""Change of a level for a year at the pace of the last months."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from pipelines.inflation.logarithmic_mean import Floats

YEAR_DAYS: Final = 365.25
# A shorter stretch says more about its noise than about a year.
SHORTEST_DAYS: Final = 28


def annual_rate(
    levels: Floats, starts: Sequence[date], base: int, now: int, lag: int
) -> tuple[float | None, date | None]:
    """(level now / level then) ^ (365.25 / days between) - 1.

    Args:
        levels: By period.
        starts: First day of each period.
        base: First period of the series that `now` belongs to.
        now: Which period.
        lag: Periods to look back; fewer where the series is shorter.

    Returns:
        The ratio (0.1 is 10 % a year) and the first day it looks back to; both None where less
        than four weeks lie between or a level is 0.
    """
    then = max(base, now - lag)
    days = (starts[now] - starts[then]).days
    if days < SHORTEST_DAYS or levels[then] <= 0:
        return None, None
    ratio = float(levels[now] / levels[then])
    return ratio ** (YEAR_DAYS / days) - 1, starts[then]
