from datetime import UTC, datetime
from pathlib import Path

import pytest
from landed import everything
from translated import GOLDEN, put

from ingest.landing import land
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


def test_the_formats_with_prompts_are_among_those_that_are_searched() -> None:
    assert "litellm" in PRIVATE
