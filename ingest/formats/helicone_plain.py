"""Helicone's requests in their plain form: types narrower than what helicone_record reads.

Fields that are not read are known by their names alone: one that is named after tokens is a count,
whatever else its name says. Bodies are never decoded.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec

from ingest.formats.helicone_record import COUNTS
from ingest.formats.open_decoder import OpenDecoder
from ingest.formats.plain_fields import ABSENT, Count, Counts, Digits, NoValue
from ingest.formats.record_fields import Fields, names_tokens
from ingest.formats.usage_rows import LONGEST_MILLISECONDS, text_tag

Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=LONGEST_MILLISECONDS)] | Digits | None
# Helicone has negative ones of its own, for what it stopped.
Status = Annotated[int, msgspec.Meta(ge=-999, le=999)] | Digits | None
NO_COUNTS: Final[Counts] = {}


class Request(msgspec.Struct, gc=False, kw_only=True):
    """One request, its fields in about the order of the table."""

    request_id: str | None = None
    request_created_at: str | None = None
    latency: Milliseconds = None
    time_to_first_token: Milliseconds = None
    status: Status = None
    model: str | None = None
    request_model: str | None = None
    response_model: str | None = None
    provider: str | None = None
    user_id: str | None = None
    organization_id: str | None = None
    prompt_tokens: Count = None
    completion_tokens: Count = None
    prompt_cache_read_tokens: Count = None
    prompt_cache_write_tokens: Count = None
    prompt_audio_tokens: Count = None
    completion_audio_tokens: Count = None
    reasoning_tokens: Count = None
    total_tokens: Count = None
    cost: msgspec.Raw = ABSENT
    cost_usd: msgspec.Raw = ABSENT
    costUSD: msgspec.Raw = ABSENT  # noqa: N815 - the producer's name
    cache_reference_id: str | None = None
    data: NoValue = 0  # a page has this key


class TaggedRequest(Request, gc=False, kw_only=True):
    """One request with the properties that tell its team."""

    properties: dict[str, Any] | None = None


def decoder(tag: str | None) -> OpenDecoder[Request]:
    """Of requests; their properties are read only if they tell their team."""
    return OpenDecoder(TaggedRequest if tag else Request)


def values(
    rows: Sequence[Request], open_decoder: OpenDecoder[Request], tag: str | None
) -> Mapping[str, list[Any]]:
    """What helicone_columns.columns needs of decoded rows.

    Args:
        rows: Of the decoder.
        open_decoder: Of decoder(tag).
        tag: The property that holds the team.
    """
    return {
        **_texts(rows),
        **_counts(rows),
        "latency": [row.latency for row in rows],
        "time_to_first_token": [row.time_to_first_token for row in rows],
        "status_code": [row.status for row in rows],
        "cost": [row.cost for row in rows],
        "dollars": [row.cost_usd or row.costUSD for row in rows],
        "has_both_dollars": [bool(row.cost_usd) and bool(row.costUSD) for row in rows],
        "further_counts": _further_counts(rows, open_decoder.learned),
        "team_id": _teams(rows, tag),
    }


def _texts(rows: Sequence[Request]) -> dict[str, list[str | None]]:
    return {
        "natural_key": [row.request_id or None for row in rows],
        "request_created_at": [row.request_created_at or None for row in rows],
        "request_model": [row.model or row.request_model or None for row in rows],
        "response_model": [
            row.response_model or row.model or row.request_model or None for row in rows
        ],
        "provider": [row.provider or None for row in rows],
        "user_id": [row.user_id or None for row in rows],
        "organization_id": [row.organization_id or None for row in rows],
        "cache_reference_id": [row.cache_reference_id or None for row in rows],
    }


def _counts(rows: Sequence[Request]) -> dict[str, list[int | str | None]]:
    # Comprehensions that name the field take half the time of any that get it by its name.
    return {
        "prompt_tokens": [row.prompt_tokens for row in rows],
        "completion_tokens": [row.completion_tokens for row in rows],
        "prompt_cache_read_tokens": [row.prompt_cache_read_tokens for row in rows],
        "prompt_cache_write_tokens": [row.prompt_cache_write_tokens for row in rows],
        "prompt_audio_tokens": [row.prompt_audio_tokens for row in rows],
        "completion_audio_tokens": [row.completion_audio_tokens for row in rows],
        "reasoning_tokens": [row.reasoning_tokens for row in rows],
        "total_tokens": [row.total_tokens for row in rows],
    }


def _further_counts(rows: Sequence[Request], learned: Mapping[str, str]) -> list[Counts]:
    """Counts of tokens that the type does not name, as helicone_record finds them."""
    names = {key: field for key, field in learned.items() if names_tokens(key)}
    if not names:
        return [NO_COUNTS] * len(rows)
    found = []
    for row in rows:
        texts = {key: text for key, field in names.items() if (text := getattr(row, field, None))}
        found.append(Fields.of(texts).token_counts(COUNTS) if texts else NO_COUNTS)
    return found


def _teams(rows: Sequence[Request], tag: str | None) -> list[str | None]:
    if not tag:
        return [None] * len(rows)
    return [text_tag(row.properties, tag) for row in rows if isinstance(row, TaggedRequest)]
