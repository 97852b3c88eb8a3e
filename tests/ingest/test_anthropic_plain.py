"""The plain form of an answer is a faster way to the same values, never to others."""

import json
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from translated import GOLDEN, input_file

from ingest import readers
from ingest.formats import plain_records
from ingest.formats.anthropic_columns import TOLD, TYPES
from ingest.formats.anthropic_plain import Inside, PlainEnvelope, PlainUsage
from ingest.formats.anthropic_usage import OUTSIDE_TOTALS
from ingest.formats.json_values import records
from ingest.formats.plain_records import OtherRows, record_frames
from ingest.formats.record_rows import translated
from ingest.source import InputFile, Reject
from ingest.sources.anthropic_messages import NAME, form_of

COUNTS: list[Any] = [None, 0, 7, 10**9, 10**9 + 1, 10**25, -1, 12.0, "7", True, [7], {}]
USAGE: dict[str, list[Any]] = {
    "input_tokens": COUNTS,
    "output_tokens": COUNTS,
    "cache_read_input_tokens": COUNTS,
    "cache_creation_input_tokens": COUNTS,
    "cache_creation": [
        None,
        {},
        {"ephemeral_5m_input_tokens": 4, "ephemeral_1h_input_tokens": 0},
        {"ephemeral_1h_input_tokens": 9},
        {"ephemeral_7d_input_tokens": 9},
        {"ephemeral_5m_input_tokens": "4"},
        5,
        [5],
    ],
    "output_tokens_details": [None, {}, {"thinking_tokens": 3}, {"dreaming_tokens": 3}, 5],
    "server_tool_use": [
        None,
        {"web_search_requests": 1, "web_fetch_requests": 0},
        {"web_search_requests": None},
        {"web_search_requests": 1.5},
        {"code_runs": 2},
    ],
    "service_tier": [None, "", "standard", "batch", "priority", 5, []],
    "inference_geo": [None, "", "global", "not_available", 5],
    "speed": [None, "", "standard", "fast", 5],
    "iterations": [
        None,
        [],
        [{"type": "message", "input_tokens": 5, "cache_creation": None}],
        [{"type": "message"}, {"type": "fallback_message", "model": "m", "output_tokens": 2}],
        [{"type": "message", "input_tokens": 5}, 4, None],
        [{"type": "message", "input_tokens": "5"}, {"input_tokens": 5}],
        [{"type": "compaction", "input_tokens": 180, "output_tokens": 35}],
        [{"type": "advisor_message", "model": "m", "input_tokens": 8, "new_tokens": 1}],
        [{"type": "compaction", "input_tokens": "180"}],
        {"type": "compaction", "input_tokens": 5},
        5,
    ],
    "telepathy_tokens": [0, 1, None, "1"],
    "cache_creation.ephemeral_5m_input_tokens": [8],
    "é_tokens": [5],
    'quoted "tokens': [5],
    "note": ["CANARY"],
}
TIMES: list[Any] = [
    None,
    "",
    0,
    0.0,
    -1,
    1_777_852_860,
    1_777_852_860.5,
    1_777_852_860.4820123,
    1_777_852_860_482,
    253_402_300_800,
    1e300,
    "2026-05-04T10:00:00Z",
    "2026-05-04T10:00:00.250Z",
    "2026-05-04T10:00:00.1234567+02:00",
    "2026-05-04T10:00:00",
    "2026-05-04 10:00:00.5",
    "2026-02-30T10:00:00Z",
    "2026-10-25T02:30:00",
    "1777852860",
    True,
]
MESSAGE: dict[str, list[Any]] = {
    "id": [None, "", "msg_bdrk_1", "msg_vrtx_1", "msg_bdr", "é", 5],
    "request_id": [None, "", "msg_bdrk_r", "req_1", 5],
    "timestamp": TIMES,
    "created_at": TIMES,
    "model": [None, "", "claude", 5],
    "stop_reason": [None, "", "end_turn", 5],
    "error": [None, {}, {"type": ""}, {"type": "overloaded_error", "message": "CANARY"}, "x"],
    "type": [None, "message_start", "error", 5],
    "usage": [None, {}, [], 5, "CANARY"],
    "message": ["CANARY", None, [], 5],
    "result": [{}, {"type": "expired"}, {"message": None}, None, "x", 5],
    "other_counts": [None, 5],
}
RAW_LINES = [
    b"",
    b"null",
    b"[]",
    b'{"a":"}',
    b'{"}',
    b"{}{}",
    b'[{"id": "q", "timestamp": 1777852860}, {"id": "q2", "timestamp":\n1, "usage": {"x": 1}}]',
    b'{"id": "q", "timestamp": 1777852860}{"id": "q2", "timestamp": 1777852860}',
    b'{"id": "\xff", "timestamp": 1777852860}',
    b'{"id": "q", "timestamp": 1777852860, "usage": {"\xff": 5}}',
    b'{"id": "q", "timestamp": 1777852860, "usage": {"iterations": ["\xff"]}}',
    b'{"id": "q", "timestamp": 1777852860, "content": "\xff"}',
    b'{"id": "q", "timestamp": 1777852860, "usage": {"input_\\u0074okens": 5}}',
    b'{"id": "q", "timestamp": 1777852860, "usage": {"input_tokens": 5, "input_tokens": 6}}',
    b'{"id": "q", "timestamp": 1777852860, "message": {"id": "m", "usage": {"a_tokens": 5}}}',
    b'{"usage": {"a_tokens": "x"}, "timestamp": 1777852860, "message": {"id": "m"}}',
    b'{"usage": {"a_tokens": 1}, "timestamp": 1777852860, "message": {"id": "m"}}',
    b'{"usage": [1], "timestamp": 1777852860, "message": {"id": "m", "usage": {"b_tokens": 1}}}',
    b'{"message": {"id": 5}, "timestamp": 1777852860, "result": {"message": {"id": "m"}}}',
]


