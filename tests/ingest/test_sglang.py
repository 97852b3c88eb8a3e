"""SGLang's counters: what adds up and what is the same thing twice."""

# Times in this project are naive UTC.
# ruff: noqa: DTZ001

from datetime import datetime
from pathlib import Path
from typing import Any

from translated import GOLDEN

from ingest.schema import conform
from ingest.source import Batch, InputFile, Reject
from ingest.sources.sglang import SOURCE

NOON = "# scraped_at 2026-06-01T12:00:00Z\n"


def read(path: Path, instance: str = "default") -> tuple[list[dict[str, Any]], list[Reject]]:
    file = InputFile(path=path, name=f"sglang/{path.name}", instance=instance, sha256="0" * 64)
    found = list(SOURCE.read(file))
    frames = [conform(one.frame, one.table) for one in found if isinstance(one, Batch)]
    rows = [row for frame in frames for row in frame.to_dicts()]
    return rows, [one for one in found if isinstance(one, Reject)]


def test_streams_and_ranks_add_up_and_no_cached_token_is_counted_twice() -> None:
    rows, rejects = read(GOLDEN / "sglang" / "two_scrapes.prom", "sglang-0:30000")
    assert rejects == []
    assert {name: value for name, value in rows[0].items() if value is not None} == {
        "sampled_at": datetime(2026, 6, 1),
        "instance_name": "sglang-0:30000",
        "engine_index": "0",
        "model_name": "qwen3-32b",
        "prompt_tokens_total": 73_000,
        "cached_prompt_tokens_total": 51_200,
        "generation_tokens_total": 19_000,
        "finished_requests_total": 100,
        "failed_requests_total": 2,
        "queue_seconds_total": 12.5,
        "time_to_first_token_seconds_total": 18.25,
        "time_to_first_token_count": 100,
        "running_requests": 7.0,
        "waiting_requests": 1.0,
        "kv_cache_usage_ratio": 0.5,
        "line_number": 3,
    }


def test_without_a_total_the_sources_of_cached_tokens_add_up() -> None:
    rows, _ = read(GOLDEN / "sglang" / "two_scrapes.prom")
    assert rows[1]["cached_prompt_tokens_total"] == 42
    assert rows[1]["prompt_tokens_total"] == 500


def test_cached_tokens_without_a_source_label_are_taken_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "m.prom"
    path.write_text(NOON + 'sglang:cached_tokens_total{model_name="m"} 7\n')
    assert read(path)[0][0]["cached_prompt_tokens_total"] == 7


def test_one_server_scraped_by_two_jobs_is_not_two_servers(tmp_path: Path) -> None:
    path = tmp_path / "m.prom"
    labels = 'instance="a:1",model_name="m",is_streaming="true"'
    path.write_text(
        NOON + f'sglang:prompt_tokens_total{{job="x",{labels}}} 5\n'
        f'sglang:prompt_tokens_total{{job="y",{labels}}} 5\n'
    )
    rows, rejects = read(path)
    assert ([row["prompt_tokens_total"] for row in rows], rejects) == ([5], [])


def test_a_sample_without_model_is_rejected_by_line(tmp_path: Path) -> None:
    path = tmp_path / "m.prom"
    path.write_text(NOON + "sglang:prompt_tokens_total 3\n")
    rows, rejects = read(path)
    assert rows == []
    assert [(one.line_number, one.column_name) for one in rejects] == [(2, "model_name")]
