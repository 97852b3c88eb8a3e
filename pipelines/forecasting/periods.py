"""The periods of a quota that lie within the horizon: the running one, and those after it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

# How many months a period of these kinds has.
MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, kw_only=True)
class Period:
    """One period of a quota.

    Attributes:
        start: Its first day.
        end: The first day after it.
        is_running: Whether use so far counts against it.
    """

    start: date
    end: date
    is_running: bool


def periods_within(kind: str, start: date, end: date, origin: date, days: int) -> list[Period]:
    """The periods that hold a day of the horizon, in order.

    Args:
        kind: 'day', 'week', 'month', 'quarter', 'year' or 'contract'.
        start: First day of the last period that is known.
        end: First day after it; earlier than the kind would have it if the quota ends by then.
        origin: First day of the horizon.
        days: Of the horizon.

    Returns:
        Of a 'contract', and of a quota that ends within its period, the running one alone.
    """
    horizon_end = origin + timedelta(days=days)
    found = [Period(start=start, end=end, is_running=True)] if end > origin else []
    if regular_end(kind, start) == end:
        found += [one for one in _after(kind, end, horizon_end) if one.end > origin]
    return found


def regular_end(kind: str, start: date) -> date | None:
    """When a period that holds `start` ends by the calendar; None: only its quota tells.

    Weeks begin on Monday; quarters in January, April, July and October.
    """
    if kind == "day":
        return start + timedelta(days=1)
    if kind == "week":
        return start + timedelta(days=7 - start.weekday())
    if kind not in MONTHS:
        return None
    months = MONTHS[kind]
    number = start.year * 12 + (start.month - 1) // months * months + months
    return date(number // 12, number % 12 + 1, 1)


def _after(kind: str, start: date, horizon_end: date) -> Iterator[Period]:
    while start < horizon_end:
        end = regular_end(kind, start)
        if end is None:
            return
        yield Period(start=start, end=end, is_running=False)
        start = end