def changes(values: dict[str, list[Any]], most: int) -> st.SearchStrategy[dict[str, Any]]:
    one = st.sampled_from(sorted(values)).flatmap(
        lambda name: st.tuples(st.just(name), st.sampled_from(values[name]))
    )
    return st.lists(one, max_size=most).map(dict)


def message(number: int, usage: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"msg_{number}",
        "type": "message",
        "timestamp": f"2026-05-04T10:00:{number:02}Z",
        "model": "claude-sonnet-4-5",
        "stop_reason": "end_turn",
        "content": [{"type": "text", "text": "CANARY"}],
        "usage": {"input_tokens": 10, "output_tokens": 5, **usage},
        **changed,
    }


def wrapped(shape: int, answer: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    if shape == 0:
        return answer
    if shape == 1:
        return {"timestamp": "2026-05-04T11:00:00Z", "message": answer} | changed
    return {"custom_id": "CANARY", "result": {"type": "succeeded", "message": answer}} | changed


MESSAGES = st.builds(message, st.integers(0, 40), changes(USAGE, 3), changes(MESSAGE, 2))
ROWS = st.builds(wrapped, st.integers(0, 2), MESSAGES, changes(MESSAGE, 1))
ONE = ROWS.map(lambda row: json.dumps(row).encode())
LINES = st.lists(st.one_of(ONE, ONE, ONE, st.sampled_from(RAW_LINES)), max_size=10)
ZONES: list[dict[str, str]] = [{}, {"time_zone": "UTC"}, {"time_zone": "Europe/Berlin"}]


def collected(items: Any) -> tuple[pl.DataFrame, list[Reject]]:
    frames, rejects = [pl.DataFrame(schema=dict(TYPES))], []
    for item in items:
        (rejects if isinstance(item, Reject) else frames).append(item)
    return pl.concat(frames), rejects


def check(file: InputFile) -> None:
    form = form_of(file)
    others = form.translate
    assert isinstance(others, OtherRows)
    items = list(translated(records(file), others.translate, others.time_column))
    wanted_rejects = [item for item in items if isinstance(item, Reject)]
    rows = [item for item in items if not isinstance(item, Reject)]
    wanted = collected([others.frame(rows).select(*TYPES)] if rows else [])[0]
    frame, rejects = collected(record_frames(file, form))
    assert_frame_equal(frame, wanted)
    assert rejects == wanted_rejects


@settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    lines=LINES,
    name=st.sampled_from(["2026-05-04.jsonl", "messages.jsonl"]),
    options=st.sampled_from(ZONES),
    block_bytes=st.sampled_from([1, 700, readers.BLOCK_BYTES]),
    decoded_bytes=st.sampled_from([1, 900, plain_records.DECODED_BYTES]),
    group_bytes=st.sampled_from([1, 1500, plain_records.GROUP_BYTES]),
)
def test_whatever_answers_hold_both_ways_give_the_same(
    tmp_path: Path,
    lines: list[bytes],
    name: str,
    options: dict[str, str],
    block_bytes: int,
    decoded_bytes: int,
    group_bytes: int,
) -> None:
    path = tmp_path / name
    path.write_bytes(b"\n".join(lines))
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(readers, "BLOCK_BYTES", block_bytes)
        changed.setattr(plain_records, "DECODED_BYTES", decoded_bytes)
        changed.setattr(plain_records, "GROUP_BYTES", group_bytes)
        check(input_file(path, NAME, **options))


def test_every_value_is_the_same_both_ways(tmp_path: Path) -> None:
    answers = [message(1, {name: value}, {}) for name, values in USAGE.items() for value in values]
    answers += [
        message(2, {}, {name: value}) for name, values in MESSAGE.items() for value in values
    ]
    rows = [wrapped(shape, answer, {}) for answer in answers for shape in range(3)]
    path = tmp_path / "2026-05-04.jsonl"
    for row in rows:
        path.write_bytes(b"\n".join(json.dumps(one).encode() for one in (rows[0], row, rows[1])))
        check(input_file(path, NAME))
    path.write_bytes(b"\n".join(json.dumps(row).encode() for row in rows))
    for options in ZONES:
        check(input_file(path, NAME, **options))


def test_the_golden_answers_are_the_same_both_ways() -> None:
    for path in (GOLDEN / NAME).glob("*.jsonl"):
        check(input_file(path, NAME))


def test_the_plain_usage_has_all_counts_that_are_told_and_no_others() -> None:
    def paths(kind: Any, at: str = "") -> set[str]:
        found: set[str] = set()
        for field in msgspec.structs.fields(kind):
            types = getattr(field.type, "__args__", (field.type,))
            inner = [one for one in types if hasattr(one, "__struct_fields__")]
            name = at + field.encode_name
            found |= paths(inner[0], f"{name}.") if inner else {name}
        return found

    others = {"service_tier", "inference_geo", "speed", "iterations"}
    assert paths(PlainUsage) == {*TOLD} | others
    assert not {*get_args(get_type_hints(Inside)["type"])} & {*OUTSIDE_TOTALS}


def test_an_answer_as_anthropic_writes_it_is_plain() -> None:
    usage = {name: USAGE[name][2] for name in ("cache_creation", "output_tokens_details")}
    rows = [wrapped(shape, message(1, usage, {}), {}) for shape in range(3)]
    plain = [msgspec.convert(row, PlainEnvelope) for row in rows]
    form = form_of(input_file(Path("2026-05-04.jsonl"), NAME))
    frame = form.columns(form.values(plain))
    assert frame["is_plain"].all()
    assert frame["quality_flags"].to_list() == ["", "", ""]
