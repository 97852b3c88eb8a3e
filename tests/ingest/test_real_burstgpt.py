"""Two replays of BurstGPT against vLLM: requests and GPU readings from JSON documents."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sample_folders import SAMPLES, land_sample, landed, raw_lines

from ingest.schema import OUTPUT_TOKEN_CLASSES

INPUTS = SAMPLES / "burstgpt_vllm/inputs"
ORIGIN = datetime.fromisoformat("2024-01-01T00:00:00")
RUNS = ("scale100", "scale900")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("burstgpt")
    land_sample("burstgpt_vllm", folder)
    return folder


def records(kind: str, run: str) -> list[dict[str, Any]]:
    """The file's own records, their numbers exact."""
    (path,) = (INPUTS / kind / run).iterdir()
    return list(json.loads("".join(raw_lines(path)), parse_float=Decimal).values())


def of_run(folder: Path, table: str, source: str, run: str) -> pl.DataFrame:
    return landed(folder, table, source).filter(pl.col("source_instance") == run)


def since_origin(seconds: Decimal) -> datetime:
    return ORIGIN + timedelta(microseconds=int(seconds * 10**6))


@pytest.mark.parametrize("run", RUNS)
def test_every_request_of_a_run_lands_with_its_prompt_and_its_times(folder: Path, run: str) -> None:
    raw = records("burstgpt_requests", run)
    found = of_run(folder, "usage_events", "burstgpt_requests", run)
    assert found.height == len(raw) == 500
    assert found["event_id"].n_unique() == 500
    assert found["uncached_input_tokens"].sum() == sum(r["in_len"] for r in raw) == 214_280
    ends = sorted(since_origin(r["record_time"]) for r in raw)
    assert found["ended_at"].sort().to_list() == ends
    durations = (found["ended_at"] - found["started_at"]).dt.total_microseconds().sum()
    assert durations == sum(int(r["total_chunk_time"] * 10**6) for r in raw)
    waits = (found["first_token_at"] - found["started_at"]).dt.total_microseconds().sum()
    assert waits == sum(int(r["first_chunk_time"] * 10**6) for r in raw)


@pytest.mark.parametrize(("run", "characters"), [("scale100", 2_312_617), ("scale900", 2_357_946)])
def test_the_length_of_an_answer_s_text_is_not_landed_as_tokens(
    folder: Path, run: str, characters: int
) -> None:
    raw = records("burstgpt_requests", run)
    # 500 requests of at most 1,024 tokens cannot have answered with so many.
    assert sum(r["out_len_expected"] for r in raw) == 512_000
    assert sum(r["out_len"] for r in raw) == characters
    found = of_run(folder, "usage_events", "burstgpt_requests", run)
    assert found.select(OUTPUT_TOKEN_CLASSES).null_count().row(0) == (500,) * 5


@pytest.mark.parametrize(("run", "readings"), [("scale100", 839), ("scale900", 290)])
def test_every_reading_of_the_gpu_lands_in_our_units(folder: Path, run: str, readings: int) -> None:
    raw = records("burstgpt_gpu", run)
    found = of_run(folder, "gpu_samples", "burstgpt_gpu", run)
    assert found.height == len(raw) == readings
    percent = sum(r["GPU_utilization"] for r in raw)
    assert found["gpu_utilization_ratio"].sum() == pytest.approx(percent / 100, rel=1e-12)
    assert found["memory_used_bytes"].sum() == sum(r["GPU_used_mem"] for r in raw) * 2**20
    assert found["memory_total_bytes"].unique().to_list() == [24_576 * 2**20]
    assert found["gpu_temperature_celsius"].sum() == sum(r["GPU_temperature"] for r in raw)
    times = sorted(since_origin(r["record_time"]) for r in raw)
    assert found["sampled_at"].sort().to_list() == times
