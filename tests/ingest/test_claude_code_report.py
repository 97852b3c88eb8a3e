"""Anthropic's Claude Code report: a day of an actor, by model."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from translated import GOLDEN, check_golden, input_file, translate

from ingest.sources.claude_code_report import read

GOLD = GOLDEN / "claude_code_report" / "input.json"


def record(**changes: Any) -> dict[str, Any]:
    return {
        "date": "2026-05-04",
        "actor": {"type": "user_actor", "email_address": "dev@example.com"},
        "terminal_type": "vscode",
        "customer_type": "api",
        "core_metrics": {"note": "CANARY"},
        "model_breakdown": [{"model": "m", "tokens": {"input": 1, "output": 2}}],
        **changes,
    }


def test_each_model_of_an_actors_day_is_a_row_and_cents_become_dollars() -> None:
    check_golden(read, "claude_code_report", input_file(GOLD, "claude_code_report"))


def test_the_key_of_a_row_does_not_hold_the_address_of_a_person() -> None:
    frame = translate(read, input_file(GOLD))[0]
    assert frame["user_id"].drop_nulls().to_list() == ["dev@example.com"] * 2
    assert not frame["natural_key"].str.contains("dev@example.com").any()


@pytest.mark.parametrize(
    "changes",
    [
        {"terminal_type": "ssh"},
        {"customer_type": "subscription"},
        {"date": "2026-05-05"},
        {"actor": {"email_address": "other@example.com"}},
        {"model_breakdown": [{"model": "n", "tokens": {"input": 1}}]},
    ],
)
def test_rows_that_differ_in_a_dimension_are_not_one_event(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps({"data": [record(), record(**changes), record()]}))
    frame = translate(read, input_file(path))[0]
    assert frame.height == 3
    assert frame["event_id"].n_unique() == 2


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    tokens=st.dictionaries(
        st.sampled_from(["input", "output", "cache_read", "cache_creation", "dreams"]),
        st.none() | st.integers(-1, 10**18) | st.sampled_from([1.5, "CANARY", [1]]),
    ),
    indent=st.sampled_from([None, 1]),
)
def test_a_count_is_read_exactly_or_its_record_is_one_reject(
    tmp_path: Path, tokens: dict[str, Any], indent: int | None
) -> None:
    path = tmp_path / "report.json"
    odd = record(model_breakdown=[{"model": "odd", "tokens": tokens}], x={"y": "CANARY"})
    path.write_text("\ufeff" + json.dumps({"data": [odd, record()]}, indent=indent))
    frame, rejects = translate(read, input_file(path))
    assert frame.height + len(rejects) == 2
    names = {"input": "uncached_input_tokens", "output": "other_output_tokens"}
    for row in frame.to_dicts():
        if row["response_model"] == "odd":
            assert all(
                (row[column] or 0) == (tokens.get(name) or 0) for name, column in names.items()
            )
            flagged = "unknown_token_field" in row["quality_flags"]
            assert flagged == bool(tokens.get("dreams"))
    assert "CANARY" not in frame.write_ndjson() + repr(rejects)
