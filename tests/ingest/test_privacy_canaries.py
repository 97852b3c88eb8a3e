import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from landed import everything
from translated import GOLDEN, ndjson, put, spend_log

from ingest.landing import land
from ingest.mapping import load_mappings
from ingest.sources import SOURCES

# What golden inputs hold wherever a producer writes something private.
CANARIES = (b"canary", b"192.0.2.7")
EXPECTATIONS = ("expected.json",)
OPTIONS = {name: {"time_zone": "UTC"} for name in SOURCES}


def golden_inputs(source: str) -> list[Path]:
    found = sorted(path for path in (GOLDEN / source).rglob("*") if path.is_file())
    return [path for path in found if path.name not in EXPECTATIONS]


def has_canary(content: bytes) -> bool:
    return any(canary in content.lower() for canary in CANARIES)


PRIVATE = [
    name for name in SOURCES if any(has_canary(path.read_bytes()) for path in golden_inputs(name))
]


@pytest.mark.parametrize("source", PRIVATE)
def test_nothing_private_is_in_any_byte_that_landing_writes(source: str, tmp_path: Path) -> None:
    for path in golden_inputs(source):
        body = path.read_bytes()
        name = f"inputs/{source}/{path.relative_to(GOLDEN / source).as_posix()}"
        put(tmp_path, name, body)
        # Cut, broken and misplaced lines: what is said of them must be as silent.
        put(tmp_path, f"inputs/{source}/cut/{path.name}", body[: len(body) * 2 // 3])
        lines = [line[: len(line) // 2] for line in body.splitlines()]
        put(tmp_path, f"inputs/{source}/halves/{path.name}", b"\n".join(lines))
        shifted = body.replace(b'"', b"'", 3).replace(b",", b";", 2)
        put(tmp_path, f"inputs/{source}/quotes/{path.name}", shifted)
    now = datetime.now(UTC).replace(tzinfo=None)
    report = land(tmp_path / "inputs", tmp_path / "landing", SOURCES, OPTIONS, now=now)
    printed = [report.summary(), *report.lines()]
    assert report.rows_landed > 0
    assert not has_canary("\n".join(printed).encode())
    assert not has_canary(everything(tmp_path / "landing"))


SECRET_KEYS = ("my secret token of Canary", "sk-canary-tokens", "tokens_canary_4711")


def with_secret_keys(value: Any) -> Any:
    """Keys are the user's as well: every object has some whose name is private and counts none."""
    if isinstance(value, list):
        return [with_secret_keys(one) for one in value]
    if not isinstance(value, dict):
        return value
    # OTLP names its attributes in values.
    key = {"key": f"gen_ai.usage.{SECRET_KEYS[0]}", "value": {"stringValue": "x"}}
    inner = {
        name: [*one, key] if name == "attributes" and isinstance(one, list) else one
        for name, one in value.items()
    }
    inner = {name: with_secret_keys(one) for name, one in inner.items()}
    return inner | dict.fromkeys(SECRET_KEYS, "x")


def objects_of(path: Path) -> list[Any]:
    """The JSON values of a file, one a line or one alone; none of another format."""
    try:
        return [json.loads(path.read_bytes())]
    except ValueError:
        pass
    try:
        return [json.loads(line) for line in path.read_bytes().splitlines() if line.strip()]
    except ValueError:
        return []


@pytest.mark.parametrize("source", SOURCES)
def test_no_key_of_a_log_is_told_with_what_is_rejected(source: str, tmp_path: Path) -> None:
    for path in golden_inputs(source):
        for number, value in enumerate(objects_of(path)):
            body = json.dumps(with_secret_keys(value)).encode() + b"\n"
            put(tmp_path, f"inputs/{source}/{number}/{path.name}", body)
    now = datetime.now(UTC).replace(tzinfo=None)
    report = land(tmp_path / "inputs", tmp_path / "landing", SOURCES, OPTIONS, now=now)
    assert not has_canary("\n".join(report.lines()).encode())
    assert not has_canary(everything(tmp_path / "landing/_rejects"))


def test_a_field_whose_name_may_be_private_is_rejected_without_it(tmp_path: Path) -> None:
    usage = {"usage_object": {"prompt_tokens": 10, "my secret token of Canary": "x"}}
    known = {"usage_object": {"prompt_tokens": "x"}}
    rows = [spend_log(1, metadata=usage), spend_log(2, metadata=known)]
    put(tmp_path, "inputs/litellm/a.ndjson", ndjson(rows))
    report = land(tmp_path / "inputs", tmp_path / "landing", SOURCES, now=datetime(2026, 6, 1))  # noqa: DTZ001
    limit = "not a whole number of tokens from 0 to 1,000,000,000"
    assert [line.partition(";")[0] for line in report.lines()] == [
        f"litellm/a.ndjson:1:(name not shown): {limit}",
        f"litellm/a.ndjson:2:prompt_tokens: {limit}",
    ]


def test_a_column_that_a_mapping_names_is_told_whatever_its_name(tmp_path: Path) -> None:
    toml = b'format = "csv"\nnatural_key = "line"\n[columns]\nstarted_at = "When (UTC), 2026"\n'
    put(tmp_path, "mappings/log.toml", toml)
    put(tmp_path, "inputs/log/a.csv", b'"When (UTC), 2026"\nyesterday\n')
    sources = load_mappings(tmp_path / "mappings")
    report = land(tmp_path / "inputs", tmp_path / "landing", sources)
    assert report.rejects["column_name"].to_list() == ["When (UTC), 2026"]


def test_the_formats_with_prompts_are_among_those_that_are_searched() -> None:
    assert "litellm" in PRIVATE
