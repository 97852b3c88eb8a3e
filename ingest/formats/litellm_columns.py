"""Rows of LiteLLM_SpendLogs in their plain form, translated a column at a time.

The values are those of litellm_row.translate, which tests hold them to.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import msgspec
import polars as pl

from ingest.formats.litellm_plain import (
    NO_BASIS,
    NO_COMPLETION,
    NO_ERROR,
    NO_LIFETIMES,
    NO_METADATA,
    NO_PROMPT,
    NO_USAGE,
    Completion,
    PlainMetadata,
    PlainRow,
    Prompt,
)
from ingest.formats.litellm_row import (
    COMPLETION,
    KNOWN_FIELDS,
    LIFETIME,
    PROMPT,
    operation_name,
    route_of,
    status_name,
)
from ingest.formats.plain_records import IS_PLAIN
from ingest.formats.provider_names import provider_of
from ingest.formats.value_columns import each
from ingest.records import plain_money
from ingest.times import plain_utc
from ingest.tokens import details_json

Texts = dict[str, list[str | None]]
Counts = dict[str, list[int | None]]

AMOUNT: Final = "spend"
FLAGS: Final = ("is_hit", "is_stream")
COUNTS: Final = KNOWN_FIELDS | {
    "reported_input_tokens",
    "reported_output_tokens",
    "reported_total_tokens",
    "batch_requests",
}
# Built once: an expression costs more to build than to evaluate on some thousand rows.
STARTED, ENDED, FIRST = (pl.col(name) for name in ("started_at", "ended_at", "first_token_at"))
HAS_FIRST: Final = ((STARTED <= FIRST) & (FIRST < ENDED)).fill_null(value=False)
READ: Final = (
    plain_utc("startTime", is_naive_utc=True).alias("started_at"),
    plain_utc("endTime", is_naive_utc=True).alias("ended_at"),
    plain_utc("completionStartTime", is_naive_utc=True).alias("first_token_at"),
    plain_money(AMOUNT).alias("reported_cost_usd"),
    (pl.col("is_hit") | pl.col("request_id").str.contains("_cache_hit", literal=True)).alias(
        "is_gateway_cache_hit"
    ),
    pl.col("request_id").str.ends_with("_batch_cost").alias("is_batch"),
    pl.lit(value=False).alias("unknown_token_field"),
)
CONCLUDED: Final = (
    pl.when("is_gateway_cache_hit")
    .then(pl.coalesce("call_id", "request_id"))
    .otherwise("request_id")
    .alias("natural_key"),
    pl.when(HAS_FIRST).then(FIRST).alias("first_token_at"),
    (HAS_FIRST | pl.col("is_stream")).alias("is_stream"),
    pl.when("is_batch").then("batch_requests").fill_null(1).alias("request_count"),
    pl.all_horizontal(
        pl.col("request_id").is_not_null(),
        STARTED.is_not_null(),
        ENDED.is_not_null() | (pl.col("endTime").fill_null("") == ""),
        FIRST.is_not_null() | (pl.col("completionStartTime").fill_null("") == ""),
        pl.col("reported_cost_usd").is_not_null() | (pl.col(AMOUNT) == "null"),
    ).alias(IS_PLAIN),
)


def values(rows: Sequence[PlainRow]) -> Mapping[str, list[Any]]:
    """What `columns` needs of decoded rows."""
    metas = [row.metadata or NO_METADATA for row in rows]
    return {
        **_texts(rows),
        **_texts_of_both(rows, metas),
        **_names(rows, metas),
        **_totals(rows, metas),
        "is_hit": [row.cache_hit in ("True", True) for row in rows],
        "is_stream": [row.stream for row in rows],
        AMOUNT: [row.spend for row in rows],
    }


def columns(values: Mapping[str, list[Any]]) -> pl.DataFrame:
    """The columns of TYPES but line_number, and IS_PLAIN: False where translate must decide."""
    frame = pl.DataFrame(
        [
            _amounts(found) if name == AMOUNT else pl.Series(name, found, _type(name))
            for name, found in values.items()
        ]
    )
    details = details_json(frame, KNOWN_FIELDS).alias("reported_details")
    return frame.with_columns(*READ, details).with_columns(*CONCLUDED)


def _type(name: str) -> pl.DataType:
    if name in COUNTS:
        return pl.Int64()
    return pl.Boolean() if name in FLAGS else pl.String()


def _texts(rows: Sequence[PlainRow]) -> Texts:
    """Texts that only the row itself has, most of them as they will stay; see translate."""
    return {
        "startTime": [row.startTime for row in rows],
        "endTime": [row.endTime for row in rows],
        "completionStartTime": [row.completionStartTime for row in rows],
        "request_id": [row.request_id or row.id or None for row in rows],
        "trace_id": [row.trace_id or None for row in rows],
        "session_id": [row.session_id or None for row in rows],
        "request_model": [row.model_group or row.model or None for row in rows],
        "response_model": [row.model or None for row in rows],
        "deployment_name": [row.model_id or None for row in rows],
    }


def _texts_of_both(rows: Sequence[PlainRow], metas: Sequence[PlainMetadata]) -> Texts:
    """Texts that stand in the row, or else in its metadata."""
    # zip gives one pair of references again and again; a list of pairs would wake the garbage
    # collector some hundred times.
    both = partial(zip, rows, metas, strict=True)
    bases = [r.cost_breakdown or m.cost_breakdown or NO_BASIS for r, m in both()]
    errors = [r.error_information or m.error_information or NO_ERROR for r, m in both()]
    return {
        "call_id": [r.litellm_call_id or m.litellm_call_id or None for r, m in both()],
        "region_name": [basis.vertex_location or None for basis in bases],
        "service_tier": [basis.service_tier or None for basis in bases],
        "user_id": [r.user or m.user_api_key_user_id or None for r, m in both()],
        "end_user_id": [r.end_user or m.user_api_key_end_user_id or None for r, m in both()],
        "team_id": [r.team_id or m.user_api_key_team_id or None for r, m in both()],
        "project_id": [m.user_api_key_project_id or None for m in metas],
        "organization_id": [r.organization_id or m.user_api_key_org_id or None for r, m in both()],
        "error_type": [error.error_class or None for error in errors],
    }


def _names(rows: Sequence[PlainRow], metas: Sequence[PlainMetadata]) -> Texts:
    """Texts that have other names here."""
    both = partial(zip, rows, metas, strict=True)
    providers = [row.custom_llm_provider or route_of(row.model) for row in rows]
    return {
        "provider_name": each(provider_of, providers),
        "operation_name": each(operation_name, [row.call_type for row in rows]),
        "api_key_id": [r.api_key or m.user_api_key_hash or None for r, m in both()],
        "status": each(status_name, [r.status or m.status for r, m in both()]),
    }


def _amounts(spends: Sequence[msgspec.Raw]) -> pl.Series:
    """What was spent as it is written; no JSON holds the byte between the amounts."""
    texts = b"\0".join(spends).decode(errors="replace")
    return pl.Series([texts]).str.split("\0").explode().alias(AMOUNT)


def _totals(rows: Sequence[PlainRow], metas: Sequence[PlainMetadata]) -> Counts:
    """Counts of the row itself and of the usage's upper level, under their paths."""
    usages = [meta.usage_object or NO_USAGE for meta in metas]
    return {
        "reported_input_tokens": [row.prompt_tokens for row in rows],
        "reported_output_tokens": [row.completion_tokens for row in rows],
        "reported_total_tokens": [row.total_tokens for row in rows],
        "batch_requests": [meta.batch_successful_requests or None for meta in metas],
        "prompt_tokens": [usage.prompt_tokens for usage in usages],
        "completion_tokens": [usage.completion_tokens for usage in usages],
        "total_tokens": [usage.total_tokens for usage in usages],
        "cache_read_input_tokens": [usage.cache_read_input_tokens for usage in usages],
        "cache_creation_input_tokens": [usage.cache_creation_input_tokens for usage in usages],
        **_prompt_counts([usage.prompt_tokens_details or NO_PROMPT for usage in usages]),
        **_completion_counts([u.completion_tokens_details or NO_COMPLETION for u in usages]),
    }


