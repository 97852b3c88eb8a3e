"""The plain form of a request is a faster way to the same values, never to others."""

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
from ingest.formats.plain_records import record_frames
from ingest.formats.record_rows import translated
from ingest.formats.sglang_columns import TYPES
from ingest.formats.sglang_plain import PLAIN_REQUEST, RequestDecoder
from ingest.formats.sglang_request import FLAGS, RequestReader, event_columns
from ingest.source import InputFile, Reject
from ingest.sources.sglang_requests import NAME, form_of

EXPORT = "sglang-request-metrics-20260504_16.log"
REPEATED_HOUR = "sglang-request-metrics-20261025_02.log"
GONE = object()
COUNTS: list[Any] = [GONE, None, 0, 7, 10**9, 10**9 + 1, 10**25, -1, 12.0, 1.5, "7", True, [3], {}]
TIMES: list[Any] = [
    GONE,
    None,
    0,
    0.0,
    1777903391,
    1777903391.4820123,
    1777903393.972,
    1777903391482,
    99999999999.9,
    1e11,
    1e300,
    -1.5,
    "1777903391.482",
    "now",
    [1],
]
SPANS: list[Any] = [
    GONE,
    None,
    0,
    0.0,
    1,
    0.121,
    2.4911000728607178,
    604799.9999999,
    604800.0,
    604800.1,
    1e-7,
    1e22,
    -0.5,
    "2.5",
    {},
]
VALUES: dict[str, list[Any]] = {
    "id": [GONE, None, "", "r", "é", 5, ["r"]],
    "request_parameters": [
        GONE,
        None,
        "",
        "CANARY",
        '{"rid": "inner", "text": "CANARY token"}',
        '{"rid": ""}',
        '{"rid": 5}',
        {"rid": "x"},
    ],
    "finish_reason": [
        GONE,
        None,
        "",
        "stop",
        "abort",
        {},
        {"type": None},
        {"type": "abort", "message": "too many tokens"},
        {"type": "length", "tokens": 5},
        {"type": 4},
        [1],
    ],
    "prompt_tokens": COUNTS,
    "completion_tokens": COUNTS,
    "cached_tokens": COUNTS,
    "reasoning_tokens": COUNTS,
    "cached_tokens_details": [
        GONE,
        None,
        {},
        {"device": 5, "host": 0},
        {"device": None, "storage": 4, "total": 4},
        {"device": "x"},
        {"device": 1.5, "total": 10**10},
        {"disk": 3},
        {"disk_tokens": 3},
        {"disk_tokens": "3"},
        4,
        [4],
    ],
    "novel_tokens": [0, 4, None, "4", 4.0, 10**10, 10**19, 10**20, [1], {"tokens": 4}],
    "unknown_token_field": [3],
    "Token": [3],
    "token_ids": [[1], "CANARY"],
    "first_token_latency": SPANS,
    "e2e_latency": SPANS,
    "request_received_ts": TIMES,
    "request_finished_ts": TIMES,
    "weight_version": ["token", 'a "prompt_tokens": 3'],
    "other": [{"tokens": 5}, [{"tokens": 5}], "é"],
    "event": [None, "request.finished", "request.received", 5],
    "timestamp": [None, "2026-10-25T02:10:00", 5],
    "rid": [None, "outer", 5],
    "out": [None, {}, {"meta_info": {"id": "m"}}, 5],
}
RAW_LINES = [
    b"",
    b"null",
    b"[]",
    b'[{"id": "q", "request_received_ts": 1777903391}]',
    b'{"id": "q", "request_received_ts": 1777903391}{"id": "q2", "request_received_ts": 1}',
    b'{"id": "q",',
    b'"request_received_ts": 1777903391}',
    b'{"a":"}',
    b'{"}',
    b'{"id": "q", "request_received_ts": 1777903391, "novel_\\u0074okens": 4}',
    b'{"id": "q", "request_received_ts": 1777903391, "prompt_\\u0074okens": 4, "a_tokens": 5}',
    b'{"id": "q", "request_received_ts": 1777903391, "x\\"prompt_tokens": 4}',
    b'{"id": "q", "request_received_ts": 1777903391, "prompt_tokens": 4, "prompt_tokens": 5}',
    b'{"id": "q", "request_received_ts": 1777903391, "prompt_tokens" : 4, "new_tokens" : 5}',
    b'{"id": "q", "request_received_ts": 1777903391, "\xff": 4}',
    b'{"id": "q", "request_received_ts": 1777903391, "text": "\xff"}',
    b'{"id": "\xff", "request_received_ts": 1777903391}',
    b'{"request_parameters": "\xff", "request_received_ts": 1777903391}',
    b'{"id": "q", "request_received_ts": 1777903391.48200000000000000000001}',
    b'{"id": "q", "request_received_ts": 1777903391.482000999999999}',
    b'{"id": "q", "request_received_ts": 1777903391, "e2e_latency": 0.000000999999999999999999999}',
    b'{"id": "q", "request_received_ts": 1777903391, "request_finished_ts": 0.0000001}',
    b'{"id": "q", "request_received_ts": 1777903391, "first_token_latency": 0}',
    b'{"id": "q", "request_received_ts":\t1.777903391482e9}',
]


