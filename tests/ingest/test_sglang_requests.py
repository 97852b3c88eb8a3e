"""SGLang's own record of requests: times of three kinds, and no prompt."""

# Times in this project are naive UTC.
# ruff: noqa: DTZ001

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from translated import CANARIES, GOLDEN, check_golden, input_file, ndjson, translate

from ingest.source import Reject
from ingest.sources.sglang_requests import read

EXPORT = GOLDEN / "sglang_requests" / "sglang-request-metrics-20260504_16.log"
BERLIN = "Europe/Berlin"
HOUR = timedelta(hours=1)


def request(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "request_parameters": json.dumps({"rid": f"r{number}", "text": "CANARY"}),
        "id": f"r{number}",
        "finish_reason": {"type": "stop"},
        "prompt_tokens": 10,
        "completion_tokens": 4,
        "cached_tokens": 3,
        "e2e_latency": 1.5,
        "request_received_ts": 1777903391.482 + number,
    } | changes


def logged(local: str, number: int, **changes: Any) -> dict[str, Any]:
    meta = {k: v for k, v in request(number).items() if "request" not in k} | changes
    out = {"text": "CANARY answer", "meta_info": meta}
    obj = {"text": "CANARY prompt"}
    return {"timestamp": local, "event": "request.finished", "rid": "x", "obj": obj, "out": out}


def read_rows(
    path: Path, rows: list[dict[str, Any]], **options: str
) -> tuple[pl.DataFrame, list[Reject]]:
    path.write_bytes(ndjson(rows))
    return translate(read, input_file(path, "sglang_requests", **options))


def test_each_shape_of_record_keeps_its_tokens_times_and_flags() -> None:
    file = input_file(EXPORT, "sglang_requests", time_zone=BERLIN)
    check_golden(read, "sglang_requests", file)


def test_the_export_and_the_request_log_of_one_request_are_one_event(tmp_path: Path) -> None:
    exported, _ = read_rows(tmp_path / "a.log", [request(1)])
    log, _ = read_rows(tmp_path / "b.log", [logged("2026-05-04T16:03:13.9", 1)], time_zone=BERLIN)
    assert exported["event_id"].to_list() == log["event_id"].to_list()
    assert log.row(0, named=True)["ended_at"] == datetime(2026, 5, 4, 14, 3, 13, 900000)
    assert log.row(0, named=True)["started_at"] == datetime(2026, 5, 4, 14, 3, 12, 400000)


def test_a_local_time_without_stated_zone_is_rejected_with_the_remedy(tmp_path: Path) -> None:
    rows = [request(1, request_received_ts=None), logged("2026-05-04T16:03:13", 2), request(3)]
    frame, rejects = read_rows(tmp_path / "sglang-request-metrics-20260504_16.log", rows)
    assert frame["natural_key"].to_list() == ["r3"]
    assert [(one.line_number, one.reason_code) for one in rejects] == [
        (1, "naive_timestamp"),
        (2, "naive_timestamp"),
    ]
    assert all("[sglang_requests] time_zone" in one.remedy for one in rejects)


def test_a_request_without_any_time_is_rejected_and_not_dated_by_guess(tmp_path: Path) -> None:
    path = tmp_path / "requests.log"
    _, rejects = read_rows(path, [request(1, request_received_ts=None)], time_zone=BERLIN)
    assert [(one.line_number, one.reason_code) for one in rejects] == [(1, "no_timestamp")]


def test_the_hour_that_clocks_repeat_is_told_by_the_order_of_lines(tmp_path: Path) -> None:
    times = ["01:50:00", "02:10:00", "02:50:00", "02:05:00", "02:55:00", "03:10:00"]
    rows = [logged(f"2026-10-25T{time}", number) for number, time in enumerate(times)]
    frame, rejects = read_rows(tmp_path / "b.log", rows, time_zone=BERLIN)
    assert rejects == []
    starts = frame["ended_at"].to_list()
    assert [end - datetime(2026, 10, 24, 23) for end in starts] == [
        timedelta(minutes=minutes) for minutes in (50, 70, 110, 125, 175, 190)
    ]
    is_flagged = ["ambiguous_time" in flags for flags in frame["quality_flags"].to_list()]
    assert is_flagged == [False, True, True, True, True, False]


