"""The plain form of a row is a faster way to the same values, never to others."""

import json
from pathlib import Path
from typing import Any, get_args, get_type_hints

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from translated import GOLDEN, input_file, spend_log

from ingest import readers
from ingest.formats import plain_records
from ingest.formats.json_values import records
from ingest.formats.litellm_fields import METADATA, ROW
from ingest.formats.litellm_plain import PLAIN_ROW
from ingest.formats.litellm_row import KNOWN_FIELDS, TYPES, translate
from ingest.formats.plain_records import record_frames, row_frames
from ingest.source import InputFile, Reject
from ingest.sources.litellm import FORM

USAGES: list[dict[str, Any] | None] = [
    None,
    {},
    {"prompt_tokens": 5, "completion_tokens": 0, "total_tokens": None},
    {"prompt_tokens_details": {"cached_tokens": 3, "audio_tokens": 0}, "service_tier": "flex"},
    {"prompt_tokens_details": None, "completion_tokens_details": {"reasoning_tokens": 7}},
    {"prompt_tokens_details": {"cache_creation_token_details": {"ephemeral_1h_input_tokens": 2}}},
    {"completion_tokens_details": {"new_tokens": 4}},
    {"new_tokens": 0},
    {"prompt_tokens": "5"},
    {"prompt_tokens_details.cached_tokens": 8},
    {"server_tool_use": {"web_search_requests": 3}},
]
VALUES: dict[str, list[Any]] = {
    "request_id": [None, "", "c_cache_hit1.5", "b_batch_cost", 7],
    "id": ["payload", ""],
    "litellm_call_id": ["call", ""],
    "startTime": [
        None,
        "",
        "2026-05-02 01:00:00",
        "2026-05-02T01:00:00.123456+00:00",
        "2026-02-30T01:00:00Z",
        "2026-05-02T01:00:00+02:00",
        1777683600.25,
        1777683600,
        0,
    ],
    "endTime": [None, "", "2026-05-02T03:00:00.5Z", "later", 1777683601],
    "completionStartTime": [None, "2026-05-02T01:00:02Z", "2026-05-04T01:00:02.250Z", "x"],
    "spend": [None, "0.5", "free", [1], 1e-7, 0.1234567890125, 1e12, 10**40, -3, True],
    "response_cost": [None, 0.25],
    "stream": [None, True, False, "yes"],
    "cache_hit": [None, True, False, "True", "False", "None"],
    "model": [None, "", "azure/gpt-5", "/x", "gpt-5"],
    "custom_llm_provider": [None, "", "bedrock", "hosted_vllm", "x"],
    "call_type": [None, "acompletion", "aresponses", "x"],
    "api_key": [None, "sk-secret", "hash"],
    "status": [None, "success", "failure", "x"],
    "user": [None, "", "u", 5],
    "error_information": [None, {"error_class": "Timeout"}, "x"],
    "cost_breakdown": [None, {"service_tier": "flex", "vertex_location": ""}],
    "prompt_tokens": [None, 0, 10**9, 10**9 + 1, 1.0, -1],
    "data": [None, [], {"x": 1}],
}
METADATAS: dict[str, list[Any]] = {
    "usage_object": list(USAGES),
    "additional_usage_values": [None, {}, {"prompt_tokens": 9}],
    "user_api_key_user_id": [None, "", "m"],
    "user_api_key_team_id": [None, "team"],
    "batch_successful_requests": [None, 0, 12],
    "error_information": [None, {"error_class": "Other"}],
}


