"""`meterhouse why`: the difference between two periods, taken apart in the terminal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import duckdb
from rich.table import Table

from ingest.errors import MeterhouseError
from pipelines.demand_facts import read_facts
from pipelines.inflation import Facts
from pipelines.inflation.drivers import Driver, change_drivers
from pipelines.inflation.periods import ORGANIZATION, Period, Span, periods_by_scope
from pipelines.inflation.story import CENT, Line, tell
from pipelines.publish import read_current
from pipelines.settings import Settings

WINDOW_DAYS: Final = 28
_MINUS: Final = "\N{MINUS SIGN}"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two periods of one scope and what made the difference.

    Attributes:
        scope: 'the organization', or the team.
        before: The earlier period, as long as the later one and next to it.
        after: The later period.
        drivers: The causes; they sum to the difference of the costs.
    """

    scope: str
    before: Period
    after: Period
    drivers: Sequence[Driver]


def compare(
    settings: Settings,
    *,
    first: str | None = None,
    last: str | None = None,
    team: str | None = None,
) -> Comparison:
    """Compare days with as many days before them, out of the published snapshot.

    Args:
        settings: Whose data folder.
        first: First day (UTC) of the later period, YYYY-MM-DD; without it 28 days end with the
            last one.
        last: Its last day, included; without it the last day of the data.
        team: A team_id; without it the organization.

    Raises:
        MeterhouseError: Nothing is published, a day is none or lies outside the data, or no such
            team has usage or cost.
    """
    with read_current(settings) as connection:
        facts = _facts(connection)
    before, after = _spans(facts, _day("--from", first), _day("--to", last))
    scopes = periods_by_scope(facts, (before, after), by_team=team is not None)
    key = ORGANIZATION if team is None else team
    if key not in scopes:
        known = sorted(facts.totals["team_id"].unique())
        raise MeterhouseError(
            f"The team {key!r} has no usage or cost from {before.start} to {_shown_end(after)}.",
            f"The teams in the data: {', '.join(known)}.",
        )
    earlier, later = scopes[key]
    return Comparison(
        scope="the organization" if team is None else team,
        before=earlier,
        after=later,
        drivers=change_drivers(earlier, later),
    )


def report(comparison: Comparison) -> Iterable[str | Table]:
    """The comparison as lines and a table to print; every column adds up to its last line."""
    before, after = comparison.before, comparison.after
    costs = [period.cost_usd.quantize(CENT) for period in (before, after)]
    yield (
        f"Why the cost of AI changed: {comparison.scope}, {_days(after.span)} against "
        f"{_days(before.span)} (UTC)"
    )
    yield f"From ${costs[0]:,} to ${costs[1]:,}{_percent(costs[0], costs[1])}; own GPUs all in"
    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("cause", no_wrap=True)
    table.add_column("USD", justify="right", no_wrap=True)
    table.add_column("tokens", justify="right", no_wrap=True)
    for line in tell(comparison.drivers, costs[1] - costs[0]):
        _add(table, line, "")
        for part in line.parts:
            _add(table, part, "  ")
    tokens = after.total_tokens - before.total_tokens
    _add(
        table,
        Line(text="sum", change_usd=costs[1] - costs[0], change_tokens=tokens),
        "",
    )
    yield table
    unpriced = max(before.unpriced_tokens, after.unpriced_tokens)
    if unpriced:
        yield (
            f"Without a price, in the tokens and not in the cost: {before.unpriced_tokens:,} "
            f"tokens, then {after.unpriced_tokens:,}."
        )


def _add(table: Table, line: Line, indent: str) -> None:
    usd, tokens = line.change_usd, round(line.change_tokens)
    table.add_row(
        f"{indent}{line.text}",
        f"{_sign(usd)}{abs(usd):,.2f}",
        f"{_sign(tokens)}{abs(tokens):,}" if tokens else "",
    )


def _sign(value: Decimal | int) -> str:
    return _MINUS if value < 0 else "+" if value else ""


def _percent(before: Decimal, after: Decimal) -> str:
    if not before:
        return ""
    change = (after / before - 1) * 100
    return f" ({_sign(change)}{abs(change):.1f} %)"


def _facts(connection: duckdb.DuckDBPyConnection) -> Facts:
    try:
        facts = read_facts(connection)
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise MeterhouseError(
            f"The published snapshot does not fit this version: {error}",
            "Publish a new one with `meterhouse run`.",
        ) from error
    if facts is None:
        raise MeterhouseError("There is no usage and no cost yet: nothing to compare.")
    return facts


def _day(option: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise MeterhouseError(f"{option} {text!r} is not a date. Write it as YYYY-MM-DD.") from None


def _spans(facts: Facts, first: date | None, last: date | None) -> tuple[Span, Span]:
    last = last or facts.last_day
    first = first or last - timedelta(days=WINDOW_DAYS - 1)
    if first > last:
        raise MeterhouseError(f"--from {first} is after --to {last}.")
    days = (last - first).days + 1
    earliest = first - timedelta(days=days)
    if earliest < facts.first_day or last > facts.last_day:
        raise MeterhouseError(
            f"The {days} days from {first} and the {days} before them do not lie in the data, "
            f"which holds {facts.first_day} to {facts.last_day}.",
            "Choose fewer or other days with --from and --to.",
        )
    return (
        Span(start=earliest, end=first),
        Span(start=first, end=last + timedelta(days=1)),
    )


def _days(span: Span) -> str:
    return f"{span.start} to {_shown_end(span)}"


def _shown_end(span: Span) -> date:
    return span.end - timedelta(days=1)
