"""LiteLLM: rows of LiteLLM_SpendLogs from the API or the database, and logged payloads."""

from collections.abc import Iterator
from functools import partial
from typing import Final

import polars as pl

from ingest.formats.litellm_columns import columns, values
from ingest.formats.litellm_csv import csv_calls, is_csv, other_table, spend_log
from ingest.formats.litellm_fields import ROW
from ingest.formats.litellm_plain import PLAIN_ROW
from ingest.formats.litellm_row import PARTS, PATHS, TYPES, translate
from ingest.formats.plain_records import PlainForm, record_frames, row_frames
from ingest.formats.record_rows import frame_batches
from ingest.quality_flags import raised_flags
from ingest.records import event_ids
from ingest.source import Batch, InputFile, Reject, Source
from ingest.tokens import FLAG_COLUMNS, split_tokens

NAME: Final = "litellm"
FORM: Final = PlainForm(
    decoder=PLAIN_ROW,
    values=values,
    columns=columns,
    translate=lambda number, text: translate(number, ROW.decode(text)),
    types=TYPES,
    page_key="data",
)


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate one file of calls; batches of about 50,000 rows, and rejects by line."""
    return frame_batches(_frames(file), partial(_batch, file.instance))


def _frames(file: InputFile) -> Iterator[pl.DataFrame | Reject]:
    if is_csv(file):
        return row_frames(csv_calls(file), _translated, TYPES)
    odd = other_table(file)
    return record_frames(file, FORM) if odd is None else iter([odd])


def _translated(number: int, texts: dict[str, str]) -> tuple[object, ...]:
    return translate(number, spend_log(texts))


def _batch(instance: str, frame: pl.DataFrame) -> Batch:
    parts = [pl.coalesce(*paths).alias(part) for part, paths in PARTS.items()]
    split = split_tokens(
        frame.with_columns(
            pl.col("reported_input_tokens").alias("input_total"),
            pl.col("reported_output_tokens").alias("output_total"),
            *parts,
        ).drop(PATHS)
    )
    return Batch(table="usage_events", frame=_finish(split, instance))


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
    has_cost = pl.col("reported_cost_usd").is_not_null()
    return frame.with_columns(
        pl.Series("event_id", event_ids(NAME, instance, keys), pl.String()),
        pl.lit("request").alias("grain"),
        pl.lit(NAME).alias("gateway_name"),
        pl.lit("inclusive").alias("reported_input_semantics"),
        pl.when(has_cost).then(pl.lit("gateway_estimate")).alias("reported_cost_kind"),
        pl.lit(1.0).alias("sampling_ratio"),
        raised_flags(flags),
    ).drop(*FLAG_COLUMNS, "unknown_token_field")


SOURCE: Final = Source(
    name=NAME,
    role="request_log",
    tables=("usage_events",),
    version=3,
    description="LiteLLM: answers of /spend/logs/v2, exports of LiteLLM_SpendLogs, logged payloads",
    docs="https://docs.litellm.ai/docs/proxy/cost_tracking",
    record_lines=True,
    read=read,
)
