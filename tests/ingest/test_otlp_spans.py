"""OpenTelemetry spans: model calls once, in three generations of names."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from landed import table
from translated import CANARIES, GOLDEN, check_golden, input_file, ndjson, put, translate

from ingest.landing import land
from ingest.privacy import Identities
from ingest.schema import INPUT_TOKEN_CLASSES, OUTPUT_TOKEN_CLASSES, conform
from ingest.source import Batch, Reject
from ingest.sources import SOURCES
from ingest.sources.otlp_spans import read

INPUT = GOLDEN / "otlp_spans" / "input.jsonl"
USAGE = "gen_ai.usage."


def span(number: int, attributes: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A span; attributes are given as OTLP writes values, or as int or str."""
    pairs = []
    for key, value in ({"gen_ai.operation.name": "chat"} | attributes).items():
        kinds = {int: "intValue", str: "stringValue"}
        shown = value if isinstance(value, dict) else {kinds[type(value)]: value}
        pairs.append({"key": key, "value": shown})
    return {
        "traceId": f"{number + 1:032x}",
        "spanId": f"{number + 1:016x}",
        "name": "chat",
        "kind": 3,
        "startTimeUnixNano": "1777903392482000000",
        "endTimeUnixNano": "1777903393482000000",
        "attributes": pairs,
    } | changes


def export(*spans: dict[str, Any], scope: str = "s") -> dict[str, Any]:
    return {"resourceSpans": [{"scopeSpans": [{"scope": {"name": scope}, "spans": list(spans)}]}]}


def read_spans(
    folder: Path, *spans: dict[str, Any], scope: str = "s", **options: str
) -> tuple[pl.DataFrame, list[Reject]]:
    path = folder / "traces.jsonl"
    path.write_bytes(ndjson([export(*spans, scope=scope)]))
    return translate(read, input_file(path, "otlp_spans", **options))


