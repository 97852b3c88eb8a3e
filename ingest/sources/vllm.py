"""vLLM's /metrics: cumulative counters of one inference engine."""

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from ingest.formats.engine_counters import EngineFormat, or_zero, read_engine
from ingest.formats.prometheus_samples import Series
from ingest.source import Batch, InputFile, Reject, Source

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


def _columns_of(series: Series, column: str) -> tuple[str, ...]:
    if column == "_requests":
        is_failed = series.label("finished_reason") in FAILED_REASONS
        # Each side is known to be zero as soon as the other was seen.
        return ("failed_requests_total" if is_failed else "finished_requests_total", column)
    if column == "_prompt_tokens_by_source" and series.label("source") in CACHED_SOURCES:
        return ("_cached_by_source", column)
    return (column,)


ENGINE: Final = EngineFormat(
    prefix="vllm:",
    columns=COLUMNS,
    extra_columns=("_cached_by_source", "finished_requests_total", "failed_requests_total"),
    columns_of=_columns_of,
    engine_label="engine",
    summed_labels=("source", "finished_reason"),
    derived={
        "cached_prompt_tokens_total": pl.coalesce(
            or_zero("_cached_by_source", "_prompt_tokens_by_source"),
            "_prompt_tokens_cached",
            "_prefix_cache_hits",
        ),
        "finished_requests_total": or_zero("finished_requests_total", "_requests"),
        "failed_requests_total": or_zero("failed_requests_total", "_requests"),
    },
)


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate scrapes of /metrics, or what Prometheus stored of them, into engine_samples."""
    yield from read_engine(file, ENGINE)


SOURCE = Source(
    name="vllm",
    role="server_counter",
    tables=("engine_samples",),
    version=3,
    description="vLLM's /metrics: token, request and latency counters of your own models",
    docs="https://docs.vllm.ai/en/latest/usage/metrics/",
    read=read,
)
