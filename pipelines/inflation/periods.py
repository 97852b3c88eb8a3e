"""Demand of a scope, the organization or a team, in each of several periods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

import polars as pl

from pipelines.inflation.facts import COSTS, TOKENS, Facts

ORGANIZATION: Final = ""
# Part of every fingerprint: values of another method are another vintage.
METHOD: Final = "1"

_MODEL: Final = ("provider_name", "model_name", "is_self_hosted", "is_priced", "is_counted")
_OTHER: Final = ("driver", "provider_name", "model_name")


@dataclass(frozen=True, order=True, kw_only=True)
class Span:
    """Days from `start` to before `end` (UTC)."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days


@dataclass(frozen=True, kw_only=True)
class Period:
    """What a scope asked for in a span, and what that cost.

    Attributes:
        span: Which days.
        cost_usd: All of it, from the marts.
        total_tokens: All of them, from the marts.
        unpriced_tokens: Those whose cost is unknown and not in `cost_usd`.
        user_count: Active users; who is not named counts by API key, else by team.
        uses: One row per model and flags, sums of `Facts.uses` over the span; money is float.
        others: driver, provider_name, model_name, cost: what is not a price of tokens.
        gpu_hour_prices: USD per GPU hour of the GPUs that served a model.
        fingerprint: Of everything above: the same facts, the same text.
    """

    span: Span
    cost_usd: Decimal
    total_tokens: int
    unpriced_tokens: int
    user_count: int
    uses: Sequence[dict[str, Any]]
    others: Sequence[dict[str, Any]]
    gpu_hour_prices: dict[str, float]
    fingerprint: str


def weeks(first: date, last: date) -> list[Span]:
    """Whole weeks from Monday on with a day of facts after them: these are complete."""
    start = first + timedelta(days=-first.weekday() % 7)
    count = max(0, (last - start).days // 7)
    begins = [start + timedelta(weeks=week) for week in range(count)]
    return [Span(start=begin, end=begin + timedelta(weeks=1)) for begin in begins]


def months(first: date, last: date) -> list[Span]:
    """Whole calendar months with a day of facts after them."""
    start = first if first.day == 1 else _next_month(first)
    spans = []
    while (end := _next_month(start)) <= last:
        spans.append(Span(start=start, end=end))
        start = end
    return spans


def last_windows(last: date, days: int = 28) -> tuple[Span, Span]:
    """The `days` days that end with `last`, after the same number before them."""
    middle = last - timedelta(days=days - 1)
    return (
        Span(start=middle - timedelta(days=days), end=middle),
        Span(start=middle, end=last + timedelta(days=1)),
    )


def periods_by_scope(
    facts: Facts, spans: Sequence[Span], *, by_team: bool
) -> dict[str, list[Period]]:
    """Sum the facts over spans that do not overlap.

    Args:
        facts: Days of demand.
        spans: In order of time.
        by_team: Teams, each a scope; without it the organization, whose name is ''.

    Returns:
        By scope one period for each span; one without demand is empty.
    """
    days = pl.DataFrame(
        [
            (span.start + timedelta(days=day), number)
            for number, span in enumerate(spans)
            for day in range(span.days)
        ],
        schema={"usage_date": pl.Date(), "span": pl.Int64()},
        orient="row",
    )

    def within(frame: pl.DataFrame) -> pl.DataFrame:
        joined = frame.join(days, on="usage_date")
        return joined if by_team else joined.with_columns(team_id=pl.lit(ORGANIZATION))

    place = ("team_id", "span")
    totals = _grouped(
        within(facts.totals).group_by(place).agg(pl.exclude("usage_date").sum()), place
    )
    summed = ("request_count", *TOKENS, *COSTS, "idle_cost", "overhead_cost")
    uses = _grouped(
        within(facts.uses).group_by(*place, *_MODEL).agg(pl.col(summed).sum()).sort(_MODEL), place
    )
    others = _grouped(
        within(facts.others).group_by(*place, *_OTHER).agg(pl.col("cost").sum()).sort(_OTHER), place
    )
    users = _grouped(
        within(facts.users).group_by(place).agg(user_count=pl.col("user_key").n_unique()), place
    )
    gpus = _grouped(
        facts.gpus.join(days, on="usage_date")
        .group_by("span", "model_name")
        .agg(pl.col("gpu_hours", "direct_cost").sum())
        .sort("model_name"),
        ("span",),
    )
    teams = sorted({str(team) for team, _ in totals}) if by_team else [ORGANIZATION]
    return {
        team: [
            _period(
                span,
                totals.get((team, number), [{}])[0],
                users.get((team, number), [{}])[0],
                uses.get((team, number), []),
                others.get((team, number), []),
                gpus.get((number,), []),
            )
            for number, span in enumerate(spans)
        ]
        for team in teams
    }


def _grouped(
    frame: pl.DataFrame, place: Sequence[str]
) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    parts = frame.partition_by(place, as_dict=True, include_key=False, maintain_order=True)
    return {key: part.to_dicts() for key, part in parts.items()}


def _period(
    span: Span,
    total: dict[str, Any],
    users: dict[str, Any],
    uses: list[dict[str, Any]],
    others: list[dict[str, Any]],
    gpus: list[dict[str, Any]],
) -> Period:
    own = {use["model_name"] for use in uses if use["is_self_hosted"]}
    gpus = [gpu for gpu in gpus if gpu["model_name"] in own]
    text = repr((METHOD, span, sorted(total.items()), users, uses, others, gpus))
    return Period(
        span=span,
        cost_usd=total.get("cost", Decimal(0)),
        total_tokens=int(total.get("total_tokens", 0)),
        unpriced_tokens=int(total.get("unpriced_tokens", 0)),
        user_count=int(users.get("user_count", 0)),
        uses=[_in_floats(use) for use in uses],
        others=[_in_floats(other) for other in others],
        gpu_hour_prices={
            gpu["model_name"]: float(gpu["direct_cost"]) / float(gpu["gpu_hours"])
            for gpu in gpus
            if gpu["gpu_hours"] > 0 and gpu["direct_cost"] > 0
        },
        fingerprint=sha256(text.encode()).hexdigest()[:16],
    )


def _in_floats(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: float(value) if isinstance(value, Decimal) else value for name, value in row.items()
    }


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
