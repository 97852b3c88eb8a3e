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
    "delivered_at": TIMESTAMP,  # when the file was last written before it was first landed
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
    "is_sidechain": pl.Boolean(),  # a coding agent's branch, which may replay the main one
    "provider_name": pl.String(),
    "gateway_name": pl.String(),
    "request_model": pl.String(),
    "response_model": pl.String(),
    "deployment_name": pl.String(),
    "operation_name": pl.String(),
    "region_name": pl.String(),
    "service_tier": pl.String(),
    "context_tier": pl.String(),
    "is_batch": pl.Boolean(),
    "is_stream": pl.Boolean(),
    "user_id": pl.String(),
    "end_user_id": pl.String(),
    "api_key_id": pl.String(),
    "team_id": pl.String(),
    "project_id": pl.String(),
    "workspace_id": pl.String(),
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

# Where a span stands in its trace. Spans that are no model calls are here as well: they lie between
# those that are.
TRACE_SPANS: Mapping[str, pl.DataType] = {
    "started_at": TIMESTAMP,
    "trace_id": pl.String(),
    "span_id": pl.String(),
    "parent_span_id": pl.String(),  # NULL: nothing called it
    "is_server": pl.Boolean(),  # who answers recorded it, not who asks
    "event_id": pl.String(),  # the model call in usage_events; NULL: it is none
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

# Readings of meters that are not GPUs: wall meters, PDU outlets, power supplies, IPMI and Redfish.
POWER_SAMPLES: Mapping[str, pl.DataType] = {
    "sampled_at": TIMESTAMP,
    "meter_name": pl.String(),
    "host_name": pl.String(),  # the one host behind the meter; NULL where several are, or unknown
    "power_watts": pl.Float64(),
    "energy_joules_total": pl.Decimal(38, 6),  # cumulative as the meter counts; NULL: it does not
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
    "instance_name": pl.String(),  # the scraped process: host:port{cluster="…",…}
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

# Money as a provider's own report states it, without a token split.
PROVIDER_COSTS: Mapping[str, pl.DataType] = {
    "cost_id": pl.String(),
    "natural_key": pl.String(),
    "window_start_at": TIMESTAMP,  # the bucket [start, end) that a later delivery replaces
    "window_end_at": TIMESTAMP,
    "provider_name": pl.String(),
    "project_id": pl.String(),
    "workspace_id": pl.String(),
    "api_key_id": pl.String(),
    "user_id": pl.String(),
    "line_item": pl.String(),
    "cost_kind": pl.String(),  # tokens | web_search | code_execution | other
    "token_class": pl.String(),
    "request_model": pl.String(),
    "service_tier": pl.String(),
    "context_tier": pl.String(),
    "region_name": pl.String(),
    "quantity": pl.Decimal(38, 12),
    "quantity_unit": pl.String(),
    "cost_amount": MONEY,
    "cost_currency": pl.String(),
    "quality_flags": pl.List(pl.String()),
    **LINEAGE,
}

# Lines of a bill in FOCUS 1.4 terms, whatever version or format they came in.
BILL_LINES: Mapping[str, pl.DataType] = {
    "bill_line_id": pl.String(),
    "natural_key": pl.String(),
    "focus_version": pl.String(),
    "service_provider_name": pl.String(),
    "host_provider_name": pl.String(),
    "invoice_issuer_name": pl.String(),
    "invoice_id": pl.String(),
    "billing_account_id": pl.String(),
    "billing_account_name": pl.String(),
    "sub_account_id": pl.String(),
    "sub_account_name": pl.String(),
    "billing_period_start": TIMESTAMP,
    "billing_period_end": TIMESTAMP,
    "charge_period_start": TIMESTAMP,
    "charge_period_end": TIMESTAMP,
    "charge_category": pl.String(),
    "charge_class": pl.String(),
    "charge_description": pl.String(),
    "charge_frequency": pl.String(),
    "service_category": pl.String(),
    "service_subcategory": pl.String(),
    "service_name": pl.String(),
    "region_id": pl.String(),
    "region_name": pl.String(),
    "resource_id": pl.String(),
    "resource_name": pl.String(),
    "resource_type": pl.String(),
    "sku_id": pl.String(),
    "sku_meter": pl.String(),
    "sku_price_id": pl.String(),
    "sku_price_details": pl.String(),  # JSON object
    "pricing_category": pl.String(),
    "pricing_unit": pl.String(),
    "pricing_quantity": pl.Decimal(38, 12),
    "consumed_unit": pl.String(),
    "consumed_quantity": pl.Decimal(38, 12),
    "billing_currency": pl.String(),
    "list_unit_price": MONEY,
    "contracted_unit_price": MONEY,
    "list_cost": MONEY,
    "contracted_cost": MONEY,
    "billed_cost": MONEY,
    "effective_cost": MONEY,
    "commitment_discount_id": pl.String(),
    "commitment_discount_status": pl.String(),
    "tags": pl.String(),  # JSON object
    "extra": pl.String(),  # JSON object: columns without a place above
    "quality_flags": pl.List(pl.String()),
    **LINEAGE,
}

# Batch and training jobs as the scheduler accounts for them; the last row of a job counts.
GPU_JOBS: Mapping[str, pl.DataType] = {
    "job_id": pl.String(),
    "cluster_name": pl.String(),
    "job_name": pl.String(),
    "user_id": pl.String(),
    "account_name": pl.String(),
    "partition_name": pl.String(),
    "state": pl.String(),
    "started_at": TIMESTAMP,
    "ended_at": TIMESTAMP,  # NULL while it runs
    "elapsed_seconds": pl.Int64(),
    "gpu_count": pl.Int64(),
    "gpu_type": pl.String(),
    "node_names": pl.String(),
    "gpu_utilization_ratio": pl.Float64(),
    "energy_joules": pl.Decimal(38, 6),
    "quality_flags": pl.List(pl.String()),
    **LINEAGE,
}

# Results of a serving benchmark: what a configuration can do, not what was used.
BENCHMARK_RUNS: Mapping[str, pl.DataType] = {
    "run_id": pl.String(),
    "started_at": TIMESTAMP,
    "backend_name": pl.String(),
    "model_name": pl.String(),
    "label": pl.String(),
    "request_rate": pl.Float64(),  # NULL: as fast as possible
    "max_concurrency": pl.Int64(),
    "duration_seconds": pl.Float64(),
    "completed_requests": pl.Int64(),
    "failed_requests": pl.Int64(),
    "input_tokens": pl.Int64(),
    "output_tokens": pl.Int64(),
    "output_tokens_per_second": pl.Float64(),
    "total_tokens_per_second": pl.Float64(),
    "time_to_first_token_p50_seconds": pl.Float64(),
    "time_to_first_token_p99_seconds": pl.Float64(),
    "time_per_output_token_p50_seconds": pl.Float64(),
    "time_per_output_token_p99_seconds": pl.Float64(),
    "configuration": pl.String(),  # JSON object: free metadata
    **LINEAGE,
}

REJECTS: Mapping[str, pl.DataType] = {
    "source": pl.String(),
    "source_instance": pl.String(),
    "file_name": pl.String(),
    "file_sha256": pl.String(),
    "line_number": pl.Int64(),
    "byte_offset": pl.Int64(),  # of the line's first byte in the decompressed file
    "column_name": pl.String(),
    "reason_code": pl.String(),
    "message": pl.String(),
    "remedy": pl.String(),
    "excerpt": pl.String(),  # the line's structure, none of its values
}

TABLES: Mapping[str, Mapping[str, pl.DataType]] = {
    "usage_events": USAGE_EVENTS,
    "trace_spans": TRACE_SPANS,
    "gpu_samples": GPU_SAMPLES,
    "power_samples": POWER_SAMPLES,
    "gpu_attributions": GPU_ATTRIBUTIONS,
    "engine_samples": ENGINE_SAMPLES,
    "provider_costs": PROVIDER_COSTS,
    "bill_lines": BILL_LINES,
    "gpu_jobs": GPU_JOBS,
    "benchmark_runs": BENCHMARK_RUNS,
}

# The column whose UTC date decides a row's partition.
EVENT_TIME: Mapping[str, str] = {
    "usage_events": "started_at",
    "trace_spans": "started_at",
    "gpu_samples": "sampled_at",
    "power_samples": "sampled_at",
    "gpu_attributions": "sampled_at",
    "engine_samples": "sampled_at",
    "provider_costs": "window_start_at",
    "bill_lines": "charge_period_start",
    "gpu_jobs": "started_at",
    "benchmark_runs": "started_at",
}


# Their rows say how rows of another table belong together and hold no quantity, so that none is
# missed where its time cannot be; what counts is told where it is a row of that table.
LINKS = frozenset({"trace_spans"})


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