def read_places(folder: Path, *spans: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of trace_spans."""
    path = folder / "traces.jsonl"
    path.write_bytes(ndjson([export(*spans)]))
    items = [item for item in read(input_file(path, "otlp_spans")) if isinstance(item, Batch)]
    return [
        row
        for item in items
        if item.table == "trace_spans"
        for row in conform(item.frame, item.table).to_dicts()
    ]


def test_each_generation_of_names_gives_its_classes_and_agents_and_tools_give_nothing() -> None:
    check_golden(read, "otlp_spans", input_file(INPUT, "otlp_spans"))


def test_integers_as_text_and_as_numbers_are_the_same(tmp_path: Path) -> None:
    name = USAGE + "input_tokens"
    shapes = [{"intValue": "730"}, {"intValue": 730}, {"doubleValue": 730.0}]
    spans = [span(n, {name: shape}) for n, shape in enumerate(shapes)]
    frame, rejects = read_spans(tmp_path, *spans)
    assert (frame["reported_input_tokens"].to_list(), rejects) == ([730] * 3, [])


def test_ids_are_the_same_in_upper_and_lower_case_hex(tmp_path: Path) -> None:
    small = span(1, {}, traceId="ab" * 16, spanId="cd" * 8)
    large = span(1, {}, traceId="AB" * 16, spanId="CD" * 8)
    frame, _ = read_spans(tmp_path, small, large)
    assert frame["event_id"].n_unique() == 1


def test_every_span_has_its_place_in_the_trace_and_model_calls_name_their_event(
    tmp_path: Path,
) -> None:
    trace = {"traceId": "AB" * 16}
    asked = span(1, {USAGE + "input_tokens": 5}, **trace, parentSpanId="")
    between = span(2, {}, **trace, parentSpanId=asked["spanId"].upper(), name="POST")
    between["attributes"] = []
    answered = span(3, {}, **trace, parentSpanId=between["spanId"], kind=2)
    broken = span(4, {USAGE + "input_tokens": -1}, **trace, parentSpanId=7)
    nowhere = span(5, {}, **trace, startTimeUnixNano=None)
    spans = (asked, between, answered, broken, nowhere)
    frame, rejects = read_spans(tmp_path, *spans)
    calls = frame["event_id"].to_list()
    rows = read_places(tmp_path, *spans)
    names = ("line_number", "trace_id", "span_id", "parent_span_id", "is_server", "event_id")
    assert [tuple(row[name] for name in names) for row in rows] == [
        (1, "ab" * 16, asked["spanId"], None, False, calls[0]),
        (1, "ab" * 16, between["spanId"], asked["spanId"], False, None),
        (1, "ab" * 16, answered["spanId"], between["spanId"], True, calls[1]),
        (1, "ab" * 16, broken["spanId"], None, False, None),
    ]
    assert {row["started_at"] for row in rows} == set(frame["started_at"])
    assert len(rejects) == 2


@pytest.mark.parametrize("identities", [None, Identities(bytes(range(32)))])
def test_landed_places_name_landed_events_also_where_identities_are_hashed(
    tmp_path: Path, identities: Identities | None
) -> None:
    far = span(2, {}, startTimeUnixNano="4000000000000000000")
    put(tmp_path, "inputs/otlp_spans/a.jsonl", ndjson([export(span(1, {}), far)]))
    report = land(tmp_path / "inputs", tmp_path / "landing", SOURCES, identities=identities)
    places, events = table(tmp_path, "trace_spans"), table(tmp_path)
    assert places["event_id"].to_list() == events["event_id"].to_list()
    # the call of 2096 is told once, not once more as a place
    assert report.rejects["reason_code"].to_list() == ["impossible_time"]


def test_an_instrumentation_that_the_user_calls_exclusive_gets_its_cached_tokens_added(
    tmp_path: Path,
) -> None:
    usage = {USAGE + "input_tokens": 100, USAGE + "cache_read.input_tokens": 40}
    call = span(1, usage | {"gen_ai.provider.name": "anthropic"})
    guessed, _ = read_spans(tmp_path, call, scope="mine")
    stated, _ = read_spans(tmp_path, call, scope="mine", exclusive_scopes="other, mine")
    assert guessed["uncached_input_tokens"].item() == 60
    assert guessed["quality_flags"].item().to_list() == ["inferred_semantics", "no_model"]
    assert stated["uncached_input_tokens"].item() == 100
    assert stated["quality_flags"].item().to_list() == ["no_model"]


def test_a_span_that_did_not_end_has_no_end_instead_of_one_in_1970(tmp_path: Path) -> None:
    frame, _ = read_spans(
        tmp_path, span(1, {}, endTimeUnixNano="0"), span(2, {}, endTimeUnixNano=None)
    )
    assert frame["ended_at"].to_list() == [None, None]


@pytest.mark.parametrize(
    ("changed", "column", "reason"),
    [
        (span(1, {}, traceId="zz" * 16), "traceId", "bad_value"),
        (span(1, {}, traceId="0" * 32), "traceId", "bad_value"),
        (span(1, {}, spanId=None), "spanId", "missing_value"),
        (span(1, {}, startTimeUnixNano=None), "startTimeUnixNano", "missing_value"),
        (span(1, {}, startTimeUnixNano="soon"), "startTimeUnixNano", "bad_timestamp"),
        (span(1, {}, startTimeUnixNano="9" * 40), "startTimeUnixNano", "bad_timestamp"),
        (span(1, {USAGE + "input_tokens": -1}), USAGE + "input_tokens", "bad_value"),
        (span(1, {USAGE + "input_tokens": "many"}), USAGE + "input_tokens", "bad_value"),
        (
            span(1, {USAGE + "input_tokens": {"intValue": "9" * 30}}),
            USAGE + "input_tokens",
            "bad_value",
        ),
        (
            span(1, {USAGE + "input_tokens": {"doubleValue": 1.5}}),
            USAGE + "input_tokens",
            "bad_value",
        ),
        (span(1, {USAGE + "input_tokens": {"intValue": [1]}}), USAGE + "input_tokens", "bad_value"),
        (span(1, {}) | {"attributes": 7}, "attributes", "bad_value"),
    ],
)
def test_a_broken_span_is_one_reject_and_its_neighbors_in_the_line_load(
    tmp_path: Path, changed: dict[str, Any], column: str, reason: str
) -> None:
    frame, rejects = read_spans(tmp_path, span(2, {}), changed, span(3, {}))
    assert frame.height == 2
    assert [(r.line_number, r.column_name, r.reason_code) for r in rejects] == [(1, column, reason)]


def test_tokens_of_a_span_that_does_not_name_its_operation_are_not_lost_silently(
    tmp_path: Path,
) -> None:
    nameless = span(1, {USAGE + "input_tokens": 5})
    nameless["attributes"] = nameless["attributes"][1:]
    frame, rejects = read_spans(tmp_path, nameless)
    assert frame.height == 0
    assert [one.reason_code for one in rejects] == ["no_operation"]


def test_metrics_in_the_folder_of_traces_are_told_once(tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    path.write_bytes(b'{"resourceMetrics":[]}\n{"resourceLogs":[]}\n')
    frame, rejects = translate(read, input_file(path, "otlp_spans"))
    assert frame.height == 0
    assert [(one.line_number, one.reason_code) for one in rejects] == [(None, "no_spans")]


def test_no_message_argument_or_mail_address_leaves_a_span() -> None:
    frame, rejects = translate(read, input_file(INPUT, "otlp_spans"))
    written = frame.write_json() + repr(rejects)
    assert any(canary in INPUT.read_bytes() for canary in CANARIES)
    assert not any(canary.decode() in written for canary in CANARIES)


@settings(deadline=None, max_examples=40)  # the cores are shared
@given(
    st.lists(st.tuples(*[st.one_of(st.none(), st.integers(0, 10**6))] * 5), min_size=1, max_size=6),
    st.sampled_from(
        [
            ("cache_read.input_tokens", "cache_write.input_tokens", "reasoning.output_tokens"),
            ("cache_read_input_tokens", "cache_creation.input_tokens", "reasoning_tokens"),
            ("cached_tokens", "cache_creation_input_tokens", "reasoning_tokens"),
        ]
    ),
    st.randoms(use_true_random=False),
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
)
def test_however_spans_are_spread_over_lines_their_tokens_add_up(
    tmp_path_factory: pytest.TempPathFactory,
    counts: list[tuple[int | None, ...]],
    names: tuple[str, str, str],
    random: Any,
    line_end: bytes,
    has_bom: bool,
) -> None:
    spans = []
    for number, values in enumerate(counts):
        keys = ("input_tokens", "output_tokens", *names)
        usage = {USAGE + key: v for key, v in zip(keys, values, strict=True) if v is not None}
        spans.append(span(number, usage | {"unheard.of": {"kvlistValue": {"values": [None]}}}))
    folder = tmp_path_factory.mktemp("otlp")
    together, rejects = read_spans(folder, *spans)
    assert rejects == []
    for row, (total, output, read_, written, _) in zip(together.to_dicts(), counts, strict=True):
        cached = (read_ or 0) + (written or 0)
        is_exclusive = total is not None and cached > total
        inputs = sum(row[name] or 0 for name in INPUT_TOKEN_CLASSES)
        assert inputs == (total or 0) + (cached if is_exclusive else 0)
        assert sum(row[name] or 0 for name in OUTPUT_TOKEN_CLASSES) == (output or 0)
    random.shuffle(spans)
    path = folder / "spread.jsonl"
    content = line_end.join(json.dumps(export(one)).encode() for one in spans)
    path.write_bytes(b"\xef\xbb\xbf" * has_bom + content)
    spread, _ = translate(read, input_file(path, "otlp_spans"))
    key = "natural_key"
    assert spread.drop("line_number").sort(key).equals(together.drop("line_number").sort(key))
