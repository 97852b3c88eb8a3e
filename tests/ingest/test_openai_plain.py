"""The plain form of an answer is a faster way to the same values, never to others."""

import json
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from translated import GOLDEN, input_file

from ingest import readers
from ingest.formats import plain_records
from ingest.formats.json_values import records
from ingest.formats.openai_body import KNOWN_FIELDS
from ingest.formats.openai_columns import TYPES
from ingest.formats.openai_plain import PlainBody, PlainUsage
from ingest.formats.plain_records import OtherRows, PlainForm, record_frames
from ingest.formats.record_rows import translated
from ingest.source import InputFile, Reject
from ingest.sources import openai_batch, openai_bodies

INPUTS: list[Any] = [
    None,
    {},
    {"cached_tokens": 3, "audio_tokens": 0},
    {"cached_tokens": None, "image_tokens": 4, "video_tokens": 1, "text_tokens": 2},
    {"cache_write_tokens": 9, "cache_write_tokens_details": {"ttl_30m_tokens": 4}},
    {"cache_write_tokens_details": {"ttl_12h_tokens": 4, "ttl_7d_tokens": 1}},
    {"cache_write_tokens_details": None},
    {"new_tokens": 4},
    {"cached_tokens": 12.0},
    {"cached_tokens": "3"},
    5,
    "5",
    [5],
]
OUTPUTS: list[Any] = [
    None,
    {"reasoning_tokens": 7, "audio_tokens": 0, "accepted_prediction_tokens": 4},
    {"rejected_prediction_tokens": 2, "image_tokens": 1, "text_tokens": 3},
    {"holographic_tokens": 2},
    {"holographic_tokens": 0},
    {"reasoning_tokens": -1},
]
COUNTS: list[Any] = [None, 0, 7, 10**9, 10**9 + 1, 10**25, -1, 12.0, "7", True, [7], {}]
USAGE: dict[str, list[Any]] = {
    "prompt_tokens": COUNTS,
    "completion_tokens": COUNTS,
    "total_tokens": COUNTS,
    "input_tokens": COUNTS,
    "output_tokens": COUNTS,
    "prompt_tokens_details": INPUTS,
    "input_tokens_details": INPUTS,
    "completion_tokens_details": OUTPUTS,
    "output_tokens_details": OUTPUTS,
    "prompt_tokens_details.cached_tokens": [8],
    "searches": [3, None, "CANARY", {"of": 2}],
    "é_tokens": [0, 5],
    'quoted "tokens': [5],
    "cost": [0.5],
}
TIMES: list[Any] = [
    None,
    0,
    0.0,
    -1,
    1_777_852_860,
    1_777_852_860.5,
    1_777_852_860.4820123,
    1_777_852_860_482,
    253_402_300_799,
    253_402_300_799.9,
    253_402_300_800,
    10**30,
    1e-7,
    1e300,
    "1777852860",
    True,
]
BODY: dict[str, list[Any]] = {
    "id": [None, "", "x", 5],
    "object": [None, "", "list", "response", "chat.completion.chunk", "x", 5],
    "created": TIMES,
    "created_at": TIMES,
    "completed_at": TIMES,
    "model": [None, "", "gpt-5", 5],
    "service_tier": [None, "", "flex"],
    "status": [None, "", "completed", "failed", "cancelled", "incomplete", "queued", 5],
    "choices": [
        None,
        [],
        [{}],
        [{"finish_reason": ""}, {"finish_reason": "length"}],
        [{"finish_reason": 5}],
        {},
    ],
    "incomplete_details": [None, {}, {"reason": ""}, {"reason": "max_output_tokens"}, "x"],
    "error": [
        None,
        "",
        "CANARY",
        {},
        {"code": "c", "type": "t"},
        {"code": 0, "type": "t"},
        {"code": 429},
        {"type": ""},
        5,
    ],
    "usage": [None, {}, [], 5, "CANARY"],
    "other_counts": [None, {}, 5],
}
LINE: dict[str, list[Any]] = {
    "id": [None, "", "line", 5],
    "error": [None, {}, {"code": "batch_expired"}, "x"],
    "response": [None, {}, {"status_code": 200}, {"status_code": 400, "body": None}, 5],
}
RAW_LINES = [
    b"",
    b"null",
    b"[]",
    b'{"a":"}',
    b'{"}',
    b"{}{}",
    b'[{"id": "q", "created": 1777852860}, {"id": "q2", "created":\n1, "usage": {"x_tokens": 1}}]',
    b'{"id": "q", "created": 1777852860}{"id": "q2", "created": 1777852860}',
    b'{"id": "\xff", "created": 1777852860}',
    b'{"id": "q", "created": 1777852860, "usage": {"\xff": 5}}',
    b'{"id": "q", "created": 1777852860, "usage": {"text": "\xff"}}',
    b'{"id": "q", "created": 1777852860, "prompt": "\xff"}',
    b'{"id": "q", "created": 1777852860, "usage": {"prompt_\\u0074okens": 5}}',
    b'{"id": "q", "created": 1777852860, "usage": {"prompt_tokens": 5, "prompt_tokens": 6}}',
]


def changes(values: dict[str, list[Any]], most: int) -> st.SearchStrategy[dict[str, Any]]:
    one = st.sampled_from(sorted(values)).flatmap(
        lambda name: st.tuples(st.just(name), st.sampled_from(values[name]))
    )
    return st.lists(one, max_size=most).map(dict)


