"""Langfuse observations in their plain form: types narrower than what langfuse_record reads.

Both spellings of a key are fields, and an observation has one of them. Input, output and what else
is not read are never decoded.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from ingest.formats.plain_fields import ABSENT, Count, Counts, NoValue
from ingest.formats.record_fields import NO_TEXT
from ingest.formats.usage_rows import text_tag
from ingest.formats.value_columns import each

TOKENS: Final = "TOKENS"
NO_USAGE: Final[Counts] = {}
NO_OLDER_USAGE: Final = (b"", b"null", b"{}")
NO_COST: Final[Mapping[str, float | str | None]] = {}


class Observation(msgspec.Struct, gc=False, kw_only=True):
    """One observation, its fields in about the order of the exports."""

    id: str | None = None
    traceId: str | None = None  # noqa: N815
    trace_id: str | None = None
    projectId: str | None = None  # noqa: N815
    project_id: str | None = None
    type: str | None = None
    level: str | None = None
    startTime: str | None = None  # noqa: N815
    start_time: str | None = None
    endTime: str | None = None  # noqa: N815
    end_time: str | None = None
    completionStartTime: str | None = None  # noqa: N815
    completion_start_time: str | None = None
    model: str | None = None
    providedModelName: str | None = None  # noqa: N815
    provided_model_name: str | None = None
    userId: str | None = None  # noqa: N815
    user_id: str | None = None
    sessionId: str | None = None  # noqa: N815
    session_id: str | None = None
    unit: str | None = None
    usageDetails: dict[str, Count] | None = None  # noqa: N815
    usage_details: dict[str, Count] | None = None
    usage: msgspec.Raw = ABSENT  # of an older form; read only where the above are empty
    costDetails: dict[str, float | str | None] | None = None  # noqa: N815
    cost_details: dict[str, float | str | None] | None = None
    totalCost: msgspec.Raw = ABSENT  # noqa: N815
    total_cost: msgspec.Raw = ABSENT
    calculatedTotalCost: msgspec.Raw = ABSENT  # noqa: N815
    promptTokens: Count = None  # noqa: N815
    prompt_tokens: Count = None
    completionTokens: Count = None  # noqa: N815
    completion_tokens: Count = None
    totalTokens: Count = None  # noqa: N815
    data: NoValue = 0  # a page has this key


class TaggedObservation(Observation, gc=False, kw_only=True):
    """One observation with the metadata that tells its team."""

    metadata: dict[str, Any] | None = None


def decoder(tag: str | None) -> msgspec.json.Decoder[Observation]:
    """Of observations; their metadata is read only if it tells their team."""
    return msgspec.json.Decoder(TaggedObservation if tag else Observation)


def values(rows: Sequence[Observation], tag: str | None) -> Mapping[str, list[Any]]:
    """What langfuse_columns.columns needs of decoded rows.

    Args:
        rows: Of decoder(tag).
        tag: The key of the metadata that holds the team.
    """
    return {
        **_texts(rows),
        **_usages(rows),
        **_amounts(rows),
        "team_id": _teams(rows, tag),
    }


def _texts(rows: Sequence[Observation]) -> dict[str, list[str | None]]:
    return {
        "natural_key": [row.id or None for row in rows],
        "start_time": [row.startTime or row.start_time or None for row in rows],
        "end_time": [row.endTime or row.end_time or None for row in rows],
        "first_time": [
            row.completionStartTime or row.completion_start_time or None for row in rows
        ],
        "session_id": [row.sessionId or row.session_id or None for row in rows],
        "trace_id": [row.traceId or row.trace_id or None for row in rows],
        "request_model": [
            row.model or row.providedModelName or row.provided_model_name or None for row in rows
        ],
        "user_id": [row.userId or row.user_id or None for row in rows],
        "project_id": [row.projectId or row.project_id or None for row in rows],
        "type": [row.type for row in rows],
        "level": [row.level for row in rows],
    }


def _usages(rows: Sequence[Observation]) -> dict[str, list[Any]]:
    usages = [
        (row.usage_details if row.usageDetails is None else row.usageDetails) or NO_USAGE
        for row in rows
    ]
    are_tokens = each(_is_tokens, [row.unit for row in rows])
    return {
        "are_tokens": are_tokens,
        "usage": [
            usage if is_tokens else NO_USAGE
            for usage, is_tokens in zip(usages, are_tokens, strict=True)
        ],
        "has_older_usage": [
            not usage and bytes(row.usage) not in NO_OLDER_USAGE
            for row, usage in zip(rows, usages, strict=True)
        ],
        "promptTokens": [row.promptTokens for row in rows],
        "prompt_tokens": [row.prompt_tokens for row in rows],
        "completionTokens": [row.completionTokens for row in rows],
        "completion_tokens": [row.completion_tokens for row in rows],
        "totalTokens": [row.totalTokens for row in rows],
    }


def _is_tokens(unit: str | None) -> bool:
    return unit is None or unit in NO_TEXT or unit.upper() == TOKENS


def _amounts(rows: Sequence[Observation]) -> dict[str, list[Any]]:
    """Costs as texts: of a number in costDetails the shortest form, of others what is written."""
    costs = [
        (row.cost_details if row.costDetails is None else row.costDetails) or NO_COST
        for row in rows
    ]
    totals = [cost.get("total") for cost in costs]
    return {
        "details_amount": [None if total is None else str(total) for total in totals],
        "other_amount": [
            row.totalCost or row.total_cost or row.calculatedTotalCost for row in rows
        ],
        "has_other_amounts": [
            bool(row.totalCost) + bool(row.total_cost) + bool(row.calculatedTotalCost) > 1
            for row in rows
        ],
    }


def _teams(rows: Sequence[Observation], tag: str | None) -> list[str | None]:
    if not tag:
        return [None] * len(rows)
    return [text_tag(row.metadata, tag) for row in rows if isinstance(row, TaggedObservation)]
