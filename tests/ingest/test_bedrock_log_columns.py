"""Records of Bedrock translated a column at a time give the values of each by itself."""

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
from reader_trials import rows_of
from translated import GOLDEN, input_file, ndjson

from ingest.formats.json_values import json_values
from ingest.sources.bedrock_log import SOURCE, form_of

INPUT = GOLDEN / "bedrock_log" / "input.ndjson"
SOUND = 5  # lines of it that are requests
ROWS = [json.loads(text) for text in INPUT.read_text().splitlines()[:SOUND]]
FORM = form_of("team")
ODD = [None, 0, 7, -1, 12.0, 1.5, "12", "x", True, [], {}, 10**9, 10**9 + 1, 10**30]

USAGES: list[Any] = [
    None,
    {},
    {"inputTokens": 10, "outputTokens": 9, "totalTokens": 19},
    {"inputTokens": 10, "totalTokens": 20, "cacheWriteInputTokens": 7, "cacheReadInputTokens": 3},
    {"cacheDetails": [{"ttl": "5m", "inputTokens": 5}, {"ttl": "1h", "inputTokens": 900}]},
    {"cacheDetails": [{"ttl": "5m", "inputTokens": 5}, {"ttl": "5m", "inputTokens": 6}]},
    {"cacheWriteInputTokens": 7, "cacheDetails": [{"ttl": "5m", "inputTokens": 7}]},
    {"cacheWriteInputTokens": 7, "cache_creation": {"ephemeral_5m_input_tokens": 8}},
    {"cacheDetails": [{"ttl": "30m", "inputTokens": 1}, {"ttl": None}, 5, "x", {"ttl": "1h"}]},
    {"cacheDetails": [{"ttl": [1], "inputTokens": 5}], "inputTokens": 1},
    {"cacheDetails": [{"ttl": "1h", "inputTokens": "7"}], "inputTokens": 1},
    {"cacheDetails": {"5m": 4}},
    {"cacheDetails": 5, "inputTokens": 1},
    {"cacheDetails.5m": 3, "cacheDetails": [{"ttl": "5m", "inputTokens": 5}]},
    {"input_tokens": 5, "cache_creation": {"ephemeral_5m_input_tokens": 4}},
    {"input_tokens": 5, "cache_creation": {"ephemeral_1h_input_tokens": 9, "x": None}},
    {"output_tokens": 2, "server_tool_use": {"web_search_requests": 3}, "service_tier": "x"},
    {"output_tokens": 2, "output_tokens_details": {"thinking_tokens": 1}},
    {"new_tokens": 0},
    {"new_tokens": 4, "New_Tokens": 4},
    {"a": {"b": {"c": {"tokens": 3}}}},
    {"inputTokens": "5"},
    {"inputTokens": None, "outputTokens": 3},
    {"seconds": 10**12, "inputTokens": 2},
    {"seconds": 1.5, "has": True, "inputTokens": 2},
    {"input.inputTokenCount": 77, "input": {"inputTokenCount": 78, "thoughtTokenCount": 3}},
    {"ü_tokens": 3, 'a"b_tokens': 2},
    {"is_odd": 4, "natural_key": 6, "timestamp": 7},
]
METRICS: list[Any] = [
    None,
    {"latencyMs": 1500},
    {"latencyMs": 0, "invocationLatency": 7},
    {"latencyMs": 1500.25, "firstByteLatency": 0.5},
    {"latencyMs": -1},
    {"latencyMs": 10**12},
    {"invocationLatency": 900, "firstByteLatency": 200},
    {"invocationLatency": 900, "firstByteLatency": 2000},
    "m",
]
WORDS: list[Any] = [None, "", "end_turn", "not a word", 5]
BODIES: dict[str, list[Any]] = {
    "usage": USAGES,
    "metrics": METRICS,
    "amazon-bedrock-invocationMetrics": METRICS,
    "stopReason": WORDS,
    "stop_reason": WORDS,
    "model": WORDS,
    "message": [None, "hello", 5, [], *({"usage": one, "model": "m"} for one in USAGES)],
    "delta": [None, {"stop_reason": "tool_use"}, {"text": "t"}, {"stop_reason": "no word"}, "d"],
    "metadata": [None, "m", {"message": "x"}, *({"usage": one} for one in USAGES)],
    "embedding": [[0.5]],
}
BODY = changes(BODIES)
ANY_BODY = st.one_of(BODY, st.lists(BODY, max_size=4), st.sampled_from([*ODD, [1, "two"]]))
# Usual counts, so small that parts often are as large as their totals, or larger.
FEW = st.integers(0, 3)
USAGE = st.fixed_dictionaries(
    {},
    optional={
        "inputTokens": FEW,
        "totalTokens": st.integers(0, 9),
        "cacheReadInputTokens": FEW,
        "cacheWriteInputTokens": FEW,
        "cacheDetails": st.lists(
            st.fixed_dictionaries({"ttl": st.sampled_from(["5m", "1h"]), "inputTokens": FEW}),
            max_size=2,
        ),
        "output_tokens": FEW | st.sampled_from([None, "5"]),
        "cache_creation": st.fixed_dictionaries(
            {}, optional={f"ephemeral_{life}_input_tokens": FEW for life in ("5m", "1h")}
        ),
        "new_tokens": FEW,
    },
)
EVENT = st.fixed_dictionaries(
    {}, optional={"usage": USAGE, "message": st.fixed_dictionaries({"usage": USAGE})}
)
USUAL_BODY = st.one_of(
    st.fixed_dictionaries({"usage": USAGE}),
    st.lists(st.one_of(EVENT, EVENT.map(lambda event: {"metadata": event})), max_size=3),
)
COUNTED: dict[str, list[Any]] = dict.fromkeys(
    (
        "inputTokenCount",
        "outputTokenCount",
        "cacheReadInputTokenCount",
        "cacheWriteInputTokenCount",
        "thoughtTokenCount",
        "a.tokens",
        "note",
    ),
    ODD,
)
VALUES: dict[str, list[Any]] = {
    "requestId": [None, "", "r", 5],
    "timestamp": [
        *("2026-05-04T09:15:02", "2026-05-04 09:15:02Z", "2026-05-04T09:15:02.5Z", "later", 5),
        *("2026-05-04T09:15:02.123456789Z", "2026-05-04T09:15:02+02:00", "2026-02-30T00:00:00Z"),
        *("0999-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    ],
    "schemaType": [None, "", "Other"],
    "accountId": [None, ""],
    "identity": [None, "", "arn", {}, {"arn": ""}, [], [{"arn": "a"}, {"arn": "b"}], 5],
    "region": [None, ""],
    "operation": [None, "", "Converse", "ConverseStream", "InvokeModel"],
    "modelId": [
        *(None, "", "amazon.titan-embed-text-v2:0", "arn:x"),
        "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude",
    ],
    "requestMetadata": [None, {}, {"team": "t"}, {"team": 5}, {"team": ""}, "x"],
    "errorCode": [None, "", "ThrottlingException"],
    "input": [None, {}, [], "x"],
    "output": [None, {}, 5],
}


def record(row: dict[str, Any], body: Any, counted: dict[str, Any], changed: Any) -> bytes:
    output = (row.get("output") or {}) | ({} if body is ... else {"outputBodyJson": body})
    fields = {"input": (row["input"] or {}) | counted, "output": output | counted}
    return json.dumps(row | fields | changed).encode()


LINES = st.one_of(
    st.builds(
        record, st.sampled_from(ROWS), st.just(...) | ANY_BODY, changes(COUNTED, 2), st.just({})
    ),
    st.builds(record, st.sampled_from(ROWS), st.just(...), st.just({}), changes(VALUES)),
    st.sampled_from(
        [
            b"",
            b"null",
            b"{}{}",
            b'[{"requestId":"l","timestamp":"2026-05-02T01:00:00Z"}]',
            b'{"requestId":"u","timestamp":"2026-05-02T01:00:00Z","x":"\xff"}',
            b'{"requestId":"u","timestamp":"2026-05-02T01:00:00Z","requestMetadata":{"a":"\xff"}}',
            b'{"requestId":\n"m","timestamp":"2026-05-02T01:00:00Z"}',
        ]
    ),
)


@settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lines=st.lists(LINES, max_size=12), sizes=st.tuples(BLOCK_BYTES, DECODED_BYTES, GROUP_BYTES))
def test_whatever_the_records_hold_both_ways_give_the_same(
    tmp_path: Path, lines: list[bytes], sizes: tuple[int, int, int]
) -> None:
    path = tmp_path / "log.ndjson"
    path.write_bytes(b"\n".join(lines))
    check_in_parts(input_file(path), FORM, json_values, sizes)


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    calls=st.lists(
        st.tuples(
            USUAL_BODY,
            st.fixed_dictionaries({}, optional=dict.fromkeys([*COUNTED][:4], FEW)),
            st.fixed_dictionaries({}, optional={"outputTokenCount": FEW}),
        ),
        max_size=15,
    )
)
def test_whatever_tokens_are_told_where_both_ways_give_the_same(
    tmp_path: Path, calls: list[tuple[Any, dict[str, int], dict[str, int]]]
) -> None:
    path = tmp_path / "log.ndjson"
    rows = [
        ROWS[0] | {"requestId": str(n), "input": asked, "output": given | {"outputBodyJson": body}}
        for n, (body, asked, given) in enumerate(calls)
    ]
    path.write_bytes(ndjson(rows))
    check_both_ways(input_file(path), FORM, json_values)


