"""Clean canonical rows and a landing folder to put them in, as ingest would leave it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from ingest.schema import TABLES, conform

Row = dict[str, Any]
NOW = datetime(2026, 6, 1, 12)  # noqa: DTZ001 - naive UTC, as everywhere
ROWS_PER_DAY = 8


def clean_rows(table: str, day: date, count: int = ROWS_PER_DAY) -> list[Row]:
    """Rows that meet every expectation, on lines 1 to `count`."""
    make = {"usage_events": _request, "gpu_samples": _gpu, "engine_samples": _engine}[table]
    start = datetime.combine(day, time())
    return [make(start + timedelta(minutes=10 * n % 1440), n) for n in range(count)]


def land(
    landing: Path, table: str, source: str, day: date, rows: Iterable[Mapping[str, Any]]
) -> Path:
    """Write one partition; line numbers are positions, counted from 1."""
    lineage = {
        "source": source,
        "file_name": f"{source}/{day}.ndjson",
        "file_sha256": f"sha of {source} {day}",
    }
    complete = [{**row, **lineage, "line_number": n} for n, row in enumerate(rows, start=1)]
    file = landing / table / source / f"date={day}" / "0.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    reported = {name for row in complete for name in row}
    names = {name: dtype for name, dtype in TABLES[table].items() if name in reported}
    conform(pl.DataFrame(complete, schema=names), table).write_parquet(file)
    return file


def _request(at: datetime, n: int) -> Row:
    return {
        "event_id": f"{at:%Y%m%d}-{n}",
        "grain": "request",
        "started_at": at,
        "ended_at": at + timedelta(seconds=9),
        "first_token_at": at + timedelta(seconds=1),
        "request_model": "qwen3-32b",
        "response_model": "qwen3-32b",
        "team_id": "search",
        "api_key_id": "key",
        "request_count": 1,
        "status": "success",
        "uncached_input_tokens": 900,
        "cache_read_input_tokens": 300,
        "cache_write_1h_input_tokens": 100,
        "other_output_tokens": 50,
        "reasoning_output_tokens": 20,
        "reported_input_tokens": 1300,
        "reported_output_tokens": 70,
        "reported_total_tokens": 1370,
        "reported_input_semantics": "inclusive",
    }


def _gpu(at: datetime, n: int) -> Row:
    return {
        "sampled_at": at,
        "host_name": "host-1",
        "gpu_uuid": "GPU-1",
        "gpu_utilization_ratio": 0.0,
        "sm_active_ratio": 1.0001,
        "memory_used_bytes": 80 * 2**30,
        "memory_total_bytes": 80 * 2**30,
        "power_watts": 0.0,
        "power_limit_watts": 700.0,
        "energy_joules_total": Decimal(1000 * n),
    }


def _engine(at: datetime, n: int) -> Row:
    return {
        "sampled_at": at,
        "instance_name": "host-1:8000",
        "engine_index": "0",
        "model_name": "qwen3-32b",
        "prompt_tokens_total": 1000 * n,
        "cached_prompt_tokens_total": 400 * n,
        "generation_tokens_total": 100 * n,
        "finished_requests_total": n,
        "failed_requests_total": n,
        "preemptions_total": n,
        "queue_seconds_total": 0.5 * n,
        "prefill_seconds_total": 0.5 * n,
        "decode_seconds_total": 0.5 * n,
        "time_to_first_token_seconds_total": 0.5 * n,
        "time_to_first_token_count": n,
    }
