"""One result of OpenAI's organization usage, in canonical columns.

The input total holds cached and cache-written tokens. Newer answers split the uncached part and
the cached part by modality; older ones report audio only as a part of the whole input.
"""

from collections.abc import Mapping
from typing import Final

from ingest.formats.provider_buckets import Result
from ingest.formats.provider_fields import bucket_counts, dimension, text_dimension
from ingest.formats.record_rows import Row
from ingest.quality_flags import joined_flags
from ingest.records import FieldError
from ingest.tokens import has_unknown_tokens, reported_details

PREFIX: Final = "organization.usage."
OPERATIONS: Final = {
    None: "chat",
    "completions": "chat",
    "embeddings": "embeddings",
    "moderations": "moderation",
}
DIMENSIONS: Final = (
    "object",
    "project_id",
    "user_id",
    "api_key_id",
    "model",
    "batch",
    "service_tier",
    "api_source",
)
MODALITIES: Final = ("text", "audio", "image")
# Each total and the parts that must add up to it where all of them are reported.
IDENTITIES: Final[Mapping[str, tuple[str, ...]]] = {
    "input_tokens": (
        "input_uncached_tokens",
        "input_cached_tokens",
        "input_cache_write_tokens",
    ),
    "input_cache_write_tokens": ("input_cache_write_30m_tokens", "input_cache_write_12h_tokens"),
    "input_uncached_tokens": tuple(f"input_{kind}_tokens" for kind in MODALITIES),
    "input_cached_tokens": tuple(f"input_cached_{kind}_tokens" for kind in MODALITIES),
    "output_tokens": tuple(f"output_{kind}_tokens" for kind in MODALITIES),
}
KNOWN_FIELDS: Final = frozenset(
    (*IDENTITIES, *(part for all_ in IDENTITIES.values() for part in all_))
)


def usage_rows(number: int, result: Result) -> list[Row]:
    """The usage event of a result.

    Raises:
        FieldError: Usage that is not counted in tokens, or a field that is not what it means.
    """
    fields = result.fields
    counts = bucket_counts(fields)
    row: Row = {
        "line_number": number,
        "natural_key": result.natural_key,
        "grain": result.grain,
        "started_at": result.started_at,
        "ended_at": result.ended_at,
        "provider_name": "openai",
        "response_model": text_dimension(fields, "model"),
        "operation_name": _operation(text_dimension(fields, "object")),
        "service_tier": text_dimension(fields, "service_tier"),
        "is_batch": _is_batch(dimension(fields, "batch")),
        "user_id": text_dimension(fields, "user_id"),
        "api_key_id": text_dimension(fields, "api_key_id"),
        "project_id": text_dimension(fields, "project_id"),
        "request_count": counts.get("num_model_requests"),
        "reported_input_tokens": counts.get("input_tokens"),
        "reported_output_tokens": counts.get("output_tokens"),
        "reported_details": reported_details(counts),
        "reported_input_semantics": "inclusive",
        "quality_flags": joined_flags(
            residual=_has_residual(counts),
            unknown_token_field=has_unknown_tokens(counts, KNOWN_FIELDS),
        ),
        **_parts(counts),
    }
    return [row]


def _parts(counts: Mapping[str, int]) -> Row:
    return {
        "input_total": counts.get("input_tokens"),
        "input_cache_read": counts.get("input_cached_tokens"),
        "cached_audio": counts.get("input_cached_audio_tokens"),
        "cached_image": counts.get("input_cached_image_tokens"),
        "input_cache_write": counts.get("input_cache_write_tokens"),
        "input_cache_write_30m": counts.get("input_cache_write_30m_tokens"),
        "input_cache_write_12h": counts.get("input_cache_write_12h_tokens"),
        "input_audio": counts.get("input_audio_tokens"),
        "input_image": counts.get("input_image_tokens"),
        "output_total": counts.get("output_tokens"),
        "output_audio": counts.get("output_audio_tokens"),
        "output_image": counts.get("output_image_tokens"),
    }


def _has_residual(counts: Mapping[str, int]) -> bool:
    return any(
        counts[whole] != sum(counts[part] for part in parts)
        for whole, parts in IDENTITIES.items()
        if whole in counts and all(part in counts for part in parts)
    )


def _operation(kind: str | None) -> str:
    name = kind and kind.removeprefix(PREFIX).removesuffix(".result")
    if name not in OPERATIONS:
        raise FieldError("object", "usage that is not counted in tokens", "unsupported_record")
    return OPERATIONS[name]


def _is_batch(value: str | bool | None) -> bool | None:
    if isinstance(value, str):
        raise FieldError("batch", "neither true nor false")
    return value
