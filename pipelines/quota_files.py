"""Limits as gateways and providers export them: LiteLLM's budgets, OpenAI's project rate limits."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec

from ingest.errors import MeterhouseError

# LiteLLM resets these at midnight, on Monday and on the first of the month.
# https://docs.litellm.ai/docs/proxy/users
PERIODS: Final = {"1d": "day", "24h": "day", "7d": "week", "30d": "month", "1mo": "month"}
LISTS: Final = ("keys", "users", "teams", "data")
REMEDY: Final = (
    "save the answer of LiteLLM's /key/list?return_full_object=true, /team/list or /user/list, or "
    "of OpenAI's /v1/organization/projects/<id>/rate_limits"
)


@dataclass(frozen=True, kw_only=True)
class Limit:
    """One limit of an export; the columns of the quotas ledger that it fills."""

    scope_kind: str
    scope_id: str | None
    measure: str
    limit_value: Decimal
    period_kind: str
    provider_name: str | None = None


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A limit that no quota can express, and why."""

    text: str


class _Row(msgspec.Struct):
    """A key, team or user of LiteLLM, or a rate limit of OpenAI."""

    token: str | None = None
    team_id: str | None = None
    user_id: str | None = None
    max_budget: Decimal | None = None
    budget_duration: str | None = None
    tpm_limit: Decimal | None = None
    rpm_limit: Decimal | None = None
    model: str | None = None
    max_requests_per_1_minute: Decimal | None = None
    max_tokens_per_1_minute: Decimal | None = None
    max_requests_per_1_day: Decimal | None = None


def limits_of(file: Path) -> Iterator[Limit | LeftOut]:
    """Read the limits of an export.

    Args:
        file: JSON: a list of rows, or an object with them under keys, users, teams or data.

    Yields:
        Limits, and those that cannot be followed with the reason.

    Raises:
        MeterhouseError: The file cannot be read, or is none of these exports.
    """
    for row in _rows(file):
        if row.model is not None:
            yield from _rate_limits(row)
        else:
            yield from _budgets(row)


def _rows(file: Path) -> list[_Row]:
    try:
        text = file.read_bytes()
    except OSError as error:
        raise MeterhouseError(f"{file}: {error.strerror}", REMEDY) from error
    try:
        found = msgspec.json.decode(text, type=list[msgspec.Raw] | dict[str, msgspec.Raw])
        if isinstance(found, dict):
            key = next((name for name in LISTS if name in found), None)
            found = msgspec.json.decode(found.get(key or "", b"[]"), type=list[msgspec.Raw])
        rows = [msgspec.json.decode(row, type=_Row) for row in found]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MeterhouseError(f"{file}: not an export of limits: {error}", REMEDY) from error
    if not rows:
        raise MeterhouseError(f"{file}: no keys, teams, users or rate limits in it", REMEDY)
    return rows


def _rate_limits(row: _Row) -> Iterator[Limit]:
    for measure, period, value in (
        ("requests", "minute", row.max_requests_per_1_minute),
        ("tokens", "minute", row.max_tokens_per_1_minute),
        ("requests", "day", row.max_requests_per_1_day),
    ):
        if value is not None:
            yield Limit(
                scope_kind="model",
                scope_id=row.model,
                provider_name="openai",
                measure=measure,
                limit_value=value,
                period_kind=period,
            )


def _budgets(row: _Row) -> Iterator[Limit | LeftOut]:
    scopes = {"api_key": row.token, "team": row.team_id, "user": row.user_id}
    scope = next(((kind, name) for kind, name in scopes.items() if name is not None), None)
    if scope is None:
        yield LeftOut(text="a row that names no key, team or user")
        return
    kind, name = scope
    for measure, value in (("tokens", row.tpm_limit), ("requests", row.rpm_limit)):
        if value is not None:
            yield Limit(
                scope_kind=kind,
                scope_id=name,
                measure=measure,
                limit_value=value,
                period_kind="minute",
            )
    if row.max_budget is None:
        return
    period = PERIODS.get(row.budget_duration or "")
    if period is None:
        reset = row.budget_duration or "never"
        yield LeftOut(
            text=f"the budget of {kind} {name}: it resets {reset}, not with the calendar; write it "
            "as a quota with period_kind contract"
        )
    else:
        yield Limit(
            scope_kind=kind,
            scope_id=name,
            measure="usd",
            limit_value=row.max_budget,
            period_kind=period,
        )
