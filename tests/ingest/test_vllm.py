"""vLLM's counters: what was scraped, when, from which process."""

# Times in this project are naive UTC.
# ruff: noqa: DTZ001

import gzip
from datetime import datetime
from pathlib import Path
from typing import Any

from ingest.schema import conform
from ingest.source import Batch, InputFile, Reject
from ingest.sources.vllm import SOURCE

GOLDEN = Path(__file__).parents[1] / "golden" / "vllm"
NOON = "# scraped_at 2026-06-01T12:00:00Z\n"


def read(path: Path, instance: str = "default") -> tuple[list[dict[str, Any]], list[Reject]]:
    file = InputFile(path=path, name=f"vllm/{path.name}", instance=instance, sha256="0" * 64)
    found = list(SOURCE.read(file))
    frames = [conform(one.frame, one.table) for one in found if isinstance(one, Batch)]
    rows = [row for frame in frames for row in frame.to_dicts()]
    return rows, [one for one in found if isinstance(one, Reject)]


def read_text(folder: Path, text: str, name: str = "m.prom") -> tuple[Any, list[Reject]]:
    (folder / name).write_text(text)
    return read(folder / name)


def reported(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def test_a_scrape_becomes_one_row_that_counts_no_token_or_request_twice() -> None:
    rows, rejects = read(GOLDEN / "two_scrapes.prom", instance="vllm-0:8000")
    assert rejects == []
    assert reported(rows[0]) == {
        "sampled_at": datetime(2026, 6, 1),
        "instance_name": "vllm-0:8000",
        "engine_index": "0",
        "model_name": "qwen3-32b",
        "prompt_tokens_total": 1_250_001,
        "cached_prompt_tokens_total": 750_000,
        "generation_tokens_total": 310_442,
        "finished_requests_total": 911,
        "failed_requests_total": 5,
        "preemptions_total": 4,
        "queue_seconds_total": 12.5,
        "prefill_seconds_total": 99.25,
        "decode_seconds_total": 1024.0,
        "time_to_first_token_seconds_total": 182.44,
        "time_to_first_token_count": 912,
        "running_requests": 7.0,
        "waiting_requests": 2.0,
        "kv_cache_usage_ratio": 0.4312,
        "process_started_at": datetime(2026, 5, 31, 23, 30, 0, 123000),
        "line_number": 4,
    }


def test_a_restarted_process_keeps_its_small_counters_and_tells_its_new_start() -> None:
    rows, _ = read(GOLDEN / "two_scrapes.prom")
    assert [row["prompt_tokens_total"] for row in rows] == [1_250_001, 1_200]
    assert rows[1]["process_started_at"] == datetime(2026, 6, 1, 0, 0, 10, 500000)
    assert rows[1]["cached_prompt_tokens_total"] is None
    assert rows[1]["failed_requests_total"] is None


def test_old_metric_names_are_read_and_the_time_comes_from_the_file_name() -> None:
    rows, _ = read(GOLDEN / "old_names-20260601T000000Z.prom")
    assert reported(rows[0]) == {
        "sampled_at": datetime(2026, 6, 1),
        "instance_name": "old_names",
        "engine_index": "0",
        "model_name": "m",
        "prompt_tokens_total": 100,
        "cached_prompt_tokens_total": 40,
        "generation_tokens_total": 10,
        "kv_cache_usage_ratio": 0.5,
        "line_number": 1,
    }


def test_rotated_files_of_a_process_do_not_become_new_processes(tmp_path: Path) -> None:
    metric = 'vllm:generation_tokens_total{model_name="m"} 1\n'
    names = ["gpu-7-20260601T000000Z.prom", "gpu-7-20260602T000000Z.prom.gz", "gpu-7.prom"]
    (tmp_path / names[0]).write_text(metric)
    (tmp_path / names[1]).write_bytes(gzip.compress(metric.encode()))
    (tmp_path / names[2]).write_text(NOON + metric)
    assert {read(tmp_path / name)[0][0]["instance_name"] for name in names} == {"gpu-7"}


def test_a_federated_sample_keeps_its_own_time_and_instance(tmp_path: Path) -> None:
    text = (
        NOON + 'vllm:generation_tokens_total{model_name="m",instance="a:8000"} 1 1780272000500\n'
        'vllm:generation_tokens_total{model_name="m",instance="b:8000"} 2 1780272000.25\n'
    )
    rows, _ = read_text(tmp_path, text)
    assert [(row["instance_name"], row["sampled_at"]) for row in rows] == [
        ("b:8000", datetime(2026, 6, 1, 0, 0, 0, 250000)),
        ("a:8000", datetime(2026, 6, 1, 0, 0, 0, 500000)),
    ]


def test_two_engines_of_a_process_are_two_rows(tmp_path: Path) -> None:
    text = NOON + "".join(
        f'vllm:generation_tokens_total{{engine="{engine}",model_name="m"}} {engine}5\n'
        for engine in (0, 1)
    )
    rows, _ = read_text(tmp_path, text)
    assert [(row["engine_index"], row["generation_tokens_total"]) for row in rows] == [
        ("0", 5),
        ("1", 15),
    ]


def test_a_scrape_without_any_time_is_one_reject_that_tells_the_remedy(tmp_path: Path) -> None:
    text = 'vllm:generation_tokens_total{model_name="m"} 1\n' * 3
    rows, rejects = read_text(tmp_path, text)
    assert rows == []
    assert [(one.reason_code, one.line_number) for one in rejects] == [("no_timestamp", None)]
    assert "# scraped_at" in rejects[0].remedy


def test_a_bad_scrape_time_does_not_lend_the_scrape_the_former_time(tmp_path: Path) -> None:
    metric = 'vllm:generation_tokens_total{model_name="m"} 1\n'
    rows, rejects = read_text(tmp_path, NOON + metric + "# scraped_at yesterday\n" + metric)
    assert len(rows) == 1
    assert {(one.reason_code, one.line_number) for one in rejects} == {
        ("bad_timestamp", 3),
        ("no_timestamp", None),
    }


def test_a_bad_line_in_the_middle_costs_that_line_only(tmp_path: Path) -> None:
    text = (
        NOON + 'vllm:prompt_tokens_total{model_name="m"} 5\n'
        'vllm:generation_tokens_total{model_name="m 7\n'
        "}}}\n"
        'vllm:num_preemptions_total{model_name="m"} many\n'
        'vllm:generation_tokens_total{model_name="m"} 7\n'
    )
    rows, rejects = read_text(tmp_path, text)
    assert (rows[0]["prompt_tokens_total"], rows[0]["generation_tokens_total"]) == (5, 7)
    assert sorted((one.line_number, one.reason_code) for one in rejects) == [
        (3, "bad_line"),
        (4, "bad_line"),
        (5, "bad_value"),
    ]


def test_a_cut_last_line_does_not_become_a_smaller_counter(tmp_path: Path) -> None:
    text = NOON + 'vllm:prompt_tokens_total{model_name="m"} 5\n'
    rows, rejects = read_text(tmp_path, text + 'vllm:generation_tokens_total{model_name="m"} 31')
    assert rows[0]["generation_tokens_total"] is None
    assert [(one.line_number, one.reason_code) for one in rejects] == [(3, "unfinished_line")]


def test_a_truncated_gzip_keeps_the_scrapes_before_the_cut(tmp_path: Path) -> None:
    scrapes = "".join(
        f"# scraped_at 2026-06-01T{i // 60:02d}:{i % 60:02d}:00Z\n"
        f'vllm:generation_tokens_total{{model_name="m"}} {i * 7919}\n'
        for i in range(1200)
    )
    path = tmp_path / "m.prom.gz"
    packed = gzip.compress(scrapes.encode())
    path.write_bytes(packed[: len(packed) // 2])
    rows, rejects = read(path)
    assert [one.reason_code for one in rejects] == ["damaged_compression"]
    assert 0 < len(rows) < 1200
    assert [row["generation_tokens_total"] for row in rows] == [i * 7919 for i in range(len(rows))]


def test_scrapes_under_one_file_stamp_are_rejected_instead_of_mixed(tmp_path: Path) -> None:
    text = "".join(f'vllm:generation_tokens_total{{model_name="m"}} {i}\n' for i in (1, 1, 2))
    rows, rejects = read_text(tmp_path, text, "m-20260601T000000Z.prom")
    assert [row["generation_tokens_total"] for row in rows] == [1]
    assert [(one.line_number, one.reason_code) for one in rejects] == [(3, "conflicting_reading")]


def test_escaped_labels_and_exemplars_are_read(tmp_path: Path) -> None:
    text = (
        NOON
        + 'vllm:generation_tokens_total{model_name="a\\"}b # c"} 3.0 # {trace_id="x"} 0.5 1.0\n'
    )
    rows, rejects = read_text(tmp_path, text + "# EOF")
    assert rejects == []
    assert (rows[0]["model_name"], rows[0]["generation_tokens_total"]) == ('a"}b # c', 3)


def test_a_counter_that_is_not_a_number_is_not_reported_instead_of_zero(tmp_path: Path) -> None:
    text = NOON + (
        'vllm:prompt_tokens_total{model_name="m"} NaN\n'
        'vllm:generation_tokens_total{model_name="m"} 0\n'
    )
    rows, _ = read_text(tmp_path, text)
    assert (rows[0]["prompt_tokens_total"], rows[0]["generation_tokens_total"]) == (None, 0)


def test_a_sample_without_model_is_rejected_by_line(tmp_path: Path) -> None:
    rows, rejects = read_text(tmp_path, NOON + "vllm:generation_tokens_total 3\n")
    assert rows == []
    assert [(one.line_number, one.column_name) for one in rejects] == [(2, "model_name")]