def body(number: int, usage: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": 1_777_852_800 + number,
        "model": "gpt-5",
        "choices": [{"finish_reason": "stop", "message": {"content": "CANARY"}}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, **usage},
        **changed,
    }


def line(number: int, answer: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    response = {"status_code": 200 + 200 * (number % 5 == 0), "body": answer}
    return {"id": f"batch_req_{number}", "response": response, "error": None, **changed}


BODIES = st.builds(body, st.integers(0, 40), changes(USAGE, 3), changes(BODY, 2))
LINES = st.builds(
    line, st.integers(0, 40), st.one_of(BODIES, st.none(), changes(BODY, 2)), changes(LINE, 1)
)


def texts(rows: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[list[bytes]]:
    one = rows.map(lambda row: json.dumps(row).encode())
    return st.lists(st.one_of(one, one, one, st.sampled_from(RAW_LINES)), max_size=10)


def collected(items: Any) -> tuple[pl.DataFrame, list[Reject]]:
    frames, rejects = [pl.DataFrame(schema=dict(TYPES))], []
    for item in items:
        (rejects if isinstance(item, Reject) else frames).append(item)
    return pl.concat(frames), rejects


def check(file: InputFile, form: PlainForm) -> None:
    others = form.translate
    assert isinstance(others, OtherRows)
    items = list(translated(records(file), others.translate, others.time_column))
    wanted_rejects = [item for item in items if isinstance(item, Reject)]
    rows = [item for item in items if not isinstance(item, Reject)]
    wanted = collected([others.frame(rows).select(*TYPES)] if rows else [])[0]
    frame, rejects = collected(record_frames(file, form))
    assert_frame_equal(frame, wanted)
    assert rejects == wanted_rejects


def check_cut(path: Path, source: str, cuts: tuple[int, int, int]) -> None:
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(readers, "BLOCK_BYTES", cuts[0])
        changed.setattr(plain_records, "DECODED_BYTES", cuts[1])
        changed.setattr(plain_records, "GROUP_BYTES", cuts[2])
        file = input_file(path, source)
        check(file, openai_bodies.FORM if source == "openai_bodies" else openai_batch.form_of(file))


MANY = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CUTS = st.tuples(
    st.sampled_from([1, 700, readers.BLOCK_BYTES]),
    st.sampled_from([1, 900, plain_records.DECODED_BYTES]),
    st.sampled_from([1, 1500, plain_records.GROUP_BYTES]),
)


@MANY
@given(lines=texts(BODIES), cuts=CUTS)
def test_whatever_answers_hold_both_ways_give_the_same(
    tmp_path: Path, lines: list[bytes], cuts: tuple[int, int, int]
) -> None:
    path = tmp_path / "bodies.ndjson"
    path.write_bytes(b"\n".join(lines))
    check_cut(path, "openai_bodies", cuts)


@MANY
@given(lines=texts(LINES), cuts=CUTS, name=st.sampled_from(["2026-05-04.jsonl", "output.jsonl"]))
def test_whatever_a_batch_holds_both_ways_give_the_same(
    tmp_path: Path, lines: list[bytes], cuts: tuple[int, int, int], name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(b"\n".join(lines))
    check_cut(path, "openai_batch", cuts)


@pytest.mark.parametrize("source", ["openai_bodies", "openai_batch"])
def test_every_value_is_the_same_both_ways(tmp_path: Path, source: str) -> None:
    rows = [
        body(number, {name: value}, {})
        for name, values in USAGE.items()
        for number, value in enumerate(values)
    ]
    rows += [
        body(number, {}, {name: value})
        for name, values in BODY.items()
        for number, value in enumerate(values)
    ]
    if source == "openai_batch":
        rows = [line(number, row, {}) for number, row in enumerate(rows)]
        rows += [line(1, body(1, {}, {}), {name: v}) for name, vs in LINE.items() for v in vs]
        rows += [line(1, body(1, {}, {"usage": u}), {}) for u in ({}, {"prompt_tokens": None})]
    path = tmp_path / "2026-05-04.jsonl"
    for row in rows:
        path.write_bytes(b"\n".join(json.dumps(one).encode() for one in (rows[0], row, rows[1])))
        check_cut(path, source, (readers.BLOCK_BYTES, 1, plain_records.GROUP_BYTES))


@pytest.mark.parametrize("source", ["openai_bodies", "openai_batch"])
def test_the_golden_answers_are_the_same_both_ways(source: str) -> None:
    for path in (GOLDEN / source).glob("*.*l"):
        check_cut(path, source, (readers.BLOCK_BYTES, 1, plain_records.GROUP_BYTES))


def test_the_plain_usage_has_all_known_fields_and_no_others() -> None:
    def paths(kind: Any, at: str = "") -> set[str]:
        found: set[str] = set()
        for field in msgspec.structs.fields(kind):
            inner = [
                t for t in getattr(field.type, "__args__", ()) if hasattr(t, "__struct_fields__")
            ]
            name = at + field.encode_name
            found |= paths(inner[0], f"{name}.") if inner else {name}
        return found

    assert paths(PlainUsage) == KNOWN_FIELDS


def test_an_answer_as_openai_writes_it_is_plain() -> None:
    text = json.dumps(body(1, {"prompt_tokens_details": INPUTS[2]}, {})).encode()
    plain = msgspec.json.decode(text, type=PlainBody)
    form = openai_bodies.FORM
    frame = form.columns(form.values([plain]))
    assert frame["is_plain"].all()
    assert frame["quality_flags"].to_list() == [""]
