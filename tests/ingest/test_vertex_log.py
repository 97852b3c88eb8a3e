"""Gemini: whether candidates hold the thoughts, and when a body was."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reader_trials import check_sums, read_all, rows_of

from ingest.formats.vertex_usage import token_columns
from ingest.schema import INPUT_TOKEN_CLASSES, OUTPUT_TOKEN_CLASSES
from ingest.sources.vertex_log import SOURCE

BODY = {
    "responseId": "r-1",
    "modelVersion": "gemini-2.5-flash",
    "usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 3, "totalTokenCount": 10},
}


def test_a_body_over_many_lines_takes_its_time_from_the_files_name(tmp_path: Path) -> None:
    path = tmp_path / "answer-20260504T091502Z.json"
    path.write_text(json.dumps(BODY, indent=2))
    (row,) = rows_of(SOURCE, path)
    assert row["started_at"].isoformat() == "2026-05-04T09:15:02"
    assert row["quality_flags"] == ["no_timestamp"]
    assert row["provider_name"] == "gcp.gemini"


@pytest.mark.parametrize("rate", ["0", "1.5", "-1", "half", "nan"])
def test_a_sampling_rate_that_cannot_be_is_refused(tmp_path: Path, rate: str) -> None:
    path = tmp_path / "log.ndjson"
    row = {"logging_time": "2026-05-04 09:15:02 UTC", "request_id": "1", "full_response": BODY}
    path.write_text(json.dumps(row) + "\n")
    frames, rejects = read_all(SOURCE, path, sampling_rate=rate)
    assert frames == {}
    assert [one.column_name for one in rejects] == ["sampling_rate"]


def test_times_of_the_log_are_utc_in_each_way_that_exports_write_them(tmp_path: Path) -> None:
    path = tmp_path / "log.ndjson"
    times = ["2026-05-04 09:15:02 UTC", "2026-05-04T09:15:02Z", "1777886102", 1777886102.0]
    rows = [
        {"logging_time": time, "request_id": str(number), "full_response": None}
        for number, time in enumerate(times)
    ]
    path.write_text("\n".join(map(json.dumps, rows)) + "\n")
    assert {row["started_at"].isoformat() for row in rows_of(SOURCE, path)} == {
        "2026-05-04T09:15:02"
    }


COUNT = st.none() | st.integers(0, 300)
LIST = st.lists(
    st.fixed_dictionaries(
        {"modality": st.sampled_from(["TEXT", "AUDIO", "IMAGE", "VIDEO"]), "tokenCount": COUNT}
    ),
    max_size=4,
)


@settings(deadline=None)
@given(
    st.fixed_dictionaries(
        {
            "promptTokenCount": COUNT,
            "cachedContentTokenCount": COUNT,
            "candidatesTokenCount": COUNT,
            "thoughtsTokenCount": COUNT,
            "toolUsePromptTokenCount": COUNT,
            "totalTokenCount": COUNT,
            "promptTokensDetails": LIST,
            "cacheTokensDetails": LIST,
            "candidatesTokensDetails": LIST,
        }
    )
)
def test_classes_add_up_whatever_modalities_claim(usage: dict[str, Any]) -> None:
    columns, _ = token_columns(usage)
    row = dict.fromkeys((*INPUT_TOKEN_CLASSES, *OUTPUT_TOKEN_CLASSES)) | columns
    if row["reported_input_tokens"] is not None and usage["promptTokenCount"] is not None:
        check_sums(row)


@settings(deadline=None)
@given(*(st.integers(0, 1000) for _ in range(4)))
def test_thoughts_count_once_in_both_ways_of_reporting_them(
    prompt: int, visible: int, thoughts: int, tools: int
) -> None:
    total = prompt + visible + thoughts + tools
    usage = {
        "promptTokenCount": prompt,
        "thoughtsTokenCount": thoughts,
        "toolUsePromptTokenCount": tools,
        "totalTokenCount": total,
    }
    apart, flags = token_columns(usage | {"candidatesTokenCount": visible})
    inside, inside_flags = token_columns(usage | {"candidatesTokenCount": visible + thoughts})
    for columns in (apart, inside):
        assert columns["other_output_tokens"] == visible
        assert columns["reasoning_output_tokens"] == thoughts
    assert flags == inside_flags == []