def test_a_later_count_hides_nothing_of_what_an_earlier_event_told(tmp_path: Path) -> None:
    firsts: list[Any] = ["5", None, 1, {"x": 2}, [3]]
    bodies = [
        [{"usage": {"output_tokens": first, "new_tokens": 1}}, {"usage": {"output_tokens": 2}}]
        for first in firsts
    ]
    path = tmp_path / "log.ndjson"
    path.write_bytes(ndjson([ROWS[0] | {"output": {"outputBodyJson": body}} for body in bodies]))
    check_both_ways(input_file(path), FORM, json_values)


def test_the_golden_records_are_the_same_both_ways() -> None:
    check_both_ways(input_file(INPUT), FORM, json_values)


def test_every_golden_request_is_told_by_its_columns() -> None:
    check_all_plain(INPUT, FORM, SOUND)


@pytest.mark.parametrize("used", [0, 4])
def test_a_new_kind_of_token_is_seen_beside_the_body_and_in_it(tmp_path: Path, used: int) -> None:
    path = tmp_path / "log.ndjson"
    beside = ROWS[0] | {"requestId": "a", "input": {"soundTokenCount": used}}
    inside = ROWS[0] | {
        "requestId": "b",
        "output": {"outputBodyJson": {"usage": {"soundTokens": used, "inputTokens": 1}}},
    }
    path.write_bytes(ndjson([beside, inside, ROWS[0]]))
    rows = rows_of(SOURCE, path)
    wanted = ["unknown_token_field"] if used else []
    assert [row["quality_flags"] for row in rows] == [wanted, wanted, []]
    assert json.loads(rows[0]["reported_details"])["input.soundTokenCount"] == used
    assert json.loads(rows[1]["reported_details"])["soundTokens"] == used


def test_more_new_names_than_columns_are_told_record_by_record(tmp_path: Path) -> None:
    path = tmp_path / "log.ndjson"
    rows = [
        ROWS[0] | {"requestId": str(n), "input": {f"kind{n}{m}TokenCount": n for m in range(9)}}
        for n in range(40)
    ]
    path.write_bytes(ndjson(rows))
    check_both_ways(input_file(path), FORM, json_values)
