"""The plain form of a request is a faster way to the same values, never to others."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain_trials import (
    NUMBERS,
    SIZES,
    VALUES,
    WHOLE_SIZES,
    changes,
    check_form,
    check_lines,
    input_of,
    is_plain,
    lines_of,
    one_change_each,
)
from translated import GOLDEN

from ingest.formats.helicone_plain import Request
from ingest.formats.helicone_record import COUNTS
from ingest.formats.open_decoder import KEY_LIMIT, OpenDecoder
from ingest.formats.plain_records import PlainForm
from ingest.sources.helicone import plain_form

OPTIONS: list[dict[str, str]] = [{}, {"team_tag": "team"}]
GOLDEN_PATH = GOLDEN / "helicone" / "input.ndjson"
ROWS = [json.loads(line) for line in GOLDEN_PATH.read_text().splitlines()]
SMALL = ["0", "5", "12", "64", '"12"', "null", "-1", "1.5", '"null"', "76", "4456", '"x"', "[]"]
SMALL += ["1000000000", "1000000001", '"\\ud800"']
COSTS = [*NUMBERS, '"0.028986"', '"28986000"', '"much"', "null", '""', '"null"', '"000"']
# Keys that no list has: counts of other kinds, and what is only named after tokens.
FURTHER = ["prompt_video_tokens", "max_tokens", "TOKEN_new", "to\u212aen", "token note", 'q"token']
FURTHER += ["timeToFirstToken", "reported_input_tokens", "country_code", "scores", "learned_1"]
LATER = [*SMALL, "2000", "2592000000", "2592000001", "0.5"]
FIELDS = {
    **dict.fromkeys(Request.__struct_fields__, VALUES),
    **dict.fromkeys(COUNTS, SMALL),
    **dict.fromkeys(("cost", "cost_usd", "costUSD"), COSTS),
    **dict.fromkeys(FURTHER, SMALL),
    "latency": LATER,
    "time_to_first_token": LATER,
    "status": ["200", '"429"', "399", "400", "-3", "1000", "null", "200.0", "199.5", '"x"'],
    "provider": ['"AWS"', '"X_AI"', '"novel"', '"null"', "null", "5"],
    "properties": ['{"team": "search"}', '{"team": 5}', '"{}"', '{"x": "\\ud800"}', "[]"],
    "request_id": ['"a"', '""', '"null"', "7", "null", '"\\ud800"'],
    "cache_reference_id": ['"11111111-0000-4000-8000-000000000000"', '""', "null", '"null"'],
    "data": ["null", "[]", '[{"request_id": "p"}]', "5"],
}
TABLE: dict[str, Any] = {
    "request_id": "h0000000-0000-4000-8000-000000000001",
    "request_created_at": "2026-11-20 14:03:11.482",
    "latency": 8635,
    "time_to_first_token": 1173,
    "status": 200,
    "model": "claude-sonnet-4-5",
    "provider": "ANTHROPIC",
    "user_id": "u-alice",
    "properties": {"team": "search"},
    "request_body": {"max_tokens": 9},
    "prompt_tokens": 12,
    "completion_tokens": 640,
    "prompt_cache_read_tokens": 42000,
    "prompt_cache_write_tokens": 1800,
    "prompt_audio_tokens": 0,
    "completion_audio_tokens": 0,
    "reasoning_tokens": 200,
    "cost": 0.028986,
    "cache_reference_id": "00000000-0000-0000-0000-000000000000",
}
EXPORTED: dict[str, dict[str, Any]] = {
    "table": TABLE,
    "table with whole numbers in quotes": {
        name: str(value) if type(value) is int and name != "status" else value
        for name, value in TABLE.items()
    },
    "cost in billionths": TABLE | {"cost": 28986000},
    "cost in billionths in quotes": TABLE | {"cost": "28986000"},
    "cost of zero": TABLE | {"cost": 0},
    "small cost": TABLE | {"cost": 3.6e-05},
    "cost in dollars": TABLE | {"costUSD": 0.028986, "cost": None},
    "failed": TABLE | {"status": 429, "prompt_tokens": None, "cost": None},
    "stopped by Helicone": TABLE | {"status": -3, "model": None, "time_to_first_token": None},
    "clamped": TABLE | {"reasoning_tokens": 700},
    "total": TABLE | {"total_tokens": 652},
    "total alone": TABLE | dict.fromkeys(COUNTS) | {"total_tokens": 5},
    "residual": TABLE | {"total_tokens": 653},
    "unknown kind": TABLE | {"prompt_video_tokens": 6},
    "further keys": TABLE | {"country_code": "DE", "scores": {}, "is_passthrough_billing": False},
}


@settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    lines=lines_of([*ROWS, *EXPORTED.values()], changes(FIELDS)),
    options=st.sampled_from(OPTIONS),
    sizes=SIZES,
)
def test_whatever_the_requests_hold_both_ways_give_the_same(
    tmp_path: Path, lines: list[bytes], options: dict[str, str], sizes: tuple[int, ...]
) -> None:
    check_lines(tmp_path / "log.ndjson", lines, plain_form(options), sizes)


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("name", ["table", "cost in dollars", "failed", "total alone"])
def test_each_value_of_each_field_is_the_same_both_ways(
    tmp_path: Path, name: str, options: dict[str, str]
) -> None:
    lines = one_change_each(EXPORTED[name], FIELDS)
    check_lines(tmp_path / "log.ndjson", lines, plain_form(options), WHOLE_SIZES)


@pytest.mark.parametrize("options", OPTIONS)
def test_the_golden_requests_are_the_same_both_ways(options: dict[str, str]) -> None:
    check_form(input_of(GOLDEN_PATH), plain_form(options))


@pytest.mark.parametrize("name", EXPORTED)
@pytest.mark.parametrize("options", OPTIONS)
def test_a_request_as_it_is_exported_is_plain(name: str, options: dict[str, str]) -> None:
    assert is_plain(plain_form(options), EXPORTED[name])


def test_a_kind_of_token_that_only_a_late_request_has_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "log.ndjson"
    rows = [TABLE] * 50 + [TABLE | {"prompt_video_tokens": 6, "tokens_of_tools": 0}] + [TABLE] * 50
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    frame = check_form(input_of(path), plain_form({}))
    flagged = frame.filter(frame["quality_flags"].str.contains("unknown_token_field"))
    assert flagged["line_number"].to_list() == [51]
    details = json.loads(flagged["reported_details"].item())
    assert (details["prompt_video_tokens"], details["tokens_of_tools"]) == (6, 0)


def test_requests_that_all_have_other_keys_are_read_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "log.ndjson"
    rows = [TABLE | {f"key_{number}": 1} for number in range(KEY_LIMIT + 20)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    form = plain_form({})
    assert check_form(input_of(path), form).height == len(rows)
    assert isinstance(form.decoder, OpenDecoder)
    assert len(form.decoder.learned) <= KEY_LIMIT


def test_a_page_is_never_taken_for_a_request(tmp_path: Path) -> None:
    path = tmp_path / "log.ndjson"
    pages = [{"data": [TABLE], "error": None}, {"data": [], "error": None}]
    path.write_text("".join(json.dumps(row) + "\n" for row in [TABLE, *pages, TABLE, *pages]))
    form: PlainForm = plain_form({})
    assert check_form(input_of(path), form)["line_number"].to_list() == [1, 2, 4, 5]
