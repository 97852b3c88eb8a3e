"""SGLang's /metrics: cumulative counters of one server."""

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from ingest.formats.engine_counters import EngineFormat, read_engine
from ingest.formats.prometheus_samples import Series
from ingest.source import Batch, InputFile, Reject, Source

COLUMNS: Final[Mapping[str, str]] = {
    "sglang:prompt_tokens_total": "prompt_tokens_total",
    "sglang:cached_tokens_total": "_cached",
    "sglang:generation_tokens_total": "generation_tokens_total",
    "sglang:num_requests_total": "finished_requests_total",
    "sglang:num_aborted_requests_total": "failed_requests_total",
    "sglang:queue_time_seconds_sum": "queue_seconds_total",
    "sglang:time_to_first_token_seconds_sum": "time_to_first_token_seconds_total",
    "sglang:time_to_first_token_seconds_count": "time_to_first_token_count",
    "sglang:num_running_reqs": "running_requests",
    "sglang:num_queue_reqs": "waiting_requests",
    "sglang:token_usage": "kv_cache_usage_ratio",
}


def _columns_of(series: Series, column: str) -> tuple[str, ...]:
    """The sources of cached tokens add up to one more, named total."""
    if column != "_cached":
        return (column,)
    return ("_cached_total" if series.label("cache_source") == "total" else "_cached_by_source",)


ENGINE: Final = EngineFormat(
    prefix="sglang:",
    columns=COLUMNS,
    extra_columns=("_cached_total", "_cached_by_source"),
    columns_of=_columns_of,
    # Token counters are the process's, gauges each data-parallel rank's: one row for all. Tensor
    # and pipeline ranks repeat one another.
    engine_label=None,
    summed_labels=("is_streaming", "priority", "dp_rank", "cache_source"),
    derived={"cached_prompt_tokens_total": pl.coalesce("_cached_total", "_cached_by_source")},
)


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate scrapes of /metrics, or what Prometheus stored of them, into engine_samples."""
    yield from read_engine(file, ENGINE)


SOURCE: Final = Source(
    name="sglang",
    role="server_counter",
    tables=("engine_samples",),
    version=2,
    description="SGLang's /metrics: token, request and latency counters of your own models",
    docs="https://docs.sglang.ai/references/production_metrics.html",
    read=read,
)
