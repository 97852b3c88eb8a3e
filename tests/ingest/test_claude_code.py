"""Claude Code transcripts: every copy is landed once, and the copies of one event can be told."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from translated import CANARIES, GOLDEN, check_golden, input_file, ndjson, translate

from ingest.formats.record_rows import Row
from ingest.schema import INPUT_TOKEN_CLASSES, OUTPUT_TOKEN_CLASSES
from ingest.source import Reject
from ingest.sources.claude_code import read

SESSION = GOLDEN / "claude_code" / "session.jsonl"
SUBAGENT = GOLDEN / "claude_code" / "agent-ab12cd34.jsonl"
COUNT = st.one_of(st.none(), st.integers(0, 10**6))


def line(number: int, **changes: Any) -> dict[str, Any]:
    message = {
        "id": f"msg_{number}",
        "model": "claude-sonnet-4-5",
        "stop_reason": "end_turn",
        "content": [{"type": "text", "text": "CANARY"}],
        "usage": {
            "input_tokens": number,
            "cache_creation_input_tokens": 5,
            "cache_read_input_tokens": 7,
            "output_tokens": 3,
        },
    }
    return {
        "type": "assistant",
        "timestamp": f"2026-05-04T10:00:{number % 60:02}.000Z",
        "sessionId": "s",
        "requestId": f"req_{number}",
        "isSidechain": False,
        "message": message | changes.pop("message", {}),
    } | changes


def read_lines(path: Path, content: bytes) -> tuple[pl.DataFrame, list[Reject]]:
    path.write_bytes(content)
    return translate(read, input_file(path, "claude_code"))


def test_each_shape_of_line_keeps_its_tokens_keys_and_flags() -> None:
    check_golden(read, "claude_code", input_file(SESSION, "claude_code"))


def test_streamed_repeats_and_subagent_copies_share_an_event_id_and_none_is_dropped() -> None:
    session, _ = translate(read, input_file(SESSION, "claude_code"))
    subagent, _ = translate(read, input_file(SUBAGENT, "claude_code"))
    copies = pl.concat([session, subagent]).group_by("natural_key").agg("event_id", "line_number")
    found = {key: (ids, len(lines)) for key, ids, lines in copies.iter_rows()}
    assert len(found["msg_cc_1 req_cc_1"][0]) == 2
    assert len(found["msg_cc_2 req_cc_2"][0]) == 3
    assert all(len(set(ids)) == 1 for ids, _ in found.values())
    assert session["event_id"].n_unique() == session["natural_key"].n_unique()


def test_a_replay_on_a_side_chain_can_be_told_by_its_message() -> None:
    rows, _ = translate(read, input_file(SESSION, "claude_code"))
    replay = rows.filter(pl.col("is_sidechain") & (pl.col("request_id") == "msg_cc_1"))
    original = rows.filter(~pl.col("is_sidechain") & (pl.col("request_id") == "msg_cc_1"))
    assert replay.height == 1
    assert not set(replay["event_id"]) & set(original["event_id"])


@pytest.mark.parametrize("path", [SESSION, SUBAGENT])
def test_no_prompt_path_or_branch_leaves_a_transcript(path: Path) -> None:
    frame, rejects = translate(read, input_file(path, "claude_code"))
    written = frame.write_json() + repr(rejects)
    assert any(canary in path.read_bytes() for canary in CANARIES)
    assert not any(canary.decode() in written for canary in CANARIES)


def test_projects_are_told_apart_without_their_paths(tmp_path: Path) -> None:
    rows = [line(1, cwd="/home/a"), line(2, cwd="/home/b"), line(3, cwd="/home/a"), line(4)]
    frame, _ = read_lines(tmp_path / "s.jsonl", ndjson(rows))
    first, second, third, none = frame["project_id"]
    assert first == third != second
    assert none is None


@pytest.mark.parametrize(
    ("changed", "column", "reason"),
    [
        (line(1, message={"usage": {"input_tokens": "12"}}), "input_tokens", "bad_value"),
        (line(1, message={"usage": {"input_tokens": 1.5}}), "input_tokens", "bad_value"),
        (line(1, message={"usage": {"input_tokens": [1]}}), "input_tokens", "bad_value"),
        (line(1, message={"usage": {"input_tokens": -1}}), "input_tokens", "bad_value"),
        (line(1, message={"usage": {"output_tokens": 10**30}}), "output_tokens", "bad_value"),
        (line(1, message={"usage": "CANARY"}), "message.usage", "bad_value"),
        (line(1, message={"id": None}, requestId=None), "message.id", "missing_value"),
        (line(1, timestamp="yesterday"), "timestamp", "bad_timestamp"),
        (line(1, timestamp="2026-05-04T10:00:00"), "timestamp", "naive_timestamp"),
        (line(1, timestamp=None), "timestamp", "missing_value"),
    ],
)
def test_a_broken_line_is_one_reject_and_its_neighbors_load(
    tmp_path: Path, changed: dict[str, Any], column: str, reason: str
) -> None:
    frame, rejects = read_lines(tmp_path / "s.jsonl", ndjson([line(2), changed, line(3)]))
    assert frame["request_id"].to_list() == ["msg_2", "msg_3"]
    assert [(r.line_number, r.column_name, r.reason_code) for r in rejects] == [(2, column, reason)]
    assert "CANARY" not in repr(rejects)


def test_a_time_without_a_zone_is_read_in_the_zone_that_its_reject_asks_for(tmp_path: Path) -> None:
    path = tmp_path / "session.jsonl"
    path.write_bytes(ndjson([line(1, timestamp="2026-05-04T12:00:00")]))
    _, rejects = translate(read, input_file(path, "claude_code"))
    assert [(one.line_number, one.reason_code) for one in rejects] == [(1, "naive_timestamp")]
    assert '[claude_code] time_zone = "..."' in rejects[0].remedy
    frame, rejects = translate(read, input_file(path, "claude_code", time_zone="Europe/Berlin"))
    assert (frame["started_at"].item().isoformat(), rejects) == ("2026-05-04T10:00:00", [])


def test_a_line_that_is_no_usage_is_no_reject_whatever_it_holds(tmp_path: Path) -> None:
    rows: list[Row] = [
        {"type": "user", "timestamp": 5, "message": "text"},
        {"type": "system", "content": {"usage": 1}},
        {"type": "progress", "data": {"message": "text"}},
        {"type": "progress", "data": None},
        {"type": "assistant", "message": {"id": "m", "usage": None}},
        {"type": 7},
        {},
    ]
    frame, rejects = read_lines(tmp_path / "s.jsonl", ndjson(rows))
    assert (frame.height, rejects) == (0, [])


def test_without_any_id_of_a_message_its_line_counts_by_itself(tmp_path: Path) -> None:
    rows = [line(n, message={"id": None}, requestId=None, uuid=f"u-{n}") for n in (1, 2)]
    frame, _ = read_lines(tmp_path / "s.jsonl", ndjson(rows))
    assert frame["natural_key"].to_list() == ["u-1", "u-2"]


@settings(deadline=None, max_examples=60)  # the cores are shared
@given(
    st.lists(st.tuples(COUNT, COUNT, COUNT, COUNT, COUNT, COUNT), min_size=1, max_size=5),
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
    folder = tmp_path_factory.mktemp("claude")
    names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    rows = []
    for number, (*inputs, five, hour, output) in enumerate(counts):
        usage: dict[str, Any] = dict(zip(names, inputs, strict=True))
        usage["cache_creation"] = {"ephemeral_5m_input_tokens": five}
        usage["cache_creation"]["ephemeral_1h_input_tokens"] = hour
        rows.append(line(number, message={"usage": usage | {"output_tokens": output}}))
    plain, rejects = read_lines(folder / "plain.jsonl", ndjson(rows))
    assert rejects == []
    for row, (uncached, written, cached, five, hour, output) in zip(
        plain.to_dicts(), counts, strict=True
    ):
        writes = max(written or 0, (five or 0) + (hour or 0))
        inputs = sum(row[name] or 0 for name in INPUT_TOKEN_CLASSES)
        assert inputs == (uncached or 0) + (cached or 0) + writes
        assert sum(row[name] or 0 for name in OUTPUT_TOKEN_CLASSES) == (output or 0)
    mixed = [row | {"unheard_of": {"CANARY": [None]}} for row in rows]
    random.shuffle(mixed)
    content = line_end.join(json.dumps(row).encode() for row in mixed)
    frame, rejects = read_lines(folder / "mixed.jsonl", b"\xef\xbb\xbf" * has_bom + content)
    assert rejects == []
    order = "natural_key"
    assert frame.drop("line_number").sort(order).equals(plain.drop("line_number").sort(order))
