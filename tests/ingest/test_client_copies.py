"""A client's answer is one event wherever its transcript was copied to."""

from dataclasses import replace

import pytest
from translated import GOLDEN, input_file, translate

from ingest.sources import claude_code, codex

TRANSCRIPTS = [
    (claude_code.read, GOLDEN / "claude_code" / "session.jsonl"),
    *((codex.read, path) for path in sorted((GOLDEN / "codex").glob("*.jsonl"))),
]


@pytest.mark.parametrize(("read", "path"), TRANSCRIPTS, ids=lambda part: getattr(part, "name", ""))
def test_a_transcript_copied_to_another_project_or_year_has_the_same_events(read, path) -> None:
    there = input_file(path, path.parent.name)
    copied, _ = translate(read, replace(there, instance="another-project"))
    original, _ = translate(read, there)
    assert original.height > 0
    assert copied["event_id"].to_list() == original["event_id"].to_list()
