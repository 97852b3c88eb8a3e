"""The Mooncake conversation trace: every token lands, and its prefix cache is reproduced."""

import json
from datetime import datetime

import polars as pl
import pytest
from sample_folders import SAMPLES, land_sample, landed, raw_lines

from data.simulator.prefix_cache import TracedRequest, mooncake_requests, reused_tokens

TRACE = SAMPLES / "mooncake_fast25/inputs/mooncake_fast25/conversation_trace.jsonl.zst"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    folder = tmp_path_factory.mktemp("mooncake")
    land_sample("mooncake_fast25", folder)
    return landed(folder, "usage_events", "mooncake_fast25")


def test_every_request_and_token_of_the_trace_lands(found: pl.DataFrame) -> None:
    assert (found.height, found["event_id"].n_unique()) == (12_031, 12_031)
    assert found["uncached_input_tokens"].sum() == 144_793_823
    assert found["other_output_tokens"].sum() == 4_122_048


def test_a_time_that_counts_from_the_trace_s_beginning_lands_after_the_stated_origin(
    found: pl.DataFrame,
) -> None:
    times = found["started_at"]
    last = max(json.loads(line)["timestamp"] for line in raw_lines(TRACE))
    assert last == 3_536_999
    assert times.min() == datetime.fromisoformat("2024-06-01T00:00:00")
    assert times.max() == datetime.fromisoformat("2024-06-01T00:58:56.999")


def test_an_infinite_prefix_cache_serves_the_published_tokens() -> None:
    requests = list(mooncake_requests(raw_lines(TRACE)))
    assert sum(request.input_tokens for request in requests) == 144_793_823
    assert sum(reused_tokens(requests)) == 54_098_411


def test_only_the_leading_blocks_count_and_never_more_than_the_prompt() -> None:
    prompts = [([1, 2, 3], 1300), ([1, 2, 3], 1300), ([1, 9, 3], 1536), ([2, 3], 600), ([], 0)]
    requests = [
        TracedRequest(input_tokens=tokens, output_tokens=1, blocks=blocks)
        for blocks, tokens in prompts
    ]
    assert list(reused_tokens(requests)) == [0, 1300, 512, 600, 0]