def test_an_export_of_the_repeated_hour_keeps_its_tokens_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "sglang-request-metrics-20261025_02.log"
    frame, rejects = read_rows(path, [request(1, request_received_ts=None)], time_zone=BERLIN)
    assert rejects == []
    assert frame["started_at"].to_list() == [datetime(2026, 10, 25)]
    assert frame["quality_flags"].item().to_list() == ["no_timestamp", "ambiguous_time", "no_model"]


def test_the_model_is_what_the_user_states_since_no_record_names_it(tmp_path: Path) -> None:
    frame, _ = read_rows(tmp_path / "a.log", [request(1)], model_name="qwen3-32b")
    assert frame["response_model"].to_list() == ["qwen3-32b"]
    assert frame["quality_flags"].item().to_list() == []


def test_a_request_that_only_began_is_no_event(tmp_path: Path) -> None:
    row = logged("2026-05-04T16:03:13", 1) | {"event": "request.received"}
    frame, rejects = read_rows(tmp_path / "b.log", [row])
    assert (frame.height, rejects) == (0, [])


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (request(1, prompt_tokens=1.5), "prompt_tokens", "bad_value"),
        (request(1, prompt_tokens=True), "prompt_tokens", "bad_value"),
        (request(1, completion_tokens=10**25), "completion_tokens", "bad_value"),
        (request(1, request_received_ts="now"), "request_received_ts", "bad_value"),
        (request(1, request_received_ts=1e300), "timestamp", "bad_timestamp"),
        (request(1, id=None, request_parameters="CANARY"), "id", "missing_value"),
        ({"event": "request.finished"}, "out.meta_info", "missing_value"),
    ],
)
def test_a_broken_line_is_one_reject_and_its_neighbors_load(
    tmp_path: Path, row: dict[str, Any], column: str, reason: str
) -> None:
    frame, rejects = read_rows(tmp_path / "a.log", [request(2), row, request(3)])
    assert frame["natural_key"].to_list() == ["r2", "r3"]
    assert [(r.line_number, r.column_name, r.reason_code) for r in rejects] == [(2, column, reason)]
    assert "CANARY" not in repr(rejects)


def test_no_prompt_or_answer_leaves_a_record(tmp_path: Path) -> None:
    path = tmp_path / "both.log"
    log = ndjson([logged("2026-05-04T16:03:13", 1, prompt_tokens="CANARY")])
    path.write_bytes(EXPORT.read_bytes() + b"\n" + log)
    frame, rejects = translate(read, input_file(path, "sglang_requests", time_zone=BERLIN))
    written = frame.write_json() + repr(rejects)
    assert not any(canary.decode() in written for canary in CANARIES)


@settings(deadline=None, max_examples=40)  # the cores are shared
@given(
    st.lists(st.tuples(*[st.one_of(st.none(), st.integers(0, 10**6))] * 4), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
)
def test_any_order_line_end_or_unknown_field_gives_the_same_events_and_all_tokens(
    tmp_path_factory: pytest.TempPathFactory,
    counts: list[tuple[int | None, ...]],
    random: Any,
    line_end: bytes,
    has_bom: bool,
) -> None:
    names = ("prompt_tokens", "completion_tokens", "cached_tokens", "reasoning_tokens")
    rows = [request(n, **dict(zip(names, v, strict=True))) for n, v in enumerate(counts)]
    folder = tmp_path_factory.mktemp("sglang")
    plain, _ = read_rows(folder / "a.log", rows)
    for row, (prompt, completion, *_) in zip(plain.to_dicts(), counts, strict=True):
        read_in = (row["uncached_input_tokens"] or 0) + (row["cache_read_input_tokens"] or 0)
        made = (row["other_output_tokens"] or 0) + (row["reasoning_output_tokens"] or 0)
        assert (read_in, made) == (prompt or 0, completion or 0)
    mixed = [row | {"unheard_of": {"CANARY": None}, "token_ids": [1]} for row in rows]
    random.shuffle(mixed)
    content = line_end.join(json.dumps(row).encode() for row in mixed)
    (folder / "b.log").write_bytes(b"\xef\xbb\xbf" * has_bom + content)
    frame, rejects = translate(read, input_file(folder / "b.log", "sglang_requests"))
    assert rejects == []
    key = "natural_key"
    assert frame.drop("line_number").sort(key).equals(plain.drop("line_number").sort(key))
