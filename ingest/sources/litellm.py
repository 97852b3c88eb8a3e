"""LiteLLM spend logs: rows of LiteLLM_SpendLogs as NDJSON, or answers of /spend/logs/v2."""

from collections.abc import Iterator
from typing import Final

import polars as pl

from ingest.json_records import json_records
from ingest.litellm_row import COLUMNS, PARTS, PATHS, ROW, translate
from ingest.records import BATCH_ROWS, RECORD_ERRORS, event_ids, reject_record
from ingest.schema import USAGE_EVENTS
from ingest.source import Batch, InputFile, Reject, Source
from ingest.tokens import FLAG_COLUMNS, split_tokens

NAME: Final = "litellm"
TYPES: Final = {**USAGE_EVENTS, "unknown_token_field": pl.Boolean()}


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate one file of spend logs; batches of at most 50,000 rows, and rejects by line."""
    rows: list[tuple[object, ...]] = []
    for item in json_records(file):
        if isinstance(item, Reject):
            yield item
            continue
        number, text = item
        try:
            rows.append(translate(number, ROW.decode(text)))
        except RECORD_ERRORS as error:
            yield reject_record(error, number)
        if len(rows) == BATCH_ROWS:
            yield _batch(rows, file.instance)
            rows = []
    if rows:
        yield _batch(rows, file.instance)


def _batch(rows: list[tuple[object, ...]], instance: str) -> Batch:
    columns = dict(zip(COLUMNS, zip(*rows, strict=True), strict=True))
    frame = pl.DataFrame(
        [
            pl.Series(name, values, TYPES.get(name, pl.Int64()), strict=True)
            for name, values in columns.items()
        ]
    )
    parts = [pl.coalesce(*paths).alias(part) for part, paths in PARTS.items()]
    frame = split_tokens(
        frame.with_columns(
            pl.col("reported_input_tokens").alias("input_total"),
            pl.col("reported_output_tokens").alias("output_total"),
            *parts,
        ).drop(PATHS)
    )
    return Batch(table="usage_events", frame=_finish(frame, instance))


def _finish(frame: pl.DataFrame, instance: str) -> pl.DataFrame:
    """Add what is the same for every row, the event ids and the quality flags."""
    keys = frame["natural_key"].to_list()
    parts_sum = pl.sum_horizontal("reported_input_tokens", "reported_output_tokens")
    flags = {
        **{name: pl.col(name) for name in FLAG_COLUMNS},
        "no_model": pl.col("response_model").is_null(),
        "residual": pl.col("reported_total_tokens") != parts_sum,
        "unknown_token_field": pl.col("unknown_token_field"),
    }
    raised = [pl.when(is_raised).then(pl.lit(flag)) for flag, is_raised in flags.items()]
    has_cost = pl.col("reported_cost_usd").is_not_null()
    return frame.with_columns(
        pl.Series("event_id", event_ids(NAME, instance, keys), pl.String()),
        pl.col("natural_key").alias("request_id"),
        pl.lit("request").alias("grain"),
        pl.lit(NAME).alias("gateway_name"),
        pl.lit("inclusive").alias("reported_input_semantics"),
        pl.when(has_cost).then(pl.lit("gateway_estimate")).alias("reported_cost_kind"),
        pl.lit(1.0).alias("sampling_ratio"),
        pl.concat_list(raised).list.drop_nulls().alias("quality_flags"),
    ).drop(*FLAG_COLUMNS, "unknown_token_field")


SOURCE: Final = Source(
    name=NAME,
    role="request_log",
    tables=("usage_events",),
    version=1,
    description="LiteLLM spend logs: NDJSON rows of LiteLLM_SpendLogs, answers of /spend/logs/v2",
    docs="https://docs.litellm.ai/docs/proxy/cost_tracking",
    read=read,
)
