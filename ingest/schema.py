"""Canonical tables: the columns every source is translated into.

Conventions: timestamps are naive UTC with microseconds; durations are seconds; ratios run from 0
to 1; energy is joules, memory bytes, power watts; money is a decimal of US dollars with 12 places.
NULL means the source did not report the value, 0 means it reported zero.

Token classes are disjoint: a token is counted in exactly one of them, so their sum is exact.
"""

from collections.abc import Mapping

import polars as pl

TIMESTAMP = pl.Datetime("us")
MONEY = pl.Decimal(38, 12)

INPUT_TOKEN_CLASSES: tuple[str, ...] = (
    "uncached_input_tokens",
    "uncached_audio_input_tokens",
    "uncached_image_input_tokens",
    "uncached_video_input_tokens",
    "cache_read_input_tokens",
    "cache_read_audio_input_tokens",
    "cache_read_image_input_tokens",
    "cache_read_video_input_tokens",
    "cache_write_5m_input_tokens",
    "cache_write_30m_input_tokens",
    "cache_write_1h_input_tokens",
    "cache_write_12h_input_tokens",
    "cache_write_other_input_tokens",
    "tool_use_input_tokens",
)
OUTPUT_TOKEN_CLASSES: tuple[str, ...] = (
    "other_output_tokens",
    "reasoning_output_tokens",
    "audio_output_tokens",
    "image_output_tokens",
    "rejected_prediction_output_tokens",
)
TOKEN_CLASSES: tuple[str, ...] = INPUT_TOKEN_CLASSES + OUTPUT_TOKEN_CLASSES

# Where a row came from; landing fills these, a reader gives only line_number.
LINEAGE: Mapping[str, pl.DataType] = {
    "source": pl.String(),
    "source_role": pl.String(),
    "source_instance": pl.String(),
    "file_name": pl.String(),
    "file_sha256": pl.String(),
    "line_number": pl.Int64(),
}

USAGE_EVENTS: Mapping[str, pl.DataType] = {
    "event_id": pl.String(),
    "natural_key": pl.String(),
    "grain": pl.String(),  # request | bucket_1m | bucket_1h | bucket_1d
    "started_at": TIMESTAMP,
    "ended_at": TIMESTAMP,
    "first_token_at": TIMESTAMP,
    "request_id": pl.String(),
    "session_id": pl.String(),
    "trace_id": pl.String(),
    "provider_name": pl.String(),
    "gateway_name": pl.String(),
    "request_model": pl.String(),
    "response_model": pl.String(),
    "deployment_name": pl.String(),
    "operation_name": pl.String(),
    "region_name": pl.String(),
    "service_tier": pl.String(),
    "is_batch": pl.Boolean(),
    "is_stream": pl.Boolean(),
    "user_id": pl.String(),
    "end_user_id": pl.String(),
    "api_key_id": pl.String(),
    "team_id": pl.String(),
    "project_id": pl.String(),
    "organization_id": pl.String(),
    "request_count": pl.Int64(),
    "status": pl.String(),  # success | failure | aborted | unknown
    "error_type": pl.String(),
    "finish_reason": pl.String(),
    **dict.fromkeys(TOKEN_CLASSES, pl.Int64()),
    "reported_input_tokens": pl.Int64(),
    "reported_output_tokens": pl.Int64(),
    "reported_total_tokens": pl.Int64(),
    "reported_details": pl.String(),  # JSON object: every token field under its own dotted path
    "reported_input_semantics": pl.String(),  # inclusive | excludes_cache | excludes_cache_read
    "reported_cost_usd": MONEY,
    "reported_cost_kind": pl.String(),  # provider_billed | gateway_estimate | client_estimate
    "is_gateway_cache_hit": pl.Boolean(),
    "sampling_ratio": pl.Float64(),
    "quality_flags": pl.List(pl.String()),
    **LINEAGE,
}

