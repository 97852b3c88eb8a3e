"""Rows of Vertex AI's log translated a column at a time give the values of each by itself."""

import json
from pathlib import Path
from typing import Any

import pytest
from column_trials import (
    BLOCK_BYTES,
    DECODED_BYTES,
    GROUP_BYTES,
    changes,
    check_all_plain,
    check_both_ways,
    check_in_parts,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from translated import GOLDEN, input_file

from ingest.formats.json_values import records
from ingest.formats.vertex_bodies import PLAIN_ROW, PlainResponse
from ingest.formats.vertex_record import ROW
from ingest.formats.vertex_response import Response
from ingest.sources.vertex_log import form_of

INPUT = GOLDEN / "vertex_log" / "input.ndjson"
SOUND = 9  # lines of it that are requests
ROWS = [json.loads(text) for text in INPUT.read_text().splitlines()[:SOUND]]
ODD = [None, 0, 7, -1, 12.0, 1.5, "12", "x", True, [], {}, [5], 10**9, 10**9 + 1, 10**30]
TIMES: list[Any] = [
    *(None, "", "2026-05-04 09:15:02 UTC", "2026-05-04T09:15:02Z", "2026-05-04 09:15:02"),
    *("2026-05-04 09:15:02.5 UTC", "2026-05-04T09:15:02.12345678Z", "2026-05-04T09:15:02.1234Z"),
    *("2026-05-04T09:15:02Z UTC", "2026-05-04T09:15:02+02:00", "2026-02-30T00:00:00Z", "later"),
    *("1777886102", "1777886102.5", 1777886102, 1777886102.25, "0999-01-01T00:00:00Z"),
]
NAMES = ("plain.ndjson", "log-20260504T091502Z.ndjson", "log-20261399T091502Z.ndjson")
COUNT = st.none() | st.integers(0, 60)
PART = st.fixed_dictionaries(
    {},
    optional={
        "modality": st.sampled_from(["TEXT", "AUDIO", "IMAGE", "VIDEO", "SMELL", "a.b"]),
        "tokenCount": COUNT,
    },
)
PARTS = st.lists(PART, max_size=3)
USAGE = st.builds(
    lambda usage, other: usage | other,
    st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(
                (
                    "promptTokenCount",
                    "cachedContentTokenCount",
                    "candidatesTokenCount",
                    "thoughtsTokenCount",
                    "toolUsePromptTokenCount",
                    "totalTokenCount",
                ),
                COUNT,
            ),
            "promptTokensDetails": PARTS,
            "cacheTokensDetails": PARTS,
            "candidatesTokensDetails": PARTS,
            "trafficType": st.sampled_from(["ON_DEMAND", None, 5]),
        },
    ),
    changes(
        dict.fromkeys(
            (
                *("newTokenCount", "NEWTOKENS", "seconds", "totalTokenCount"),
                *("promptTokensDetails.TEXT", "cacheTokensDetails", "is_odd", "ü_token"),
            ),
            ODD,
        ),
        1,
    ),
)
RESPONSE = st.builds(
    lambda usage, other: {"responseId": "v", "usageMetadata": usage} | other,
    USAGE,
    changes(
        {
            "responseId": [None, "", 5],
            "modelVersion": [None, "", "models/gemini-2.5-pro", "a/"],
            "candidates": [None, [], [{}], [{"finishReason": "STOP"}, {}], "x", [5]],
            "createTime": TIMES,
            "error": [None, {}, {"code": 429, "status": ""}, {"code": 0}, {"code": "5"}, "x"],
            "usageMetadata": [None, {}, "x"],
        },
        2,
    ),
)
FULL = st.one_of(
    RESPONSE,
    RESPONSE.map(json.dumps),
    RESPONSE.map(json.dumps).map(json.dumps),
    st.lists(RESPONSE, max_size=3),
    st.sampled_from([*ODD, "", "{broken", "{},{}"]),
)
REQUESTS: list[Any] = [
    *(None, {}, "", "{broken", 5, [], {"labels": None}, {"labels": {"team": 5}}, {"labels": "x"}),
    *({"labels": {"team": "a"}}, json.dumps({"labels": {"team": "b"}})),
]
VALUES: dict[str, list[Any]] = {
    "endpoint": [None, "", "x", "projects/p/locations/l/endpoints/5", 5],
    "deployed_model_id": [None, "", "5"],
    "logging_time": TIMES,
    "request_id": [None, "", 0, "7", 7, 10**25],
    "model": [None, "", "a/b"],
    "api_method": [None, "", "streamGenerateContent", "embedContent", "predict"],
    "full_request": REQUESTS,
    "usageMetadata": [None, {}, "x"],
}
LINES = st.one_of(
    st.builds(
        lambda row, full, changed: json.dumps(row | {"full_response": full} | changed).encode(),
        st.sampled_from(ROWS),
        FULL,
        changes(VALUES, 2),
    ),
    RESPONSE.map(json.dumps).map(str.encode),
    st.sampled_from(
        [
            b"",
            b"null",
            b"{}{}",
            b'[{"responseId":"l","createTime":"2026-05-02T01:00:00Z"},\n{"responseId":"k"},5]',
            b'{"request_id":"u","logging_time":"2026-05-02T01:00:00Z","full_response":{"x":"\xff"}}',
            b'{"request_id":"u","logging_time":"2026-05-02T01:00:00Z","model":"\xff"}',
        ]
    ),
)


@settings(
    deadline=None, max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    lines=st.lists(LINES, max_size=12),
    sizes=st.tuples(BLOCK_BYTES, DECODED_BYTES, GROUP_BYTES),
    name=st.sampled_from(NAMES),
    options=changes({"team_tag": ["team"], "sampling_rate": ["0.5", "x"]}, 1),
)
def test_whatever_the_rows_hold_both_ways_give_the_same(
    tmp_path: Path,
    lines: list[bytes],
    sizes: tuple[int, int, int],
    name: str,
    options: dict[str, str],
) -> None:
    path = tmp_path / name
    path.write_bytes(b"\n".join(lines))
    file = input_file(path, "vertex_log", **options)
    check_in_parts(file, form_of(file), records, sizes)


@pytest.mark.parametrize("rate", ["1", "0.5", "x"])
def test_the_golden_rows_are_the_same_both_ways(rate: str) -> None:
    file = input_file(INPUT, "vertex_log", sampling_rate=rate)
    check_both_ways(file, form_of(file), records)


def test_every_golden_request_is_told_by_its_columns() -> None:
    check_all_plain(INPUT, form_of(input_file(INPUT, "vertex_log", team_tag="team")), SOUND)


def test_the_plain_form_reads_the_fields_of_a_row_and_of_a_body() -> None:
    plain = PLAIN_ROW.type
    names = {*ROW.type.__struct_fields__, *Response.__struct_fields__}
    assert set(plain.__struct_fields__) == names
    assert PlainResponse.__struct_encode_fields__ == Response.__struct_encode_fields__
    assert set(ROW.type.__struct_encode_fields__) < set(plain.__struct_encode_fields__)
