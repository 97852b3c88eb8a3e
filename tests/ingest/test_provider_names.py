"""A request that two tools tell of belongs to one provider account, whatever each calls it."""

import json
from pathlib import Path

import pytest
from translated import input_file, translate

from ingest.formats.provider_names import SPELLINGS, provider_of
from ingest.sources import SOURCES
from pipelines.prices import match_models


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("xai", "x_ai"),
        ("Mistral", "mistral_ai"),
        ("ollama_chat", "self_hosted"),
        ("amazon-bedrock", "aws.bedrock"),
        ("text-completion-codestral", "mistral_ai"),
        ("vertex_ai-anthropic_models", "gcp.vertex_ai"),
        ("ibm.watsonx.ai", "ibm.watsonx.ai"),
        ("Qwen", "qwen"),
        ("", None),
        (None, None),
    ],
)
def test_each_spelling_has_one_name(spelling: str | None, name: str | None) -> None:
    assert provider_of(spelling) == name


def test_a_name_keeps_itself_and_no_spelling_has_two() -> None:
    assert [provider_of(name) for name in SPELLINGS] == list(SPELLINGS)
    spelled = [other for others in SPELLINGS.values() for other in others]
    assert len(spelled) == len(set(spelled))
    assert not {*spelled} & {*SPELLINGS}


def test_a_gateway_and_a_tracer_name_the_same_account(tmp_path: Path) -> None:
    call = {
        "request_id": "a",
        "startTime": "2026-05-04T10:00:00Z",
        "custom_llm_provider": "xai",
        "model": "xai/grok-4",
        "prompt_tokens": 4000,
        "completion_tokens": 400,
    }
    attributes = {
        "gen_ai.operation.name": {"stringValue": "chat"},
        "gen_ai.provider.name": {"stringValue": "x_ai"},
        "gen_ai.request.model": {"stringValue": "grok-4"},
        "gen_ai.response.id": {"stringValue": "a"},
        "gen_ai.usage.input_tokens": {"intValue": "4000"},
    }
    span = {
        "traceId": "0" * 31 + "1",
        "spanId": "0" * 15 + "2",
        "kind": 3,
        "startTimeUnixNano": "1777888800000000000",
        "endTimeUnixNano": "1777888801000000000",
        "attributes": [{"key": key, "value": value} for key, value in attributes.items()],
    }
    spans = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
    for source, record in (("litellm", call), ("otlp_spans", spans)):
        path = tmp_path / f"{source}.jsonl"
        path.write_text(json.dumps(record))
        frame, rejects = translate(SOURCES[source].read, input_file(path, source))
        assert (frame["provider_name"].to_list(), rejects) == (["x_ai"], [])


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("x_ai", "grok-4"),
        ("mistral_ai", "mistral-large-latest"),
        ("azure.ai.inference", "gpt-4o"),
        ("gcp.gen_ai", "gemini-2.5-pro"),
    ],
)
def test_the_price_book_knows_a_provider_by_its_one_name(provider: str, model: str) -> None:
    assert match_models([(provider, model)]).height == 1
