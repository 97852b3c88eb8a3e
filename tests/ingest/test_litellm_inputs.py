"""LiteLLM's other outputs: CSV exports of its table, and the payloads of object-store loggers."""

import csv
import gzip
import io
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from translated import CANARIES, GOLDEN, input_file, ndjson, spend_log, translate

from ingest.source import Reject
from ingest.sources.litellm import read

ROWS = (GOLDEN / "litellm" / "input.ndjson").read_bytes().splitlines()[:8]
PAYLOAD = json.loads((GOLDEN / "litellm_payload" / "input.json").read_text())
EXPORT = GOLDEN / "litellm_csv" / "input.csv"
ONCE = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def calls_of(
    tmp_path: Path, content: bytes, name: str = "file"
) -> tuple[pl.DataFrame, list[Reject]]:
    path = tmp_path / name
    path.write_bytes(content)
    return translate(read, input_file(path))


def as_csv(rows: list[dict[str, Any]]) -> bytes:
    stream = io.StringIO()
    names = sorted({name for row in rows for name in row})
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        cells = [row.get(name) for name in names]
        writer.writerow([json.dumps(one) if isinstance(one, dict | list) else one for one in cells])
    return stream.getvalue().encode()


def test_an_export_to_csv_gives_the_rows_of_the_api(tmp_path: Path) -> None:
    from_api, _ = calls_of(tmp_path, b"\n".join(ROWS))
    from_csv, rejects = translate(read, input_file(EXPORT))
    assert rejects == []
    assert from_csv["line_number"].to_list() == list(range(2, 10))
    assert from_csv.drop("line_number").equals(from_api.drop("line_number"))


def test_a_payload_is_the_event_of_its_row(tmp_path: Path) -> None:
    row = calls_of(tmp_path, ROWS[0])[0].drop("line_number").to_dicts()[0]
    frame, rejects = translate(read, input_file(GOLDEN / "litellm_payload" / "input.json"))
    payload = frame.drop("line_number").to_dicts()[0]
    assert rejects == []
    assert payload | {"trace_id": None} == row
    assert payload["trace_id"] == "t-1"


def test_a_payload_lies_plain_packed_without_extension_or_with_others_in_a_batch(
    tmp_path: Path,
) -> None:
    line = json.dumps(PAYLOAD).encode()
    other = json.dumps({**PAYLOAD, "id": "msg_2"}).encode()
    plain = calls_of(tmp_path, line, "time-10-01-00_msg.json")[0]
    assert calls_of(tmp_path, gzip.compress(line), "chatcmpl-1")[0].equals(plain)
    batch, rejects = calls_of(tmp_path, line + b"\n" + other + b"\n", "batch-1.ndjson")
    assert (batch["natural_key"].to_list(), rejects) == (["chatcmpl-golden-1", "msg_2"], [])


def test_a_cache_hit_is_one_event_though_row_and_payload_stamp_its_id_differently(
    tmp_path: Path,
) -> None:
    row = spend_log(
        1, request_id="c_cache_hit1.5", cache_hit="True", litellm_call_id="call-7", spend=0
    )
    in_metadata = {**row, "litellm_call_id": None, "metadata": {"litellm_call_id": "call-7"}}
    payload = {**PAYLOAD, "id": "c_cache_hit1.7", "cache_hit": True, "litellm_call_id": "call-7"}
    frame = calls_of(tmp_path, ndjson([row, in_metadata, payload]))[0]
    assert frame["event_id"].n_unique() == 1
    assert frame["is_gateway_cache_hit"].all()
    assert frame["request_id"].to_list() == ["c_cache_hit1.5", "c_cache_hit1.5", "c_cache_hit1.7"]


def test_a_hit_without_call_id_keeps_its_own_id_and_is_not_the_call_it_repeats(
    tmp_path: Path,
) -> None:
    hit = spend_log(1, request_id="chatcmpl-1_cache_hit1.5", cache_hit="True")
    assert calls_of(tmp_path, ndjson([spend_log(1), hit]))[0]["event_id"].n_unique() == 2


@pytest.mark.parametrize(
    ("changes", "first_token", "is_stream"),
    [
        ({}, True, True),
        ({"stream": False, "completionStartTime": PAYLOAD["endTime"]}, False, False),
        ({"stream": True, "completionStartTime": None}, False, True),
        ({"stream": None, "completionStartTime": PAYLOAD["endTime"]}, False, None),
    ],
)
def test_a_first_token_is_one_only_if_it_came_before_the_end(
    tmp_path: Path, changes: dict[str, Any], first_token: bool, is_stream: bool | None
) -> None:
    row = calls_of(tmp_path, ndjson([{**PAYLOAD, **changes}]))[0].to_dicts()[0]
    assert (row["first_token_at"] is not None, row["is_stream"]) == (first_token, is_stream)


@pytest.mark.parametrize(
    ("field", "value", "column", "reason"),
    [
        ("startTime", None, "startTime", "bad_value"),
        ("startTime", 1e30, "startTime", "bad_timestamp"),
        ("startTime", 0, "startTime", "missing_value"),
        ("endTime", "later", "endTime", "bad_timestamp"),
        ("id", "", "request_id", "missing_value"),
        ("response_cost", "free", "response_cost", "bad_value"),
        ("prompt_tokens", 10**12, "prompt_tokens", "bad_value"),
        ("stream", "yes", "stream", "bad_value"),
    ],
)
def test_a_payload_that_cannot_be_is_one_reject(
    tmp_path: Path, field: str, value: object, column: str, reason: str
) -> None:
    frame, rejects = calls_of(tmp_path, ndjson([PAYLOAD, {**PAYLOAD, field: value}]))
    assert frame.height == 1
    found = [(one.line_number, one.column_name, one.reason_code) for one in rejects]
    assert found == [(2, column, reason)]


