"""Benchmark results: one row a run, and nothing that was generated."""

# Times in this project are naive UTC.
# ruff: noqa: DTZ001

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from translated import CANARIES, GOLDEN

from ingest.schema import conform
from ingest.source import Batch, InputFile, Reject
from ingest.sources.vllm_bench import SOURCE

APPENDED = GOLDEN / "vllm_bench" / "appended.json"


def read(path: Path, **options: str) -> tuple[list[dict[str, Any]], list[Reject]]:
    options = {"time_zone": "Europe/Berlin"} | options
    file = InputFile(
        path=path, name=f"vllm_bench/{path.name}", instance="default", sha256="0", options=options
    )
    found = list(SOURCE.read(file))
    frames = [conform(one.frame, one.table) for one in found if isinstance(one, Batch)]
    rows = [row for frame in frames for row in frame.to_dicts()]
    return rows, [one for one in found if isinstance(one, Reject)]


def result(**changes: Any) -> dict[str, Any]:
    return {"date": "20260504-160311", "model_id": "m", "completed": 2, "duration": 1.5} | changes


def test_each_appended_run_is_a_row_and_what_is_broken_is_a_reject() -> None:
    rows, rejects = read(APPENDED)
    configuration = json.loads(rows[0].pop("configuration"))
    assert {name: value for name, value in rows[0].items() if value is not None} == {
        "run_id": rows[0]["run_id"],
        "started_at": datetime(2026, 5, 4, 14, 3, 11),
        "backend_name": "vllm",
        "model_name": "meta-llama/Llama-3.3-70B-Instruct",
        "max_concurrency": 2,
        "duration_seconds": 12.5,
        "completed_requests": 2,
        "failed_requests": 1,
        "input_tokens": 2048,
        "output_tokens": 512,
        "output_tokens_per_second": 40.96,
        "total_tokens_per_second": 204.8,
        "time_to_first_token_p50_seconds": 0.28,
        "time_to_first_token_p99_seconds": 0.35,
        "time_per_output_token_p50_seconds": 0.023,
        "time_per_output_token_p99_seconds": 0.0255,
        "line_number": 1,
    }
    assert (configuration["gpu"], configuration["num_prompts"]) == ("8xH100", 3)
    assert configuration["std_itl_ms"] is None
    assert (rows[1]["request_rate"], rows[1]["label"]) == (4.0, "fp8")
    lines = [row["line_number"] for row in rows]
    assert APPENDED.read_text().splitlines()[lines[1] - 1].startswith("{")
    shown = [(one.line_number, one.column_name, one.reason_code) for one in rejects]
    assert shown == [
        (lines[1] + 1, "date", "bad_timestamp"),
        (lines[1] + 2, "date", "bad_json"),
    ]


def test_no_generated_text_error_or_path_leaves_a_result(tmp_path: Path) -> None:
    rows, rejects = read(APPENDED)
    written = json.dumps(rows, default=str) + repr(rejects)
    assert rows[1]["model_name"] == "qwen3-32b"
    assert any(canary in APPENDED.read_bytes() for canary in CANARIES)
    assert not any(canary.decode() in written for canary in CANARIES)
    (tmp_path / "r.json").write_text(
        json.dumps(result(generated_text="CANARY", error="CANARY", api_key="CANARY", note="kept"))
    )
    rows, _ = read(tmp_path / "r.json")
    assert json.loads(rows[0]["configuration"]) == {"note": "kept"}


def test_the_same_run_in_two_files_has_one_id_and_another_run_another(tmp_path: Path) -> None:
    texts = {"a": result(), "b": result(), "c": result(duration=1.6)}
    for name, found in texts.items():
        (tmp_path / name).write_text(json.dumps(found, indent=len(name)))
    first, again, other = (read(tmp_path / name)[0][0]["run_id"] for name in texts)
    assert first == again != other


def test_a_local_date_without_stated_zone_is_rejected_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(json.dumps(result()))
    file = InputFile(path=tmp_path / "r.json", name="vllm_bench/r.json", instance="d", sha256="0")
    (reject,) = SOURCE.read(file)
    assert isinstance(reject, Reject)
    assert reject.reason_code == "naive_timestamp"
    assert "[vllm_bench] time_zone" in reject.remedy


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"completed": "2"}, "completed"),
        ({"completed": 1.5}, "completed"),
        ({"total_input_tokens": -1}, "total_input_tokens"),
        ({"total_input_tokens": 10**30}, "total_input_tokens"),
        ({"duration": True}, "duration"),
        ({"request_rate": "fast"}, "request_rate"),
        ({"p99_ttft_ms": [1]}, "p99_ttft_ms"),
        ({"duration": 1e301}, "duration"),
        ({"note": "\ud800"}, "configuration"),
        ({"date": None}, "date"),
    ],
)
def test_a_result_with_a_value_that_cannot_be_is_one_reject_and_the_next_loads(
    tmp_path: Path, changes: dict[str, Any], column: str
) -> None:
    runs = [result(**changes), result(label="next")]
    (tmp_path / "r.json").write_text("\n".join(map(json.dumps, runs)))
    rows, rejects = read(tmp_path / "r.json")
    assert [row["label"] for row in rows] == ["next"]
    assert [(one.line_number, one.column_name) for one in rejects] == [(1, column)]


def test_a_run_that_was_cut_does_not_cost_the_runs_appended_after_it(tmp_path: Path) -> None:
    whole = json.dumps(result(label="next"), indent=1)
    (tmp_path / "r.json").write_text(json.dumps(result())[:-9] + "\n" + whole + "\n" + whole)
    rows, rejects = read(tmp_path / "r.json")
    assert [row["line_number"] for row in rows] == [2, 9]
    assert [(one.line_number, one.reason_code) for one in rejects] == [(1, "bad_json")]
