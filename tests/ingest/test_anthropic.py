"""Anthropic's usage report, and answers as an application kept them."""

import json
import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from translated import CANARIES, GOLDEN, check_golden, input_file, ndjson, translate

from ingest.schema import INPUT_TOKEN_CLASSES, OUTPUT_TOKEN_CLASSES
from ingest.source import Reject
from ingest.sources import anthropic_messages, anthropic_usage

MESSAGES = GOLDEN / "anthropic_messages" / "2026-05-04.jsonl"
USAGE = GOLDEN / "anthropic_usage" / "input.jsonl"
ONCE = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def message(number: int = 1, **usage: Any) -> dict[str, Any]:
    return {
        "id": f"msg_{number}",
        "type": "message",
        "timestamp": f"2026-05-04T10:00:{number:02}Z",
        "model": "claude-sonnet-4-5",
        "stop_reason": "end_turn",
        "content": [{"type": "text", "text": "CANARY"}],
        "usage": {"input_tokens": 10, "output_tokens": 5, **usage},
    }


def messages_of(
    tmp_path: Path, content: bytes, name: str = "messages", **options: str
) -> tuple[pl.DataFrame, list[Reject]]:
    path = tmp_path / name
    path.write_bytes(content)
    return translate(anthropic_messages.read, input_file(path, "anthropic_messages", **options))


def test_buckets_keep_cache_lifetimes_and_what_changes_the_price() -> None:
    check_golden(anthropic_usage.read, "anthropic_usage", input_file(USAGE, "anthropic_usage"))


def test_answers_keep_cached_tokens_apart_and_tokens_outside_their_totals() -> None:
    file = input_file(MESSAGES, "anthropic_messages")
    check_golden(anthropic_messages.read, "anthropic_messages", file)


def test_nothing_that_was_said_leaves_the_file() -> None:
    assert b"CANARY" in MESSAGES.read_bytes()
    frame, rejects = translate(anthropic_messages.read, input_file(MESSAGES))
    shown = frame.write_ndjson().encode() + repr(rejects).encode()
    assert not any(canary in shown for canary in CANARIES)


def test_an_answer_without_any_time_is_rejected_and_says_how_to_give_one(tmp_path: Path) -> None:
    bare = message()
    del bare["timestamp"]
    frame, rejects = messages_of(tmp_path, ndjson([bare, message(2)]))
    assert frame["natural_key"].to_list() == ["msg_2"]
    assert [(one.line_number, one.reason_code) for one in rejects] == [(1, "no_timestamp")]
    assert '{"timestamp": ..., "message": ...}' in rejects[0].message


def test_a_time_without_offset_needs_the_stated_zone(tmp_path: Path) -> None:
    naive = ndjson([{**message(), "timestamp": "2026-05-04T10:00:00"}])
    rejects = messages_of(tmp_path, naive)[1]
    assert [one.reason_code for one in rejects] == ["naive_timestamp"]
    assert "[anthropic_messages]" in rejects[0].remedy
    frame = messages_of(tmp_path, naive, time_zone="Europe/Berlin")[0]
    assert frame["started_at"].dt.hour().to_list() == [8]


def test_a_later_delivery_of_a_bucket_has_the_ids_of_the_earlier_one(tmp_path: Path) -> None:
    page = json.loads(USAGE.read_text().splitlines()[0])
    ids = []
    for tokens in (1, 999):
        for one in page["data"][0]["results"]:
            one["output_tokens"] = tokens
        path = tmp_path / f"{tokens}.json"
        path.write_text(json.dumps(page, indent=2))
        ids.append(translate(anthropic_usage.read, input_file(path))[0]["event_id"].to_list())
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


@pytest.mark.parametrize("broken", [b"{", b'{"data": [', b"[1]", b'{"data": {"a": 1}}', b"null"])
def test_a_page_that_is_none_is_one_reject(tmp_path: Path, broken: bytes) -> None:
    path = tmp_path / "page.json"
    path.write_bytes(broken + b"\n" + USAGE.read_bytes().splitlines()[0])
    frame, rejects = translate(anthropic_usage.read, input_file(path, "anthropic_usage"))
    assert frame.height == 2
    assert [one.line_number for one in rejects] == [1]