# Comprehensions that name the field take half the time of any that get it by its name.
def _prompt_counts(prompts: Sequence[Prompt]) -> Counts:
    lifetimes = [prompt.cache_creation_token_details or NO_LIFETIMES for prompt in prompts]
    return {
        PROMPT + "cached_tokens": [one.cached_tokens for one in prompts],
        PROMPT + "cache_creation_tokens": [one.cache_creation_tokens for one in prompts],
        PROMPT + "cache_write_tokens": [one.cache_write_tokens for one in prompts],
        PROMPT + "audio_tokens": [one.audio_tokens for one in prompts],
        PROMPT + "image_tokens": [one.image_tokens for one in prompts],
        PROMPT + "video_tokens": [one.video_tokens for one in prompts],
        PROMPT + "text_tokens": [one.text_tokens for one in prompts],
        LIFETIME.format("5m"): [one.ephemeral_5m_input_tokens for one in lifetimes],
        LIFETIME.format("30m"): [one.ephemeral_30m_input_tokens for one in lifetimes],
        LIFETIME.format("1h"): [one.ephemeral_1h_input_tokens for one in lifetimes],
        LIFETIME.format("12h"): [one.ephemeral_12h_input_tokens for one in lifetimes],
    }


def _completion_counts(completions: Sequence[Completion]) -> Counts:
    return {
        COMPLETION + "reasoning_tokens": [one.reasoning_tokens for one in completions],
        COMPLETION + "audio_tokens": [one.audio_tokens for one in completions],
        COMPLETION + "image_tokens": [one.image_tokens for one in completions],
        COMPLETION + "rejected_prediction_tokens": [
            one.rejected_prediction_tokens for one in completions
        ],
        COMPLETION + "accepted_prediction_tokens": [
            one.accepted_prediction_tokens for one in completions
        ],
        COMPLETION + "text_tokens": [one.text_tokens for one in completions],
    }
