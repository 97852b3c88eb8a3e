"""All three tables out of the facts: the organization and every team, weeks, months, 28 days."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from itertools import pairwise
from typing import Any, Final

import polars as pl

from pipelines.inflation.drivers import Driver, change_drivers
from pipelines.inflation.facts import Facts
from pipelines.inflation.periods import (
    ORGANIZATION,
    Period,
    last_windows,
    months,
    periods_by_scope,
    weeks,
)
from pipelines.inflation.price_index import price_index_rows
from pipelines.inflation.quota_inflation_index import quota_inflation_rows
from pipelines.inflation.tables import TABLES
from pipelines.inflation.vintages import RUNNING, keep_history

Row = dict[str, Any]
# Periods of each kind, and how many of them an annual rate looks back: a quarter.
_LAGS: Final = {"week": 13, "month": 3}


def report_inflation(
    facts: Facts, published: Mapping[str, pl.DataFrame]
) -> dict[str, pl.DataFrame]:
    """Every table, with the history that was published before.

    Args:
        facts: All days of the marts.
        published: By table name what was written before; may be empty.

    Returns:
        By table name, rows of `TABLES`.
    """
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    for kind, spans in (
        ("week", weeks(facts.first_day, facts.last_day)),
        ("month", months(facts.first_day, facts.last_day)),
    ):
        scopes = periods_by_scope(facts, spans, by_team=False)
        teams = periods_by_scope(facts, spans, by_team=True)
        for team, periods in {**scopes, **teams}.items():
            _add(rows, kind, team, periods, {} if team else teams)
    windows = last_windows(facts.last_day)
    if windows[0].start >= facts.first_day:
        for by_team in (False, True):
            for team, periods in periods_by_scope(facts, windows, by_team=by_team).items():
                _add_drivers(rows, RUNNING, team, periods)
    return {
        name: keep_history(
            published[name],
            _frame(found, name),
            first_day=facts.first_day,
            last_day=facts.last_day,
        )
        for name, found in rows.items()
    }


def _add(
    rows: dict[str, list[Row]],
    kind: str,
    team: str,
    periods: Sequence[Period],
    teams: Mapping[str, Sequence[Period]],
) -> None:
    """Append the rows of one scope."""
    drivers = _add_drivers(rows, kind, team, periods)
    # A level follows from every period before it, so it is restated with any of them.
    prints = _chained_prints([*periods])
    if teams:
        of_teams = zip(*(_chained_prints(of_team) for of_team in teams.values()), strict=True)
        prints = [_joined([own, *others]) for own, others in zip(prints, of_teams, strict=True)]
    for name, found in (
        ("price_index", price_index_rows(periods, teams, lag=_LAGS[kind])),
        ("quota_inflation_index", quota_inflation_rows(periods, drivers, teams, lag=_LAGS[kind])),
    ):
        rows[name] += [
            _row(kind, team, periods[now], prints[now]) | columns for now, columns in found
        ]


def _add_drivers(
    rows: dict[str, list[Row]], kind: str, team: str, periods: Sequence[Period]
) -> dict[int, list[Driver]]:
    drivers = {}
    for now, (before, after) in enumerate(pairwise(periods), start=1):
        if not any((before.cost_usd, after.cost_usd, before.total_tokens, after.total_tokens)):
            continue
        drivers[now] = change_drivers(before, after)
        shared = _row(kind, team, after, _joined([before.fingerprint, after.fingerprint])) | {
            "from_period_start_date": before.span.start,
            "from_cost_usd": before.cost_usd,
            "to_cost_usd": after.cost_usd,
            "from_tokens": before.total_tokens,
            "to_tokens": after.total_tokens,
        }
        rows["cost_drivers"] += [shared | asdict(driver) for driver in drivers[now]]
    return drivers


def _row(kind: str, team: str, period: Period, fingerprint: str) -> Row:
    return {
        "scope_kind": "organization" if team == ORGANIZATION else "team",
        "team_id": team,
        "period_kind": kind,
        "period_start_date": period.span.start,
        "period_end_date": period.span.end,
        "provider_name": "",
        "model_name": "",
        "contributor_team_id": "",
        "driver": "",
        "vintage": 1,
        "is_current": True,
        "input_fingerprint": fingerprint,
    }


def _chained_prints(periods: Sequence[Period]) -> list[str]:
    prints: list[str] = []
    for period in periods:
        prints.append(_joined([*prints[-1:], period.fingerprint]))
    return prints


def _joined(prints: Iterable[str]) -> str:
    return sha256(" ".join(prints).encode()).hexdigest()[:16]


def _frame(rows: Sequence[Row], name: str) -> pl.DataFrame:
    schema = TABLES[name]
    columns = {column: [row.get(column) for row in rows] for column in schema}
    return pl.DataFrame(columns, schema=schema)
