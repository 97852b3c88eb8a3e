"""LiteLLM: rows of LiteLLM_SpendLogs from the API or the database, and logged payloads."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

import polars as pl

from ingest.formats.json_values import records
from ingest.formats.litellm_csv import csv_calls, is_csv, spend_log
from ingest.formats.litellm_fields import ROW, SpendLog
from ingest.formats.litellm_row import COLUMNS, PARTS, PATHS, translate
from ingest.records import BATCH_ROWS, RECORD_ERRORS, event_ids, reject_record
from ingest.schema import USAGE_EVENTS
from ingest.source import Batch, InputFile, Reject, Source
from ingest.tokens import FLAG_COLUMNS, split_tokens

NAME: Final = "litellm"
Text = TypeVar("Text")
TYPES: Final = {**USAGE_EVENTS, "unknown_token_field": pl.Boolean()}


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate one file of calls; batches of at most 50,000 rows, and rejects by line."""
    rows: list[tuple[object, ...]] = []
    for item in _calls(file):
        if isinstance(item, Reject):
            yield item
            continue
        rows.append(item)
        if len(rows) == BATCH_ROWS:
            yield _batch(rows, file.instance)
            rows = []
    if rows:
        yield _batch(rows, file.instance)


def _calls(file: InputFile) -> Iterator[tuple[object, ...] | Reject]:
    if is_csv(file):
        return _translated(csv_calls(file), spend_log)
    return _translated(records(file, "data"), ROW.decode)


def _translated(
    items: Iterable[tuple[int, Text] | Reject], decode: Callable[[Text], SpendLog]
) -> Iterator[tuple[object, ...] | Reject]:
    for item in items:
        if isinstance(item, Reject):
            yield item
            continue
        try:
            yield translate(item[0], decode(item[1]))
        except RECORD_ERRORS as error:
            yield reject_record(error, item[0])


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
    version=2,
    description="LiteLLM: answers of /spend/logs/v2, exports of LiteLLM_SpendLogs, logged payloads",
    docs="https://docs.litellm.ai/docs/proxy/cost_tracking",
    record_lines=True,
    read=read,
)