GPU_SAMPLES: Mapping[str, pl.DataType] = {
    "sampled_at": TIMESTAMP,
    "host_name": pl.String(),
    "gpu_uuid": pl.String(),  # GPU-<lower-case uuid>
    "gpu_index": pl.Int64(),
    "gpu_model": pl.String(),
    "driver_version": pl.String(),
    "mig_profile": pl.String(),
    "mig_instance_id": pl.String(),  # NULL for a whole GPU
    "gpu_utilization_ratio": pl.Float64(),
    "memory_copy_utilization_ratio": pl.Float64(),
    "graphics_engine_active_ratio": pl.Float64(),
    "sm_active_ratio": pl.Float64(),
    "sm_occupancy_ratio": pl.Float64(),
    "tensor_active_ratio": pl.Float64(),
    "dram_active_ratio": pl.Float64(),
    "memory_used_bytes": pl.Int64(),
    "memory_reserved_bytes": pl.Int64(),
    "memory_free_bytes": pl.Int64(),
    "memory_total_bytes": pl.Int64(),
    "power_watts": pl.Float64(),
    "power_limit_watts": pl.Float64(),
    "power_kind": pl.String(),  # average | instant | unknown
    "energy_joules_total": pl.Decimal(38, 6),  # cumulative since the driver was loaded
    "gpu_temperature_celsius": pl.Float64(),
    "memory_temperature_celsius": pl.Float64(),
    "sm_clock_mhz": pl.Float64(),
    "memory_clock_mhz": pl.Float64(),
    "last_xid_code": pl.Int64(),
    "null_reasons": pl.String(),  # JSON object: column -> not_supported | sentinel | mig | ...
    "quality_flags": pl.List(pl.String()),
    **LINEAGE,
}

GPU_ATTRIBUTIONS: Mapping[str, pl.DataType] = {
    "sampled_at": TIMESTAMP,
    "host_name": pl.String(),
    "gpu_uuid": pl.String(),
    "mig_instance_id": pl.String(),
    "namespace_name": pl.String(),
    "pod_name": pl.String(),
    "container_name": pl.String(),
    "job_id": pl.String(),
    **LINEAGE,
}

# Cumulative counters of one inference engine as scraped; dbt takes the differences.
ENGINE_SAMPLES: Mapping[str, pl.DataType] = {
    "sampled_at": TIMESTAMP,
    "instance_name": pl.String(),  # the scraped process, host:port
    "engine_index": pl.String(),
    "model_name": pl.String(),
    "prompt_tokens_total": pl.Int64(),  # includes cached ones
    "cached_prompt_tokens_total": pl.Int64(),
    "generation_tokens_total": pl.Int64(),
    "finished_requests_total": pl.Int64(),  # stop, length, repetition
    "failed_requests_total": pl.Int64(),  # abort, error
    "preemptions_total": pl.Int64(),
    "queue_seconds_total": pl.Float64(),
    "prefill_seconds_total": pl.Float64(),
    "decode_seconds_total": pl.Float64(),
    "time_to_first_token_seconds_total": pl.Float64(),
    "time_to_first_token_count": pl.Int64(),
    "running_requests": pl.Float64(),
    "waiting_requests": pl.Float64(),
    "kv_cache_usage_ratio": pl.Float64(),
    "process_started_at": TIMESTAMP,
    **LINEAGE,
}

REJECTS: Mapping[str, pl.DataType] = {
    "source": pl.String(),
    "source_instance": pl.String(),
    "file_name": pl.String(),
    "file_sha256": pl.String(),
    "line_number": pl.Int64(),
    "column_name": pl.String(),
    "reason_code": pl.String(),
    "message": pl.String(),
    "remedy": pl.String(),
}

TABLES: Mapping[str, Mapping[str, pl.DataType]] = {
    "usage_events": USAGE_EVENTS,
    "gpu_samples": GPU_SAMPLES,
    "gpu_attributions": GPU_ATTRIBUTIONS,
    "engine_samples": ENGINE_SAMPLES,
}

# The column whose UTC date decides a row's partition.
EVENT_TIME: Mapping[str, str] = {
    "usage_events": "started_at",
    "gpu_samples": "sampled_at",
    "gpu_attributions": "sampled_at",
    "engine_samples": "sampled_at",
}


def conform(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """Give a frame exactly the canonical columns of a table, in order and type.

    Columns the source did not report become NULL. Casts are strict: a value that does not fit
    raises, because by then the reader has already rejected what it could not translate.

    Args:
        frame: Rows of one source, any subset of the table's columns.
        table: A key of TABLES.

    Returns:
        A frame with the columns of TABLES[table].

    Raises:
        ValueError: The frame has a column that the table does not.
    """
    schema = TABLES[table]
    unknown = sorted(set(frame.columns) - set(schema))
    if unknown:
        raise ValueError(f"{table} has no column {', '.join(unknown)}")
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in schema.items()
    )
