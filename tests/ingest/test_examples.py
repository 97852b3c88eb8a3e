"""Invented records in the shapes that producers document, and the token sums they must come to."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from reader_trials import read_all
from translated import GOLDEN

from ingest.schema import INPUT_TOKEN_CLASSES, OUTPUT_TOKEN_CLASSES
from ingest.sources import SOURCES

EXAMPLES = GOLDEN / "examples"
EXPECTED = json.loads((EXAMPLES / "expected.json").read_text())
# Name of the sums -> source, and the files that tell them.
FILES = {
    "litellm_db": ("litellm", "litellm_spend_logs_v2.json"),
    "litellm_payload": ("litellm", "litellm_standard_logging_payload.json"),
    "openai_usage": ("openai_usage", "openai_usage_*"),
    "openai_chat": ("openai_bodies", "openai_chat_*"),
    "openai_response": ("openai_bodies", "openai_response.json"),
    "openai_batch": ("openai_batch", "openai_batch_*"),
    "anthropic_message": ("anthropic_messages", "anthropic_message.json"),
    "anthropic_usage": ("anthropic_usage", "anthropic_usage_*"),
    "claude_code": ("claude_code", "claude_code_*"),
    "codex": ("codex", "codex_*"),
    "bedrock": ("bedrock_log", "bedrock_*"),
    "gemini": ("vertex_log", "gemini_*"),
    "vertex": ("vertex_log", "vertex_*"),
    "otlp": ("otlp_spans", "otlp_*"),
    "sglang_file": ("sglang_requests", "sglang_*"),
    "llamacpp": ("llamacpp", "llamacpp_*"),
    "ollama": ("ollama", "ollama_*"),
    "helicone": ("helicone", "helicone_*"),
    "langfuse": ("langfuse", "langfuse_*"),
}
# Names of the sums -> token classes.
SUMS = {
    "tin": INPUT_TOKEN_CLASSES,
    "tout": OUTPUT_TOKEN_CLASSES,
    # of every modality
    "in_uncached": [name for name in INPUT_TOKEN_CLASSES if name.startswith("uncached_")],
    "in_cache_read": [name for name in INPUT_TOKEN_CLASSES if name.startswith("cache_read_")],
    "in_cache_write_5m": ("cache_write_5m_input_tokens",),
    "in_cache_write_30m": ("cache_write_30m_input_tokens",),
    "in_cache_write_1h": ("cache_write_1h_input_tokens",),
    "in_cache_write_unspec": ("cache_write_other_input_tokens",),
    "in_tool_use": ("tool_use_input_tokens",),
    "out_visible": [name for name in OUTPUT_TOKEN_CLASSES if not name.startswith("reasoning")],
    "out_reasoning": ("reasoning_output_tokens",),
}


def test_every_sum_is_compared() -> None:
    assert set(FILES) == set(EXPECTED)
    assert {name for sums in EXPECTED.values() for name in sums} <= {"events", *SUMS}


@pytest.mark.parametrize("name", FILES)
def test_examples_come_to_their_sums(name: str, tmp_path: Path) -> None:
    source, pattern = FILES[name]
    frames = []
    for example in sorted(EXAMPLES.glob(pattern)):
        # the time of an answer that does not tell it
        path = shutil.copy(example, tmp_path / f"2026-11-20_20261120T150000Z_{example.name}")
        tables, rejects = read_all(SOURCES[source], Path(path), time_zone="UTC")
        assert rejects == []
        frames.append(tables["usage_events"])
    classes = pl.sum_horizontal(*INPUT_TOKEN_CLASSES, *OUTPUT_TOKEN_CLASSES)
    copies = pl.concat(frames).sort(classes, descending=True)
    # one event of its copies, as the warehouse counts it: the fullest; of an answer one
    events = copies.unique("event_id", keep="first", maintain_order=True)
    if source == "claude_code":
        events = events.unique("request_id", keep="first", maintain_order=True)
    found = {key: sum(events[name].sum() for name in SUMS[key]) for key in SUMS}
    wanted = {**dict.fromkeys(SUMS, 0), **EXPECTED[name]}
    # what failed and tells of no token is an event, but none of these
    told = pl.any_horizontal(pl.col(*INPUT_TOKEN_CLASSES, *OUTPUT_TOKEN_CLASSES).is_not_null())
    assert found | {"events": events.filter(told).height} == wanted
