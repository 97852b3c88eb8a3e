"""What a page looks at: a snapshot, the days, and which teams, models, providers and hosts."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta

import duckdb

from ingest.errors import MeterhouseError

PERIOD_DAYS = 30
_CHART_DAYS = 366
_DAILY_DAYS = 63


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What the reader asked for; what is None is not narrowed.

    Attributes:
        first: First day (UTC) of the period.
        last: Its last day, included.
        before_first: First day of the period to compare with.
        before_last: Its last day, included.
        team: A team_id.
        model: A model_name.
        provider: A provider_name.
        host: A host_name.
        metric: Name of the metric to explore.
        by: Dimension to tell it by.
        driver: What of the demand a scenario changes: requests, input_tokens and so on.
        times: By which factor.
    """

    first: date | None = None
    last: date | None = None
    before_first: date | None = None
    before_last: date | None = None
    team: str | None = None
    model: str | None = None
    provider: str | None = None
    host: str | None = None
    metric: str = "spend_usd"
    by: str = "team_id"
    driver: str | None = None
    times: float | None = None


def _place_in_file(name: str) -> str:
    return f"#{name}"


@dataclass(frozen=True, kw_only=True)
class View:
    """An open snapshot with a filter whose days are all known.

    Attributes:
        connection: Open on a snapshot.
        filter: With all four days, unless the snapshot has no data.
        chart_first: First day of the charts: of the period if one was asked for, else a year back,
            but not before the data.
        is_narrowed: Whether days or a team were asked for: what is published for the last 28 days
            of the organization is then computed anew.
        drill: Gives the address of the rows behind a figure, from names and values of the filter
            to add; None where nothing answers, as in a file.
        page: Gives the address of a page from its name.
        kept: What was computed from the whole snapshot, for the next view of it.
    """

    connection: duckdb.DuckDBPyConnection
    filter: Filter
    chart_first: date | None
    is_narrowed: bool = False
    drill: Callable[[dict[str, str]], str] | None = None
    page: Callable[[str], str] = _place_in_file
    kept: dict[str, object] = field(default_factory=dict)

    @property
    def grain(self) -> str:
        """How long a bar of the charts is: 'day' or 'week', so that they stay readable."""
        first, last = self.chart_first, self.filter.last
        return "day" if first and last and (last - first).days < _DAILY_DAYS else "week"

    def values(self) -> dict[str, object]:
        """Give the values that queries name with a dollar sign."""
        named: dict[str, object] = {
            one.name: getattr(self.filter, one.name) for one in fields(Filter)
        }
        return named | {"chart_first": self.chart_first, "grain": self.grain}


def open_view(
    connection: duckdb.DuckDBPyConnection,
    asked: Filter | None = None,
    *,
    days: int = PERIOD_DAYS,
    drill: Callable[[dict[str, str]], str] | None = None,
    page: Callable[[str], str] | None = None,
    kept: dict[str, object] | None = None,
) -> View:
    """Fill in the days that nobody asked for.

    Args:
        connection: Open on a snapshot.
        asked: Without days the period is the last days of the data; without days to compare
            with, as many days before it.
        days: Length of the period that nobody asked for.
        drill: See View.
        page: See View.
        kept: See View.

    Raises:
        MeterhouseError: A period ends before it begins.
    """
    asked = asked or Filter()
    earliest, latest = _days_of(connection)
    last = asked.last or latest
    if last is None or earliest is None:
        return View(
            connection=connection,
            filter=asked,
            chart_first=None,
            drill=drill,
            page=page or _place_in_file,
        )
    first = asked.first or last - timedelta(days=days - 1)
    length = (last - first).days
    before_last = asked.before_last or first - timedelta(days=1)
    before_first = asked.before_first or before_last - timedelta(days=length)
    for begin, end in ((first, last), (before_first, before_last)):
        if begin > end:
            raise MeterhouseError(f"The period from {begin} to {end} ends before it begins.")
    begun = first if asked.first else last - timedelta(days=_CHART_DAYS - 1)
    return View(
        connection=connection,
        filter=replace(
            asked, first=first, last=last, before_first=before_first, before_last=before_last
        ),
        chart_first=max(begun, earliest),
        is_narrowed=any((asked.first, asked.last, asked.before_first, asked.team)),
        drill=drill,
        page=page or _place_in_file,
        kept={} if kept is None else kept,
    )


def _days_of(connection: duckdb.DuckDBPyConnection) -> tuple[date | None, date | None]:
    # All rows are fetched: an unfinished result would block the connection.
    rows = connection.execute(
        "select (select min(usage_date) from fct_token_costs_daily), data_through "
        "from meterhouse_snapshot"
    ).fetchall()
    return rows[0] if rows else (None, None)
