"""Records of a Bedrock invocation log, translated a column at a time.

The values are those of bedrock_record.translate, which tests hold them to.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from ingest.formats.bedrock_bodies import NO_BODY, PlainBody, plain_bodies
from ingest.formats.bedrock_body import CACHE_DETAILS, Metrics, word
from ingest.formats.bedrock_record import (
    CACHE_READ,
    CACHE_WRITE,
    INPUT,
    KNOWN,
    LIFETIMES,
    OUTPUT,
    SCHEMAS,
    Identity,
    Invocation,
    deployment,
    foundation_model,
    is_stream,
    operation_name,
    user_of,
)
from ingest.formats.call_columns import Calls, call_columns, calls_of
from ingest.formats.count_lists import (
    NULL,
    CountLists,
    Shape,
    count_columns,
    kinds_of,
    shapes_of,
)
from ingest.formats.plain_events import event_types
from ingest.formats.plain_records import IS_PLAIN
from ingest.formats.usage_rows import LONGEST_MILLISECONDS, text_tag
from ingest.quality_flags import flag_texts
from ingest.records import TOKEN_LIMIT
from ingest.times import plain_utc

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
DETAILS: Final = "cacheDetails"
# A field of these names would be told under the paths of others.
SPECIAL: Final = (DETAILS, "input", "output")
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
    _add_logged(counts, "input.", shapes_of(places, [row.input for row in rows]))
    _add_logged(counts, "output.", shapes_of(places, outputs))
    _add_usage(counts, "", shapes_of(places, [body.usage for body in told]))
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


def _add_logged(counts: CountLists, prefix: str, shapes: Sequence[Shape]) -> None:
    """Token fields beside the bodies."""
    for shape in shapes:
        for name in shape.keys:
            if "token" in name.casefold():
                counts.add_written(prefix + name, shape.places, shape.values(name))


def _add_usage(counts: CountLists, prefix: str, shapes: Sequence[Shape]) -> None:
    """Every whole number of bodies' usage, as flatten_tokens tells them."""
    for shape in shapes:
        for name in shape.keys:
            path, found = prefix + name, shape.values(name)
            kinds = kinds_of(found)
            if "." in name or path in SPECIAL:
                _add_special(counts, path, shape.places, found)
            elif kinds == {int}:
                counts.add(path, shape.places, found)
            elif kinds == {dict}:
                _add_usage(counts, f"{path}.", shapes_of(shape.places, found))
            elif kinds not in ({list}, {str}) or (kinds == {str} and "token" in name):
                counts.set_aside(shape.places, found)


def _add_special(
    counts: CountLists, path: str, places: Sequence[int], found: Sequence[Any]
) -> None:
    """Tokens written to a cache; aside what might be told under the path of something else."""
    if path == DETAILS and kinds_of(found) == {list}:
        _add_lifetimes(counts, places, found)
    else:
        counts.set_aside(places, found)


def _add_lifetimes(
    counts: CountLists, places: Sequence[int], found: Sequence[list[Any] | None]
) -> None:
    """Tokens written to a cache, by how long they stay there."""
    told: dict[str, tuple[list[int], list[int]]] = {}
    for place, details in zip(places, found, strict=True):
        for detail in details or ():
            if type(detail) is not dict or (count := detail.get("inputTokens")) is None:
                continue
            lifetime = detail.get("ttl")
            if type(lifetime) is not str or type(count) is not int or not 0 <= count <= TOKEN_LIMIT:
                counts.odd.add(place)
            elif lifetime in CACHE_DETAILS:
                held = told.setdefault(CACHE_DETAILS[lifetime], ([], []))
                held[0].append(place)
                held[1].append(count)
    for path, lists in told.items():
        counts.add(path, *lists)


def _later(name: str) -> pl.Expr:
    """The time so many milliseconds after the start; NULL for a duration that cannot be."""
    milliseconds = pl.col(name)
    is_possible = milliseconds.is_between(0, LONGEST_MILLISECONDS)
    micros = pl.when(is_possible).then(milliseconds * 1000).cast(pl.Int64)
    return pl.col("started_at") + pl.duration(microseconds=micros)


def _is_whole(name: str) -> pl.Expr:
    """Whether a duration is told in whole milliseconds, if at all."""
    return (pl.col(name) == pl.col(name).floor()).fill_null(value=True)


# Built once: an expression costs more to build than to evaluate on some thousand rows.
SHORT, LONG = (pl.coalesce(*LIFETIMES[life]) for life in ("5m", "1h"))
WRITTEN, TOTAL = pl.col("written"), pl.col("totalTokens")
SHORT_LEFT: Final = WRITTEN - pl.col("cache_write_5m_input_tokens").fill_null(0)
REST: Final = SHORT_LEFT - pl.col("cache_write_1h_input_tokens").fill_null(0)
SUMMED: Final = (
    "reported_input_tokens",
    "cache_read_input_tokens",
    "written",
    "reported_output_tokens",
)
SUM: Final = pl.when(pl.any_horizontal(pl.col(SUMMED).is_not_null())).then(
    pl.sum_horizontal(SUMMED)
)
IS_FIRST_IN_TIME: Final = pl.col("first_token_at") <= pl.col("ended_at")
STEPS: Final = (
    (
        plain_utc("timestamp", is_naive_utc=True).alias("started_at"),
        pl.coalesce("input.inputTokenCount", *INPUT).alias("reported_input_tokens"),
        pl.coalesce("output.outputTokenCount", *OUTPUT).alias("reported_output_tokens"),
        pl.coalesce("input.cacheReadInputTokenCount", *CACHE_READ).alias("cache_read_input_tokens"),
        pl.coalesce("input.cacheWriteInputTokenCount", *CACHE_WRITE).alias("written"),
    ),
    (
        _later("latency_ms").alias("ended_at"),
        _later("first_byte_ms").alias("first_token_at"),
        pl.when(SHORT.is_not_null())
        .then(pl.min_horizontal(SHORT, WRITTEN))
        .alias("cache_write_5m_input_tokens"),
    ),
    (
        pl.when(IS_FIRST_IN_TIME).then("first_token_at").alias("first_token_at"),
        pl.when(LONG.is_not_null())
        .then(pl.min_horizontal(LONG, SHORT_LEFT))
        .alias("cache_write_1h_input_tokens"),
        flag_texts(
            {
                "clamped": (SHORT > WRITTEN) | (LONG > SHORT_LEFT),
                "unknown_token_field": pl.col("unknown_token_field"),
                "residual": TOTAL.is_not_null() & TOTAL.ne_missing(SUM),
            }
        ),
    ),
    (
        pl.when((REST != 0) | (SHORT.is_null() & LONG.is_null()))
        .then(REST)
        .alias("cache_write_other_input_tokens"),
        TOTAL.alias("reported_total_tokens"),
        pl.all_horizontal(
            pl.col("natural_key") != "",
            pl.col("is_known_schema"),
            ~pl.col("is_odd"),
            pl.col("started_at").is_not_null(),
            _is_whole("latency_ms"),
            _is_whole("first_byte_ms"),
        ).alias(IS_PLAIN),
    ),
)