def request(number: int, changes: dict[str, Any]) -> bytes:
    row = {
        "request_parameters": json.dumps({"rid": f"r{number}", "text": "a token CANARY"}),
        "id": f"r{number}",
        "finish_reason": {"type": "stop", "matched": 1},
        "prompt_tokens": 10 + number,
        "completion_tokens": 4,
        "cached_tokens": 3,
        "e2e_latency": 2.4911,
        "request_received_ts": 1777903391.482 + number,
        "first_token_latency": 0.121,
        "request_finished_ts": 1777903393.972 + number,
    } | changes
    told = {name: value for name, value in row.items() if value is not GONE}
    return json.dumps(told, ensure_ascii=number % 2 == 0).encode()


def logged(minute: int) -> bytes:
    meta = {"id": f"m{minute}", "prompt_tokens": 3, "novel_tokens": minute % 2}
    out = {"meta_info": meta, "text": "CANARY"}
    local = f"2026-10-25T0{1 + minute // 60}:{minute % 60:02}:00"
    return json.dumps({"timestamp": local, "event": "request.finished", "out": out}).encode()


CHANGES = st.lists(
    st.sampled_from(sorted(VALUES)).flatmap(
        lambda name: st.tuples(st.just(name), st.sampled_from(VALUES[name]))
    ),
    max_size=3,
).map(dict)
LINES = st.one_of(
    st.builds(request, st.integers(0, 40), CHANGES),
    st.builds(request, st.integers(0, 40), st.just({"request_received_ts": GONE})),
    st.builds(logged, st.integers(0, 150)),
    st.sampled_from(RAW_LINES),
)


def collected(items: Any) -> tuple[pl.DataFrame, list[Reject]]:
    frames, rejects = [pl.DataFrame(schema=dict(TYPES))], []
    for item in items:
        (rejects if isinstance(item, Reject) else frames).append(item)
    return pl.concat(frames), rejects


def check(file: InputFile) -> None:
    reader = RequestReader(file, NAME)
    rows: list[Any] = list(translated(readers.lines(file), reader.translate))
    wanted_rejects = [row for row in rows if isinstance(row, Reject)]
    rows = [row for row in rows if not isinstance(row, Reject)]
    wanted = collected([event_columns(rows).select(*TYPES)] if rows else [])[0]
    frame, rejects = collected(record_frames(file, form_of(file)))
    assert_frame_equal(frame, wanted)
    assert rejects == wanted_rejects


@settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    lines=st.lists(LINES, max_size=12),
    name=st.sampled_from([EXPORT, REPEATED_HOUR, "requests.log"]),
    options=st.sampled_from(
        [{}, {"time_zone": "UTC", "model_name": "m"}, {"time_zone": "Europe/Berlin"}]
    ),
    block_bytes=st.sampled_from([1, 700, readers.BLOCK_BYTES]),
    decoded_bytes=st.sampled_from([1, 900, plain_records.DECODED_BYTES]),
    group_bytes=st.sampled_from([1, 1500, plain_records.GROUP_BYTES]),
)
def test_whatever_the_records_hold_both_ways_give_the_same(
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


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_the_golden_records_are_the_same_both_ways(zone: str) -> None:
    for path in (GOLDEN / NAME).glob("*.log"):
        check(input_file(path, NAME, time_zone=zone))


def test_every_value_is_the_same_both_ways(tmp_path: Path) -> None:
    path = tmp_path / EXPORT
    lines = [
        request(number, {name: value})
        for name, values in VALUES.items()
        for number, value in enumerate(values)
    ]
    for block in ([line] for line in [*lines, *RAW_LINES]):
        path.write_bytes(b"\n".join([request(40, {}), *block, request(41, {})]))
        check(input_file(path, NAME, time_zone="Europe/Berlin"))


def test_a_local_hour_between_doubled_times_is_kept_in_the_order_of_lines(tmp_path: Path) -> None:
    path = tmp_path / EXPORT
    without_time = request(1, {"request_received_ts": GONE})
    path.write_bytes(
        b"\n".join([logged(90), logged(65), without_time, without_time, logged(70), logged(95)])
    )
    check(input_file(path, NAME, time_zone="Europe/Berlin"))


def test_a_record_as_sglang_writes_it_is_plain() -> None:
    file = input_file(Path(EXPORT), NAME, time_zone="UTC")
    form = form_of(file)
    rows = RequestDecoder().decode_lines(
        b"\n".join([request(0, {}), request(2, {"request_received_ts": GONE})])
    )
    assert all(row.other_counts is None for row in rows)
    plain = form.columns(form.values(rows))
    assert plain["is_plain"].all()
    assert plain.select(FLAGS).rows() == [(False, False, False), (True, False, False)]


def test_the_plain_form_never_decodes_what_was_said() -> None:
    fields = {field.encode_name: field.type for field in msgspec.structs.fields(PLAIN_REQUEST.type)}
    assert fields["request_parameters"] is msgspec.Raw
    assert not {"obj", "text"} & fields.keys()