COUNTS = st.none() | st.integers(0, 10**6)


@ONCE
@given(
    usages=st.lists(
        st.fixed_dictionaries(
            {"input_tokens": COUNTS, "output_tokens": COUNTS},
            optional={
                "cache_read_input_tokens": COUNTS,
                "cache_creation_input_tokens": COUNTS,
                "cache_creation": st.none()
                | st.dictionaries(
                    st.sampled_from(["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"]),
                    COUNTS,
                ),
                "output_tokens_details": st.none()
                | st.fixed_dictionaries({"thinking_tokens": COUNTS}),
                "unheard_of": st.sampled_from([None, "CANARY", [1], {"a": "CANARY"}]),
            },
        ),
        min_size=1,
        max_size=8,
    ),
    seed=st.integers(0, 99),
    cut=st.integers(0, 40),
)
def test_classes_add_up_whatever_parts_are_reported_and_however_the_file_is_mangled(
    tmp_path: Path, usages: list[dict[str, Any]], seed: int, cut: int
) -> None:
    rows = [message(number, **usage) for number, usage in enumerate(usages)]
    random.Random(seed).shuffle(rows)  # noqa: S311
    content = b"\xef\xbb\xbf" + ndjson(rows).replace(b"\n", b"\r\n").rstrip()
    frame, rejects = messages_of(tmp_path, content[: len(content) - cut])
    assert (frame.height, len(rejects)) == (len(rows) - (cut > 0), cut > 0)
    for row in frame.to_dicts():
        usage = usages[int(row["request_id"].removeprefix("msg_"))]
        lifetimes = sum(count or 0 for count in (usage.get("cache_creation") or {}).values())
        written = max(lifetimes, usage.get("cache_creation_input_tokens") or 0)
        reported = (usage["input_tokens"], usage.get("cache_read_input_tokens"), written)
        found = sum(row[name] or 0 for name in INPUT_TOKEN_CLASSES)
        assert found == sum(count or 0 for count in reported)
        assert (row["uncached_input_tokens"] or 0) == (usage["input_tokens"] or 0)
        output = sum(row[name] or 0 for name in OUTPUT_TOKEN_CLASSES)
        assert output == (usage["output_tokens"] or 0)
    assert "CANARY" not in frame.write_ndjson() + repr(rejects)


def test_tokens_outside_the_totals_cost_what_the_message_costs(tmp_path: Path) -> None:
    part = {"type": "compaction", "input_tokens": 900, "output_tokens": 40}
    usage = {
        "input_tokens": 5,
        "service_tier": "batch",
        "inference_geo": "us",
        "iterations": [part],
    }
    message = {"id": "msg_1", "model": "claude-sonnet-4-5", "stop_reason": "end_turn"}
    path = tmp_path / "2026-05-04.jsonl"
    path.write_text(json.dumps({**message, "usage": {**usage, "iterations": [part]}}) + "\n")
    frame, rejects = translate(anthropic_messages.read, input_file(path, "anthropic_messages"))
    assert (frame["is_batch"].to_list(), rejects) == ([True, True], [])
    assert frame["region_name"].to_list() == ["us", "us"]


def test_a_stream_without_its_message_says_what_to_keep(tmp_path: Path) -> None:
    start = {"type": "message_start", "message": {"id": "msg_1", "usage": {"output_tokens": 1}}}
    events = [start, {"type": "ping"}, {"type": "message_delta", "usage": {"output_tokens": 640}}]
    path = tmp_path / "2026-05-04.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    frame, [reject] = translate(anthropic_messages.read, input_file(path, "anthropic_messages"))
    assert frame["quality_flags"].list.contains("partial_stream").to_list() == [True]
    assert (reject.line_number, reject.reason_code) == (3, "stream_event")
    assert "final message" in reject.message


def test_the_same_custom_id_on_another_day_is_another_request(tmp_path: Path) -> None:
    keys = set()
    for name in ("2026-05-04.jsonl", "2026-05-05.jsonl"):
        path = tmp_path / name
        path.write_text('{"custom_id": "request-1", "result": {"type": "canceled"}}\n')
        frame, _ = translate(anthropic_messages.read, input_file(path, "anthropic_messages"))
        keys.add(frame["natural_key"].item())
    assert len(keys) == 2
