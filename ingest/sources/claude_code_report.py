"""Anthropic's Claude Code report: tokens and estimated cost by day, actor, terminal and model."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any, Final

import msgspec

from ingest.formats.anthropic_usage import input_parts
from ingest.formats.json_values import records
from ingest.formats.provider_buckets import FIELDS
from ingest.formats.provider_fields import bucket_counts, exact_amount, text_dimension
from ingest.formats.provider_frames import usage_batch, usage_frame
from ingest.formats.record_rows import Row, batches, translated
from ingest.quality_flags import joined_flags
from ingest.records import FieldError
from ingest.source import Batch, InputFile, Reject, Source
from ingest.times import parse_utc
from ingest.tokens import has_unknown_tokens, reported_details

NAME: Final = "claude_code_report"
KNOWN_FIELDS: Final = frozenset(
    f"tokens.{name}" for name in ("input", "output", "cache_read", "cache_creation")
)


class _Actor(msgspec.Struct):
    email_address: str | None = None
    api_key_name: str | None = None


class _Record(msgspec.Struct):
    """One actor's day at one kind of terminal; lines of code and tool use are not read."""

    date: str
    actor: _Actor
    model_breakdown: list[msgspec.Raw] | None = None
    organization_id: str | None = None
    customer_type: str | None = None
    subscription_type: str | None = None
    terminal_type: str | None = None


RECORD: Final = msgspec.json.Decoder(_Record)


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate pages of the report: one document, several in a row, or one a line."""
    rows = translated(records(file, "data"), _rows, "date")
    return batches(rows, usage_frame, partial(usage_batch, NAME, file.instance))


def _rows(number: int, text: bytes | msgspec.Raw) -> list[Row]:
    record = RECORD.decode(text)
    actor = record.actor.email_address or record.actor.api_key_name
    if not actor:
        raise FieldError("actor", "neither an e-mail address nor the name of a key")
    day = parse_utc(record.date, "UTC").replace(hour=0, minute=0, second=0, microsecond=0)
    return [
        _row(number, record, actor, day, FIELDS.decode(part))
        for part in record.model_breakdown or ()
    ]


def _row(number: int, record: _Record, actor: str, day: datetime, part: dict[str, Any]) -> Row:
    counts = bucket_counts({"tokens": part.get("tokens")})
    model = text_dimension(part, "model")
    cost = _cost(part.get("estimated_cost"))
    key = {
        "date": day,
        # The id of a person; hashed here, since the key lies beside a user_id that may be hashed.
        "actor": sha256(actor.encode()).hexdigest(),
        "model": model,
        "terminal_type": record.terminal_type,
        "customer_type": record.customer_type,
        "subscription_type": record.subscription_type,
        "organization_id": record.organization_id,
    }
    return {
        "line_number": number,
        "natural_key": msgspec.json.encode(key).decode(),
        "grain": "bucket_1d",
        "started_at": day,
        "ended_at": day + timedelta(days=1),
        "provider_name": "anthropic",
        "response_model": model,
        "operation_name": "chat",
        "user_id": record.actor.email_address or None,
        "api_key_id": None if record.actor.email_address else actor,
        "organization_id": record.organization_id or None,
        "reported_input_tokens": counts.get("tokens.input"),
        "reported_output_tokens": counts.get("tokens.output"),
        "reported_details": reported_details(counts),
        "reported_input_semantics": "excludes_cache",
        "reported_cost_usd": cost,
        "reported_cost_kind": None if cost is None else "client_estimate",
        "quality_flags": joined_flags(
            # Its cost is what the tokens would cost, not what anyone pays.
            subscription=record.customer_type == "subscription",
            unknown_token_field=has_unknown_tokens(counts, KNOWN_FIELDS),
        ),
        **input_parts(
            uncached=counts.get("tokens.input"),
            read=counts.get("tokens.cache_read"),
            written=counts.get("tokens.cache_creation"),
            five_minutes=None,
            one_hour=None,
        ),
        "output_total": counts.get("tokens.output"),
    }


def _cost(estimate: object) -> Any:
    """Dollars of an estimate in cents; None where it is not one."""
    if not isinstance(estimate, dict) or estimate.get("amount") is None:
        return None
    if str(estimate.get("currency")).upper() != "USD":
        return None
    return exact_amount(estimate["amount"], "estimated_cost.amount", is_cents=True)


SOURCE: Final = Source(
    name=NAME,
    role="provider_usage",
    tables=("usage_events",),
    version=1,
    description="Anthropic's Claude Code report: tokens and estimated cost by day and actor",
    docs="https://platform.claude.com/docs/en/manage-claude/claude-code-analytics-api",
    read=read,
)
