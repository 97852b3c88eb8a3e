"""One result of Anthropic's usage and cost reports, in canonical columns."""

from typing import Final

from ingest.formats.anthropic_usage import input_parts, region, tier
from ingest.formats.provider_buckets import Result
from ingest.formats.provider_fields import bucket_counts, exact_amount, text_dimension
from ingest.formats.record_rows import Row
from ingest.quality_flags import joined_flags
from ingest.records import FieldError
from ingest.tokens import has_unknown_tokens, reported_details

USAGE_DIMENSIONS: Final = (
    "account_id",
    "service_account_id",
    "api_key_id",
    "workspace_id",
    "model",
    "service_tier",
    "context_window",
    "inference_geo",
    "speed",
)
COST_DIMENSIONS: Final = (
    "workspace_id",
    "description",
    "cost_type",
    "token_type",
    "model",
    "service_tier",
    "context_window",
    "inference_geo",
    "speed",
    "currency",
)
FIVE_MINUTES: Final = "cache_creation.ephemeral_5m_input_tokens"
ONE_HOUR: Final = "cache_creation.ephemeral_1h_input_tokens"
KNOWN_FIELDS: Final = frozenset(
    ("uncached_input_tokens", "cache_read_input_tokens", "output_tokens", FIVE_MINUTES, ONE_HOUR)
)
COST_KINDS: Final = ("tokens", "web_search", "code_execution")
TOKEN_CLASSES: Final = {
    FIVE_MINUTES: "cache_write_5m_input_tokens",
    ONE_HOUR: "cache_write_1h_input_tokens",
}


def usage_rows(number: int, result: Result) -> list[Row]:
    """The usage event of a result; Anthropic reports neither requests nor money here.

    Raises:
        FieldError: A field is not what it means.
    """
    fields = result.fields
    counts = bucket_counts(fields)
    uncached = counts.get("uncached_input_tokens")
    service_tier = text_dimension(fields, "service_tier")
    account = text_dimension(fields, "account_id")
    row: Row = {
        "line_number": number,
        "natural_key": result.natural_key,
        "grain": result.grain,
        "started_at": result.started_at,
        "ended_at": result.ended_at,
        "provider_name": "anthropic",
        "response_model": text_dimension(fields, "model"),
        "operation_name": "chat",
        "region_name": region(text_dimension(fields, "inference_geo")),
        "service_tier": tier(service_tier, text_dimension(fields, "speed")),
        "context_tier": text_dimension(fields, "context_window"),
        "is_batch": None if service_tier is None else service_tier == "batch",
        "user_id": account or text_dimension(fields, "service_account_id"),
        "api_key_id": text_dimension(fields, "api_key_id"),
        "workspace_id": text_dimension(fields, "workspace_id"),
        "reported_input_tokens": uncached,
        "reported_output_tokens": counts.get("output_tokens"),
        "reported_details": reported_details(counts),
        "reported_input_semantics": "excludes_cache",
        "quality_flags": joined_flags(unknown_token_field=has_unknown_tokens(counts, KNOWN_FIELDS)),
        **input_parts(
            uncached=uncached,
            read=counts.get("cache_read_input_tokens"),
            written=None,
            five_minutes=counts.get(FIVE_MINUTES),
            one_hour=counts.get(ONE_HOUR),
        ),
        "output_total": counts.get("output_tokens"),
    }
    return [row]


def cost_rows(number: int, result: Result) -> list[Row]:
    """The provider cost of a result; `amount` is decimal text in cents.

    Raises:
        FieldError: No amount, or a field that is not what it means.
    """
    fields = result.fields
    currency = text_dimension(fields, "currency")
    if currency is None:
        raise FieldError("currency", "no currency", "missing_value")
    kind, token_type = text_dimension(fields, "cost_type"), text_dimension(fields, "token_type")
    service_tier = text_dimension(fields, "service_tier")
    row: Row = {
        "line_number": number,
        "natural_key": result.natural_key,
        "window_start_at": result.started_at,
        "window_end_at": result.ended_at,
        "provider_name": "anthropic",
        "workspace_id": text_dimension(fields, "workspace_id"),
        "line_item": text_dimension(fields, "description"),
        "cost_kind": kind if kind is None or kind in COST_KINDS else "other",
        "token_class": TOKEN_CLASSES.get(token_type, token_type) if token_type else None,
        "request_model": text_dimension(fields, "model"),
        "service_tier": tier(service_tier, text_dimension(fields, "speed")),
        "context_tier": text_dimension(fields, "context_window"),
        "region_name": region(text_dimension(fields, "inference_geo")),
        "cost_amount": exact_amount(fields.get("amount"), "amount", is_cents=True),
        "cost_currency": currency.upper(),
        "quality_flags": "",
    }
    return [row]
