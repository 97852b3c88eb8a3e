"""Records of a Bedrock invocation log, translated a column at a time.

The values are those of bedrock_record.translate, which tests hold them to.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from ingest.formats.bedrock_bodies import NO_BODY, PlainBody, plain_bodies
from ingest.formats.bedrock_body import Metrics, word
from ingest.formats.bedrock_counts import add_logged, add_usage
from ingest.formats.bedrock_record import (
    KNOWN,
    SCHEMAS,
    Identity,
    Invocation,
    deployment,
    foundation_model,
    is_stream,
    operation_name,
    user_of,
)
from ingest.formats.bedrock_steps import STEPS
from ingest.formats.call_columns import Calls, call_columns, calls_of
from ingest.formats.count_lists import (
    NULL,
    CountLists,
    count_columns,
    shapes_of,
)
from ingest.formats.plain_events import event_types
from ingest.formats.usage_rows import text_tag

TYPES: Final = event_types(
    "line_number",
    "natural_key",
    "started_at",
    "ended_at",
    "first_token_at",
    "request_model",
    "response_model",
    "deployment_name",
    "operation_name",
    "region_name",
    "is_stream",
    "user_id",
    "team_id",
    "organization_id",
    "error_type",
    "finish_reason",
    "cache_read_input_tokens",
    "cache_write_5m_input_tokens",
    "cache_write_1h_input_tokens",
    "cache_write_other_input_tokens",
    "reported_input_tokens",
    "reported_output_tokens",
    "reported_total_tokens",
    "reported_details",
    "quality_flags",
)
# What every record has in common, or follows from its other columns.
SAME: Final = {
    "request_id": pl.col("natural_key"),
    "provider_name": pl.lit("aws.bedrock"),
    "status": pl.when(pl.col("error_type").is_null())
    .then(pl.lit("success"))
    .otherwise(pl.lit("failure")),
    "sampling_ratio": pl.lit(1.0),
    "uncached_input_tokens": pl.col("reported_input_tokens"),
    "other_output_tokens": pl.col("reported_output_tokens"),
    "reported_input_semantics": pl.lit("excludes_cache"),
}
NO_METRICS: Final = Metrics()
BODY: Final = "outputBodyJson"
CALLS: Final = "calls"
COUNTS: Final = "counts"
TEXTS: Final = ("natural_key", "timestamp", "user_id", "team_id")
FLOATS: Final = ("latency_ms", "first_byte_ms")
CALL_TYPES: Final = {
    "request_model": pl.String(),
    "response_model": pl.String(),
    "deployment_name": pl.String(),
    "operation_name": pl.String(),
    "is_stream": pl.Boolean(),
    "finish_reason": pl.String(),
    "region_name": pl.String(),
    "organization_id": pl.String(),
    "error_type": pl.String(),
    "is_known_schema": pl.Boolean(),
}


def values(rows: Sequence[Invocation], team_tag: str | None) -> Mapping[str, list[Any]]:
    """What `columns` needs of decoded records; see translate for `team_tag`."""
    outputs = [row.output for row in rows]
    bodies = plain_bodies([part.get(BODY, NULL) if part else NULL for part in outputs])
    counts = CountLists(len(rows), KNOWN)
    counts.odd.update(place for place, body in enumerate(bodies) if body is None)
    told = [body or NO_BODY for body in bodies]
    places = range(len(rows))
    add_logged(counts, "input.", shapes_of(places, [row.input for row in rows]))
    add_logged(counts, "output.", shapes_of(places, outputs))
    add_usage(counts, "", shapes_of(places, [body.usage for body in told]))
    metrics = [body.invocation or body.metrics or NO_METRICS for body in told]
    return {
        CALLS: [_calls(rows, told)],
        COUNTS: [counts],
        "natural_key": [row.requestId for row in rows],
        "timestamp": [row.timestamp for row in rows],
        "user_id": [
            (one.arn or None) if type(one) is Identity else user_of(one)
            for one in [row.identity for row in rows]
        ],
        "team_id": [text_tag(row.requestMetadata, team_tag) for row in rows]
        if team_tag
        else [None] * len(rows),
        "latency_ms": [one.latencyMs or one.invocationLatency for one in metrics],
        "first_byte_ms": [one.firstByteLatency for one in metrics],
    }


def columns(values: Mapping[str, list[Any]]) -> pl.DataFrame:
    """The columns of TYPES but line_number, and IS_PLAIN: False where translate must decide."""
    frame = pl.DataFrame(
        [pl.Series(name, values[name], pl.String()) for name in TEXTS]
        + [pl.Series(name, values[name], pl.Float64()) for name in FLOATS]
    )
    frame = frame.hstack(call_columns(values[CALLS], _named, CALL_TYPES)).hstack(
        count_columns(values[COUNTS], KNOWN)
    )
    for step in STEPS:
        frame = frame.with_columns(*step)
    return frame


def _calls(rows: Sequence[Invocation], bodies: Sequence[PlainBody]) -> Calls:
    return calls_of(
        [row.operation for row in rows],
        [row.modelId for row in rows],
        [body.model for body in bodies],
        [body.stopReason or body.stop_reason for body in bodies],
        [row.region for row in rows],
        [row.accountId for row in rows],
        [row.errorCode for row in rows],
        [row.schemaType for row in rows],
    )


def _named(*call: str | None) -> tuple[object, ...]:
    """The values of CALL_TYPES."""
    operation, model, answered, reason, region, account, error, schema = call
    model = model or None
    return (
        model,
        foundation_model(model) or word(answered),
        deployment(model),
        operation_name(operation, model),
        is_stream(operation),
        word(reason),
        region or None,
        account or None,
        error or None,
        schema in SCHEMAS,
    )