def test_a_spend_beyond_all_arithmetic_is_one_reject(tmp_path: Path) -> None:
    line = ndjson([spend_log(1)]).replace(b"1e-06", b"1e9999999")
    frame, rejects = calls_of(tmp_path, line + ndjson([spend_log(2)]))
    assert frame.height == 1
    assert [(one.line_number, one.column_name) for one in rejects] == [(1, "spend")]


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        (b",11,", b",eleven,", "prompt_tokens"),
        (b",11,", b",11.5,", "prompt_tokens"),
        (b"2026-05-02T01:00:00Z", b"yesterday", "startTime"),
        (b"1e-06", b"NaN", "spend"),
        (b"chatcmpl-1,", b",", "request_id"),
        (b"gpt-5", b"gpt\xff5", None),
        (b"gpt-5", b"gpt-5,surplus", None),
        (b"gpt-5", b'"gpt-5', None),
    ],
)
def test_a_broken_row_of_an_export_is_one_reject_and_its_neighbors_load(
    tmp_path: Path, old: bytes, new: bytes, column: str | None
) -> None:
    head, first, *others = as_csv([spend_log(1), spend_log(2), spend_log(3)]).splitlines()
    assert old in first
    content = b"\n".join([head, first.replace(old, new, 1), *others])
    frame, rejects = calls_of(tmp_path, content)
    assert frame["natural_key"].to_list() == ["chatcmpl-2", "chatcmpl-3"]
    assert [(one.line_number, one.column_name) for one in rejects] == [(2, column)]


@pytest.mark.parametrize("header", [b"request_id\tstartTime\n", b"request_id;startTime\n"])
def test_a_table_of_another_kind_is_one_reject_with_the_right_way_to_export(
    tmp_path: Path, header: bytes
) -> None:
    frame, [reject] = calls_of(tmp_path, header + b"a\n" * 50)
    assert (frame.height, reject.reason_code) == (0, "unknown_layout")
    assert "csv header" in reject.remedy


def test_a_log_that_begins_within_a_record_is_no_table(tmp_path: Path) -> None:
    frame, [reject] = calls_of(
        tmp_path, ROWS[0][-200:] + b', "request_id": "a"}\n' + ROWS[1] + b"\n"
    )
    assert (frame.height, reject.reason_code) == (1, "bad_json")


def test_an_old_database_without_the_newest_columns_is_read(tmp_path: Path) -> None:
    columns = ("request_id", "startTime", "prompt_tokens", "completion_tokens")
    row = {name: value for name, value in spend_log(1).items() if name in columns}
    frame, rejects = calls_of(tmp_path, as_csv([row]))
    assert (frame["uncached_input_tokens"].to_list(), rejects) == ([11], [])


def test_an_export_that_grew_is_read_on_under_its_header(tmp_path: Path) -> None:
    content = as_csv([spend_log(number) for number in range(6)])
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    cut = len(b"\n".join(content.splitlines()[:4])) + 1
    whole = input_file(path)
    parts = [replace(whole, end_byte=cut), replace(whole, first_byte=cut, first_line=5)]
    frames = [translate(read, part) for part in parts]
    assert [rejects for _, rejects in frames] == [[], []]
    assert pl.concat([frame for frame, _ in frames]).equals(translate(read, whole)[0])


def test_nothing_private_leaves_an_export_or_a_payload(tmp_path: Path) -> None:
    for path in (EXPORT, GOLDEN / "litellm_payload" / "input.json"):
        content = path.read_bytes()
        assert b"CANARY" in content
        for end in (len(content), len(content) - 200):
            frame, rejects = calls_of(tmp_path, content[:end])
            shown = frame.write_ndjson().encode() + repr(rejects).encode()
            assert not any(canary in shown for canary in CANARIES)


@ONCE
@given(
    numbers=st.lists(st.integers(0, 20), min_size=1, max_size=12),
    seed=st.integers(0, 99),
    cut=st.integers(0, 30),
    extra=st.sampled_from([None, "CANARY", 10**30, [1], {"tokens": None}]),
    form=st.sampled_from(["ndjson", "csv"]),
)
def test_shuffled_repeated_cut_or_strange_files_give_the_right_rows_or_rejects(
    tmp_path: Path, numbers: list[int], seed: int, cut: int, extra: Any, form: str
) -> None:
    rows = [spend_log(number, zz_new=extra, user=None) for number in numbers]
    random.Random(seed).shuffle(rows)  # noqa: S311
    content = (as_csv(rows) if form == "csv" else ndjson(rows)).rstrip()
    content = b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n")
    cut = cut if form == "ndjson" else 0  # the last cell of a cut row of CSV may still be whole
    frame, rejects = calls_of(tmp_path, content[: len(content) - cut])
    assert (frame.height, len(rejects)) == (len(rows) - (cut > 0), cut > 0)
    assert set(frame["natural_key"]) <= {f"chatcmpl-{number}" for number in numbers}
    inputs = frame["uncached_input_tokens"]
    assert inputs.equals(frame["reported_input_tokens"].rename("uncached_input_tokens"))
    assert "CANARY" not in frame.write_ndjson() + repr(rejects)
