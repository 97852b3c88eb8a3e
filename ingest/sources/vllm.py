"""vLLM's /metrics: cumulative counters of one inference engine."""

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from ingest.prometheus import instance_of, readings
from ingest.prometheus_samples import Readings, Series, rejects_of
from ingest.schema import ENGINE_SAMPLES
from ingest.source import Batch, InputFile, Reject, Source

BATCH_ROWS: Final = 100_000

# Sample name -> column, old names beside new ones. A leading `_` marks a value that only helps to
# find a column.
COLUMNS: Final[Mapping[str, str]] = {
    "vllm:prompt_tokens_total": "prompt_tokens_total",
    "vllm:prompt_tokens_by_source_total": "_prompt_tokens_by_source",
    "vllm:prompt_tokens_cached_total": "_prompt_tokens_cached",
    "vllm:prefix_cache_hits_total": "_prefix_cache_hits",
    "vllm:gpu_prefix_cache_hits_total": "_prefix_cache_hits",
    "vllm:generation_tokens_total": "generation_tokens_total",
    "vllm:request_success_total": "_requests",
    "vllm:num_preemptions_total": "preemptions_total",
    "vllm:request_queue_time_seconds_sum": "queue_seconds_total",
    "vllm:request_prefill_time_seconds_sum": "prefill_seconds_total",
    "vllm:request_decode_time_seconds_sum": "decode_seconds_total",
    "vllm:time_to_first_token_seconds_sum": "time_to_first_token_seconds_total",
    "vllm:time_to_first_token_seconds_count": "time_to_first_token_count",
    "vllm:num_requests_running": "running_requests",
    "vllm:num_requests_waiting": "waiting_requests",
    "vllm:kv_cache_usage_perc": "kv_cache_usage_ratio",  # named percent, but 0 to 1
    "vllm:gpu_cache_usage_perc": "kv_cache_usage_ratio",
}
CACHED_SOURCES: Final = ("local_cache_hit", "external_kv_transfer")
# vLLM counts these among its "successes".
FAILED_REASONS: Final = ("abort", "error")
CREATED: Final = "_created"
KEY: Final = ("sampled_at", "instance_name", "engine_index", "model_name")


def _is_wanted(name: str) -> bool:
    return name in COLUMNS or (name.startswith("vllm:") and name.endswith(CREATED))


def _columns_of(series: Series) -> tuple[str, ...]:
    """The columns a series adds to."""
    if series.name.endswith(CREATED):
        return (CREATED,)
    column = COLUMNS[series.name]
    if column == "_requests":
        is_failed = series.label("finished_reason") in FAILED_REASONS
        # Each side is known to be zero as soon as the other was seen.
        return ("failed_requests_total" if is_failed else "finished_requests_total", column)
    if column == "_prompt_tokens_by_source" and series.label("source") in CACHED_SOURCES:
        return ("_cached_by_source", column)
    return (column,)


def _series_frame(file: InputFile, found: list[Series]) -> pl.DataFrame:
    rows = [
        (number, column, instance_of(file, one), one.label("engine") or "0", model)
        for number, one in enumerate(found)
        if (model := one.label("model_name")) is not None
        for column in _columns_of(one)
    ]
    schema = {"series_id": pl.Int32, "column": pl.String, **dict.fromkeys(KEY[1:], pl.String)}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _wide(part: Readings, series: pl.DataFrame) -> pl.DataFrame:
    value = pl.col("number").filter(pl.col("number").is_finite())
    is_summed = pl.col("column").str.starts_with("_") | pl.col("column").str.contains("_requests_")
    long = (
        part.frame.lazy()
        .join(series.lazy(), on="series_id")
        .group_by(*KEY, "column")
        .agg(
            value.sum().alias("sum"),
            value.min().alias("min"),
            value.max().alias("max"),
            pl.col("line_number").min(),
        )
        .with_columns(
            pl.when(pl.col("column") == CREATED)
            .then("min")
            .when(is_summed)
            .then("sum")
            .otherwise("max")
            .alias("number")
        )
        .collect()
    )
    first_lines = long.group_by(*KEY).agg(pl.col("line_number").min())
    names = [*dict.fromkeys(COLUMNS.values()), "_cached_by_source", CREATED]
    names += ["finished_requests_total", "failed_requests_total"]
    wide = long.pivot(
        "column", on_columns=names, index=KEY, values="number", aggregate_function="first"
    )
    return wide.join(first_lines, on=KEY).sort("sampled_at", "line_number", *KEY[1:])


def _canonical(wide: pl.DataFrame) -> pl.DataFrame:
    def or_zero(column: str, family: str) -> pl.Expr:
        return pl.when(pl.col(family).is_not_null()).then(pl.col(column).fill_null(0))

    cached = pl.coalesce(
        or_zero("_cached_by_source", "_prompt_tokens_by_source"),
        "_prompt_tokens_cached",
        "_prefix_cache_hits",
    )
    named = wide.with_columns(
        cached.alias("cached_prompt_tokens_total"),
        or_zero("finished_requests_total", "_requests"),
        or_zero("failed_requests_total", "_requests"),
        (pl.col(CREATED) * 1e6).round().cast(pl.Int64).alias("process_started_at"),
    )
    return named.select(
        pl.col(name).round().cast(dtype)
        if dtype == pl.Int64 and name != "line_number"
        else pl.col(name).cast(dtype)
        for name, dtype in ENGINE_SAMPLES.items()
        if name in named.columns
    )


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate scrapes of /metrics, or what Prometheus stored of them, into engine_samples.

    Args:
        file: Text of one or many scrapes, or JSON answers of the Prometheus API.

    Yields:
        One row for each time, process, engine and model; rejects for lines that cannot be read.
    """
    for part in readings(file, _is_wanted):
        if isinstance(part, Reject):
            yield part
            continue
        series = _series_frame(file, part.series)
        yield from rejects_of(part.frame.join(series, on="series_id", how="anti"), _NO_MODEL)
        rows = _canonical(_wide(part, series))
        for batch in rows.iter_slices(BATCH_ROWS):
            yield Batch(table="engine_samples", frame=batch)


_NO_MODEL = Reject(
    line_number=None,
    column_name="model_name",
    reason_code="missing_label",
    message="the sample has no model_name label",
    remedy="keep the model_name label when you relabel or aggregate vLLM's metrics",
)

SOURCE = Source(
    name="vllm",
    role="server_counter",
    tables=("engine_samples",),
    version=1,
    description="vLLM's /metrics: token, request and latency counters of your own models",
    docs="https://docs.vllm.ai/en/latest/usage/metrics/",
    read=read,
)