def changes(values: dict[str, list[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    one = st.sampled_from(sorted(values)).flatmap(
        lambda name: st.tuples(st.just(name), st.sampled_from(values[name]))
    )
    return st.lists(one, max_size=3).map(dict)


METADATA_TEXTS = st.one_of(
    st.none(), changes(METADATAS), changes(METADATAS).map(json.dumps), st.just("{broken")
)
LINES = st.one_of(
    st.builds(
        lambda number, changed, metadata: json.dumps(
            spend_log(number, metadata=metadata, **changed)
        ).encode(),
        st.integers(0, 40),
        changes(VALUES),
        METADATA_TEXTS,
    ),
    st.sampled_from(
        [
            b"",
            b"null",
            b'{"a":"}',
            b'{"}',
            b"{}{}",
            b'{"data":[{"request_id":"p1","startTime":"2026-05-02T01:00:00Z"},{"request_id":"p2"}]}',
            b'[{"request_id":"q","startTime":"2026-05-02T01:00:00Z","spend":[1,\n2]}]',
            b'{"request_id":"\xff","startTime":"2026-05-02T01:00:00Z"}',
            b'{"request_id":"r","startTime":"2026-05-02T01:00:00Z","spend":"\xff"}',
            b'{"spend":\n1,"request_id":"r","startTime":"2026-05-02T01:00:00Z"}',
        ]
    ),
)


def read_slowly(file: InputFile) -> tuple[pl.DataFrame, list[Reject]]:
    return collected(row_frames(records(file, "data"), FORM.translate, TYPES))


def collected(items: Any) -> tuple[pl.DataFrame, list[Reject]]:
    frames, rejects = [pl.DataFrame(schema=dict(TYPES))], []
    for item in items:
        (rejects if isinstance(item, Reject) else frames).append(item)
    return pl.concat(frames), rejects


def check(file: InputFile) -> None:
    frame, rejects = collected(record_frames(file, FORM))
    wanted, wanted_rejects = read_slowly(file)
    assert_frame_equal(frame, wanted)
    assert sorted(rejects, key=repr) == sorted(wanted_rejects, key=repr)


@settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    lines=st.lists(LINES, max_size=12),
    block_bytes=st.sampled_from([1, 700, readers.BLOCK_BYTES]),
    decoded_bytes=st.sampled_from([1, 900, plain_records.DECODED_BYTES]),
    group_bytes=st.sampled_from([1, 1500, plain_records.GROUP_BYTES]),
)
def test_whatever_the_rows_hold_both_ways_give_the_same(
    tmp_path: Path, lines: list[bytes], block_bytes: int, decoded_bytes: int, group_bytes: int
) -> None:
    path = tmp_path / "log.ndjson"
    path.write_bytes(b"\n".join(lines))
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(readers, "BLOCK_BYTES", block_bytes)
        changed.setattr(plain_records, "DECODED_BYTES", decoded_bytes)
        changed.setattr(plain_records, "GROUP_BYTES", group_bytes)
        check(input_file(path))


def test_the_golden_rows_are_the_same_both_ways() -> None:
    for path in GOLDEN.glob("litellm*/input.*json"):
        check(input_file(path))


def test_usage_of_many_shapes_is_told_in_full(tmp_path: Path) -> None:
    names = sorted(name for name in KNOWN_FIELDS if "." not in name)
    usages = [
        {name: 1 + place for place, name in enumerate(names) if shape >> place & 1}
        for shape in range(2 ** len(names))
    ]
    path = tmp_path / "log.ndjson"
    path.write_bytes(
        b"\n".join(
            json.dumps(spend_log(n, metadata={"usage_object": usage})).encode()
            for n, usage in enumerate(usages)
        )
    )
    check(input_file(path))
    details = collected(record_frames(input_file(path), FORM))[0]["reported_details"].to_list()
    assert [json.loads(text) if text else {} for text in details] == usages


def _types(struct: Any, field: str) -> tuple[Any, ...]:
    return tuple(get_args(get_type_hints(struct)[field]))


def test_the_plain_form_knows_no_field_that_the_row_does_not() -> None:
    assert set(PLAIN_ROW.type.__struct_fields__) - {"data"} == set(ROW.type.__struct_fields__)
    (plain,) = (
        one for one in _types(PLAIN_ROW.type, "metadata") if hasattr(one, "__struct_fields__")
    )
    (full,) = (one for one in get_args(METADATA.type) if hasattr(one, "__struct_fields__"))
    assert plain.__struct_fields__ == full.__struct_fields__


def test_a_row_as_the_gateway_writes_it_is_plain() -> None:
    row = translate(1, ROW.decode(json.dumps(spend_log(1))))
    plain = FORM.columns(FORM.values([PLAIN_ROW.decode(json.dumps(spend_log(1)))]))
    assert plain["is_plain"].all()
    assert plain["natural_key"].item() in row
