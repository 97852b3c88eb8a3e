"""vLLM's counters as Prometheus stored them: several replicas, resets, restarts."""

# Times in this project are naive UTC.
# ruff: noqa: DTZ001

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from test_vllm import read

MODEL = {"model_name": "m", "engine": "0", "job": "vllm"}


def answer(*series: tuple[dict[str, str], list[tuple[float, str]]], kind: str = "matrix") -> Any:
    result = [{"metric": MODEL | labels, "values": values} for labels, values in series]
    return {"status": "success", "data": {"resultType": kind, "result": result}, "warnings": ["w"]}


def prompt(instance: str) -> dict[str, str]:
    return {"__name__": "vllm:prompt_tokens_total", "instance": instance}


def generation(instance: str) -> dict[str, str]:
    return {"__name__": "vllm:generation_tokens_total", "instance": instance}


@pytest.mark.parametrize("indent", [None, 1])
def test_replicas_of_one_model_stay_apart_so_that_each_can_reset_alone(
    tmp_path: Path, indent: int | None
) -> None:
    found = answer(
        (prompt("a:8000"), [(1780272000, "1.250001e+06"), (1780272030, "1250101")]),
        (prompt("b:8000"), [(1780272000, "900"), (1780272030, "15")]),
        (generation("a:8000"), [(1780272000, "10"), (1780272030, "20")]),
    )
    (tmp_path / "range.json").write_text(json.dumps(found, indent=indent))
    rows, rejects = read(tmp_path / "range.json")
    assert rejects == []
    shown = [
        (r["instance_name"], r["prompt_tokens_total"], r["generation_tokens_total"]) for r in rows
    ]
    assert sorted(shown) == [
        ("a:8000", 1_250_001, 10),
        ("a:8000", 1_250_101, 20),
        ("b:8000", 15, None),
        ("b:8000", 900, None),
    ]


def test_raw_samples_of_a_range_selector_keep_their_true_scrape_times(tmp_path: Path) -> None:
    times = [1780272003.121, 1780272018.12, 1780272033.122]
    found = answer((prompt("a:8000"), [(time, str(n)) for n, time in enumerate(times)]))
    (tmp_path / "raw.json").write_text(json.dumps(found))
    rows, _ = read(tmp_path / "raw.json")
    assert [row["sampled_at"] for row in rows] == [
        datetime(2026, 6, 1, 0, 0, 3, 121000),
        datetime(2026, 6, 1, 0, 0, 18, 120000),
        datetime(2026, 6, 1, 0, 0, 33, 122000),
    ]


def test_one_answer_a_line_of_one_metric_each_gives_whole_rows(tmp_path: Path) -> None:
    answers = [
        answer((prompt("a:8000"), [(1780272000, "5")])),
        answer((generation("a:8000"), [(1780272000, "6")])),
        {"status": "error", "error": "query timed out"},
    ]
    (tmp_path / "answers.ndjson").write_text("\n".join(map(json.dumps, answers)))
    rows, rejects = read(tmp_path / "answers.ndjson")
    assert [(row["prompt_tokens_total"], row["generation_tokens_total"]) for row in rows] == [
        (5, 6)
    ]
    assert [(one.line_number, one.reason_code) for one in rejects] == [(3, "failed_query")]


def test_the_moment_of_a_restart_is_told_for_each_replica_alone(tmp_path: Path) -> None:
    created = {"__name__": "vllm:prompt_tokens_created", "instance": "b:8000"}
    found = answer(
        (prompt("a:8000"), [(1780272000, "5"), (1780272030, "6")]),
        (prompt("b:8000"), [(1780272000, "900"), (1780272030, "15")]),
        (created, [(1780272000, "1780270000"), (1780272030, "1780272010.5")]),
    )
    (tmp_path / "range.json").write_text(json.dumps(found))
    rows, _ = read(tmp_path / "range.json")
    starts = {(r["instance_name"], r["prompt_tokens_total"]): r["process_started_at"] for r in rows}
    assert starts == {
        ("a:8000", 5): None,
        ("a:8000", 6): None,
        ("b:8000", 900): datetime(2026, 5, 31, 23, 26, 40),
        ("b:8000", 15): datetime(2026, 6, 1, 0, 0, 10, 500000),
    }


