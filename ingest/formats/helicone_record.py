"""One Helicone request, as its table request_response_rmt or its exports show it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from ingest.formats.provider_names import provider_of
from ingest.formats.record_fields import Fields
from ingest.formats.usage_rows import (
    Event,
    Text,
    later,
    parts_of,
    sum_of,
    text_tag,
    unknown_tokens,
    utc,
)
from ingest.records import FieldError, exact_money
from ingest.tokens import reported_details

# Names that mean something else elsewhere; the others are those of provider_names.
PROVIDERS: Final = {"google": "gcp.gemini", "x": "x_ai"}
COUNTS: Final = (
    "prompt_tokens",
    "completion_tokens",
    "prompt_cache_read_tokens",
    "prompt_cache_write_tokens",
    "prompt_audio_tokens",
    "completion_audio_tokens",
    "reasoning_tokens",
    "total_tokens",
)
NOT_CACHED: Final = "00000000-0000-0000-0000-000000000000"
# The table holds whole billionths of a dollar, the exports dollars.
COST_STEPS: Final = 10**9


def translate(text: Text, options: Mapping[str, str]) -> Event:
    """One request's values; the option `team_tag` names the property that holds the team."""
    row = Fields(text)
    key = row.text("request_id")
    if key is None:
        raise FieldError("request_id", "missing", "missing_value")
    cost, cost_flags = _cost(row)
    tokens = _tokens(row)
    tag = options.get("team_tag")
    model = row.text("model", "request_model")
    reference = row.text("cache_reference_id")
    return {
        "natural_key": key,
        "request_id": key,
        **_times(row),
        "provider_name": provider_name(row.text("provider")),
        "gateway_name": "helicone",
        "request_model": model,
        "response_model": row.text("response_model") or model,
        "user_id": row.text("user_id"),
        "team_id": text_tag(row.mapping("properties"), tag) if tag else None,
        "organization_id": row.text("organization_id"),
        **_status(row),
        **tokens,
        "reported_cost_usd": cost,
        "reported_cost_kind": None if cost is None else "gateway_estimate",
        "is_gateway_cache_hit": reference is not None and reference != NOT_CACHED,
        "quality_flags": [*tokens["quality_flags"], *cost_flags],
    }


def _times(row: Fields) -> Event:
    """Times; ClickHouse writes UTC without saying so."""
    text = row.text("request_created_at")
    if text is None:
        raise FieldError("request_created_at", "missing", "missing_value")
    started = utc(text, "request_created_at")
    latency, first = row.number("latency"), row.number("time_to_first_token")
    ended = later(started, None if latency is None else float(latency))
    begun = later(started, float(first)) if first else None
    is_stream = begun is not None and ended is not None and begun < ended
    return {
        "started_at": started,
        "ended_at": ended,
        "first_token_at": begun if is_stream else None,
        "is_stream": True if is_stream else None,
    }


def _tokens(row: Fields) -> Event:
    """Helicone's counts exclude each other, but reasoning is inside the completion."""
    counts = {name: count for name in COUNTS if (count := row.count(name)) is not None}
    counts |= row.token_counts(COUNTS)
    prompt, completion, read, written, heard, said, reasoning, total = map(counts.get, COUNTS)
    (thought,), visible, flags = parts_of(completion, reasoning)
    inputs, outputs = sum_of(prompt, heard), sum_of(completion, said)
    if total is not None and total not in (
        sum_of(inputs, outputs, read, written),
        sum_of(prompt, completion),
    ):
        flags = [*flags, "residual"]
    return {
        "uncached_input_tokens": prompt,
        "uncached_audio_input_tokens": heard,
        "cache_read_input_tokens": read,
        "cache_write_other_input_tokens": written,
        "other_output_tokens": visible,
        "reasoning_output_tokens": thought,
        "audio_output_tokens": said,
        "reported_input_tokens": inputs,
        "reported_output_tokens": outputs,
        "reported_total_tokens": total,
        "reported_details": reported_details(counts),
        "reported_input_semantics": "excludes_cache",
        "quality_flags": [*flags, *unknown_tokens(counts, frozenset(COUNTS))],
    }


def _cost(row: Fields) -> tuple[Decimal | None, list[str]]:
    dollars = row.number("cost_usd", "costUSD")
    amount = row.number("cost") if dollars is None else dollars
    if amount is None:
        return None, []
    exponent = amount.as_tuple().exponent
    if dollars is None and amount and isinstance(exponent, int) and exponent >= 0:
        return exact_money(amount / COST_STEPS, "cost"), ["inferred_cost_unit"]
    return exact_money(amount, "cost"), []


def _status(row: Fields) -> Event:
    code = row.number("status")
    if code is None:
        return {"status": "unknown"}
    if 200 <= code < 400:
        return {"status": "success"}
    return {"status": "failure", "error_type": str(int(code))}


def provider_name(name: str | None) -> str | None:
    """A provider's name as OpenTelemetry has it, or in small letters as it is."""
    if name is None:
        return None
    return PROVIDERS.get(name.lower()) or provider_of(name)
