"""Answers of OpenAI as an application kept them, and the files of its batch interface."""

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
from ingest.sources import openai_batch, openai_bodies

BODIES = GOLDEN / "openai_bodies" / "input.ndjson"
BATCH = GOLDEN / "openai_batch" / "2026-05-04_output.jsonl"
ONCE = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def body(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": 1_777_852_800 + number,
        "model": "gpt-5",
        "choices": [{"finish_reason": "stop", "message": {"content": "CANARY"}}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        **changes,
    }


def bodies_of(tmp_path: Path, content: bytes) -> tuple[pl.DataFrame, list[Reject]]:
    path = tmp_path / "bodies.json"
    path.write_bytes(content)
    return translate(openai_bodies.read, input_file(path, "openai_bodies"))


def test_chat_responses_and_stream_chunks_keep_their_tokens() -> None:
    check_golden(openai_bodies.read, "openai_bodies", input_file(BODIES, "openai_bodies"))


def test_a_batch_keeps_its_answers_and_its_failures() -> None:
    check_golden(openai_batch.read, "openai_batch", input_file(BATCH, "openai_batch"))


def test_nothing_that_was_said_leaves_the_file() -> None:
    for reader, path in ((openai_bodies.read, BODIES), (openai_batch.read, BATCH)):
        assert b"CANARY" in path.read_bytes()
        frame, rejects = translate(reader, input_file(path))
        shown = frame.write_ndjson().encode() + repr(rejects).encode()
        assert not any(canary in shown for canary in CANARIES)


def test_a_failed_line_without_a_day_is_rejected_and_says_where_to_write_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "output.jsonl"
    path.write_bytes(BATCH.read_bytes())
    frame, rejects = translate(openai_batch.read, input_file(path, "openai_batch"))
    assert frame["line_number"].to_list() == [1, 2]
    assert [one.reason_code for one in rejects] == ["no_timestamp"] * 3
    assert "file's name" in rejects[0].message


def test_one_body_over_many_lines_is_read_like_one_on_a_line(tmp_path: Path) -> None:
    texts = [
        ndjson([body(1), body(2)]),
        json.dumps(body(1), indent=4).encode() + b"\n" + json.dumps(body(2), indent=4).encode(),
        json.dumps([body(1), body(2)], indent=1).encode(),
    ]
    frames = [bodies_of(tmp_path, text)[0].drop("line_number") for text in texts]
    assert frames[0].height == 2
    assert all(frame.equals(frames[0]) for frame in frames)


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"id": ""}, "id", "missing_value"),
        ({"created": None}, "created", "no_timestamp"),
        ({"created": True}, "created", "bad_value"),
        ({"created": 10**30}, "created", "bad_timestamp"),
        ({"usage": {"prompt_tokens": 1.5}}, "prompt_tokens", "bad_value"),
        ({"usage": {"prompt_tokens": 10**20}}, "prompt_tokens", "bad_value"),
        ({"usage": [1]}, "usage", "bad_value"),
        ({"model": 4}, "model", "bad_value"),
    ],
)
def test_a_body_that_cannot_be_is_one_reject_and_its_neighbors_load(
    tmp_path: Path, changes: dict[str, Any], column: str, reason: str
) -> None:
    frame, rejects = bodies_of(tmp_path, ndjson([body(1), body(2, **changes), body(3)]))
    assert frame["line_number"].to_list() == [1, 3]
    found = [(one.line_number, one.column_name, one.reason_code) for one in rejects]
    assert found == [(2, column, reason)]


COUNTS = st.none() | st.integers(0, 10**6)


@ONCE
@given(
    usages=st.lists(
        st.fixed_dictionaries(
            {"prompt_tokens": COUNTS, "completion_tokens": COUNTS},
            optional={
                "prompt_tokens_details": st.none()
                | st.dictionaries(
                    st.sampled_from(
                        ["cached_tokens", "audio_tokens", "cache_write_tokens", "image_tokens"]
                    ),
                    COUNTS,
                ),
                "completion_tokens_details": st.none()
                | st.dictionaries(
                    st.sampled_from(["reasoning_tokens", "audio_tokens", "text_tokens"]), COUNTS
                ),
                "unheard_of": st.sampled_from([None, "CANARY", [1], 0]),
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
    rows = [body(number, usage=usage) for number, usage in enumerate(usages)]
    random.Random(seed).shuffle(rows)  # noqa: S311
    content = b"\xef\xbb\xbf" + ndjson(rows).replace(b"\n", b"\r\n").rstrip()
    frame, rejects = bodies_of(tmp_path, content[: len(content) - cut])
    assert frame.height == len(rows) - (cut > 0)
    assert len(rejects) == (cut > 0)
    for row in frame.to_dicts():
        for classes, total in (
            (INPUT_TOKEN_CLASSES, row["reported_input_tokens"]),
            (OUTPUT_TOKEN_CLASSES, row["reported_output_tokens"]),
        ):
            known = [row[name] for name in classes if row[name] is not None]
            assert sum(known) == (total or 0)
            assert min(known, default=0) >= 0
    assert "CANARY" not in frame.write_ndjson() + repr(rejects)