def test_a_process_that_two_jobs_scrape_counts_its_requests_once(tmp_path: Path) -> None:
    name = "vllm:request_success_total"
    labels = {"__name__": name, "instance": "a:8000"}
    stop, length = {"finished_reason": "stop"}, {"finished_reason": "length"}
    found = answer(
        (labels | stop, [(1780272000, "7")]),
        (labels | stop | {"job": "again"}, [(1780272000, "7")]),
        (labels | length, [(1780272000, "2")]),
    )
    (tmp_path / "range.json").write_text(json.dumps(found))
    rows, _ = read(tmp_path / "range.json")
    assert [row["finished_requests_total"] for row in rows] == [9]


@pytest.mark.parametrize("place", ["cluster", "namespace", "pod"])
def test_processes_of_one_name_in_two_places_are_two(tmp_path: Path, place: str) -> None:
    found = answer(
        (prompt("vllm:8000") | {place: "a"}, [(1780272000, "1000")]),
        (prompt("vllm:8000") | {place: "b"}, [(1780272000, "7000")]),
        (prompt("vllm:8000") | {place: "b", "job": "again"}, [(1780272000, "7000")]),
        (generation("vllm:8000") | {place: "b"}, [(1780272000, "10")]),
    )
    (tmp_path / "range.json").write_text(json.dumps(found))
    rows, _ = read(tmp_path / "range.json")
    assert sorted((row["instance_name"], row["prompt_tokens_total"]) for row in rows) == [
        (f'vllm:8000{{{place}="a"}}', 1000),
        (f'vllm:8000{{{place}="b"}}', 7000),
    ]


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        ({"pod": "llama-0"}, "llama-0"),
        ({"pod": "llama-0", "namespace": "prod"}, 'llama-0{namespace="prod"}'),
        ({"cluster": "a"}, 'gpu-7{cluster="a"}'),
        (
            {"instance": "10.0.0.1:8000", "pod": "llama-0", "namespace": "prod", "cluster": "a"},
            '10.0.0.1:8000{cluster="a",namespace="prod",pod="llama-0"}',
        ),
    ],
)
def test_a_process_is_named_by_what_is_told_of_it(
    tmp_path: Path, labels: dict[str, str], name: str
) -> None:
    found = answer(({"__name__": "vllm:prompt_tokens_total", **labels}, [(1780272000, "5")]))
    (tmp_path / "gpu-7.json").write_text(json.dumps(found))
    rows, _ = read(tmp_path / "gpu-7.json")
    assert [row["instance_name"] for row in rows] == [name]


def test_values_that_are_no_numbers_and_native_histograms_do_not_cost_the_answer(
    tmp_path: Path,
) -> None:
    found = answer(
        (prompt("a:8000"), [(1780272000, "NaN"), (1780272030, "+Inf"), (1780272060, "7")])
    )
    found["data"]["result"].append({"metric": MODEL, "histograms": [[1780272000, {"count": "1"}]]})
    (tmp_path / "range.json").write_text(json.dumps(found))
    rows, rejects = read(tmp_path / "range.json")
    assert ([row["prompt_tokens_total"] for row in rows], rejects) == ([None, None, 7], [])


def test_open_metrics_text_gives_its_own_times_in_seconds(tmp_path: Path) -> None:
    (tmp_path / "m.txt").write_text(
        "# TYPE vllm:generation_tokens counter\n"
        "# UNIT vllm:generation_tokens tokens\n"
        'vllm:generation_tokens_total{model_name="m"} 310442.0 1780272000.482 # {id="x"} 1\n'
        'vllm:generation_tokens_created{model_name="m"} 1780270000.123 1780272000.482\n'
        "# EOF\n"
    )
    rows, rejects = read(tmp_path / "m.txt")
    assert rejects == []
    assert [
        (r["sampled_at"], r["generation_tokens_total"], r["process_started_at"]) for r in rows
    ] == [
        (datetime(2026, 6, 1, 0, 0, 0, 482000), 310_442, datetime(2026, 5, 31, 23, 26, 40, 123000))
    ]
