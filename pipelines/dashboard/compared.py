"""Causes of the change between any two periods, computed from the published days."""

from dataclasses import asdict
from datetime import timedelta

from pipelines.dashboard.queries import Row
from pipelines.dashboard.view import View
from pipelines.demand_facts import read_facts
from pipelines.inflation import Facts
from pipelines.inflation.drivers import change_drivers
from pipelines.inflation.periods import ORGANIZATION, Span, periods_by_scope

_A_DAY = timedelta(days=1)


def compared_causes(view: View) -> list[Row]:
    """Take the change apart, from the period before to the period of the view.

    Returns:
        Rows like those of causes.sql. None where the periods differ in length, or where one of
        them has no usage and no cost.
    """
    asked = view.filter
    if not (asked.first and asked.last and asked.before_first and asked.before_last):
        return []
    before = Span(start=asked.before_first, end=asked.before_last + _A_DAY)
    after = Span(start=asked.first, end=asked.last + _A_DAY)
    facts = _facts(view)
    if facts is None or before.end - before.start != after.end - after.start:
        return []
    scopes = periods_by_scope(facts, (before, after), by_team=asked.team is not None)
    scope = scopes.get(ORGANIZATION if asked.team is None else asked.team)
    if scope is None:
        return []
    earlier, later = scope
    shared: Row = {
        "last_day": asked.last,
        "from_cost_usd": earlier.cost_usd,
        "to_cost_usd": later.cost_usd,
    }
    drivers = sorted(change_drivers(earlier, later), key=lambda driver: -abs(driver.change_usd))
    return [asdict(driver) | shared for driver in drivers]


def _facts(view: View) -> Facts | None:
    """Read every day once for each snapshot: it does not change."""
    if "facts" not in view.kept:
        view.kept["facts"] = read_facts(view.connection)
    facts = view.kept["facts"]
    return facts if isinstance(facts, Facts) else None
