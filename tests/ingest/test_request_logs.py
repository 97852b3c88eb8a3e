"""What holds for every log of requests, whoever writes it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reader_trials import check_sums, read_all, said
from translated import GOLDEN, check_golden, input_file, ndjson

from ingest.source import Source
from ingest.sources import (
    azure_metrics,
    azure_openai_log,
    bedrock_log,
    helicone,
    langfuse,
    llamacpp,
    ollama,
    vertex_log,
)

OPTIONS = {
    "bedrock_log": {"team_tag": "team"},
    "vertex_log": {"team_tag": "team", "sampling_rate": "0.5"},
    "langfuse": {"team_tag": "team", "provider_name": "anthropic"},
    "helicone": {"team_tag": "team"},
}
BY_LINE = [
    bedrock_log.SOURCE,
    vertex_log.SOURCE,
    langfuse.SOURCE,
    helicone.SOURCE,
    ollama.SOURCE,
    llamacpp.SOURCE,
    azure_openai_log.SOURCE,
]
SOURCES = [*BY_LINE, azure_metrics.SOURCE]
each_source = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
each_log = pytest.mark.parametrize("source", BY_LINE, ids=lambda source: source.name)


def golden(source: Source) -> Path:
    (path,) = (GOLDEN / source.name).glob("input.*")
    return path


def good_rows(source: Source) -> list[dict[str, Any]]:
    """Records of the golden file that are a request each."""
    frames, _ = read_all(source, golden(source), **OPTIONS.get(source.name, {}))
    lines = golden(source).read_text().splitlines()
    found = [json.loads(lines[number - 1]) for number in frames["usage_events"]["line_number"]]
    return [row for row in found if "records" not in row]


@each_source
def test_each_shape_of_record_keeps_its_tokens_and_flags(source: Source) -> None:
    options = OPTIONS.get(source.name, {})
    check_golden(source.read, source.name, input_file(golden(source), source.name, **options))


@each_source
def test_nothing_that_was_said_leaves_the_file(source: Source) -> None:
    text = golden(source).read_text()
    assert "CANARY" in text or source is azure_metrics.SOURCE
    given = said(*read_all(source, golden(source), **OPTIONS.get(source.name, {})))
    assert "CANARY" not in given
    assert "192.0.2.7" not in given


@each_log
def test_the_same_record_gives_the_same_event_whatever_surrounds_it(
    source: Source, tmp_path: Path
) -> None:
    rows = good_rows(source)
    texts: dict[str, Callable[[], bytes]] = {
        "plain": lambda: ndjson(rows),
        "shuffled": lambda: ndjson(rows[::-1]),
        "windows": lambda: b"\xef\xbb\xbf" + ndjson(rows).replace(b"\n", b"\r\n"),
        "twice": lambda: ndjson([*rows, *rows]),
        "sorted keys": lambda: ndjson([dict(sorted(row.items())) for row in rows]),
        "no line end": lambda: ndjson(rows).rstrip(),
    }
    found = {}
    for name, text in texts.items():
        path = tmp_path / f"{name}.ndjson"
        path.write_bytes(text())
        frames, rejects = read_all(source, path, **OPTIONS.get(source.name, {}))
        assert rejects == [], name
        found[name] = frames["usage_events"].drop("line_number").unique().sort("event_id")
    assert all(frame.equals(found["plain"]) for frame in found.values())
    keys = found["plain"]["event_id"]
    assert keys.n_unique() == len(rows)


MUTATION = st.fixed_dictionaries(
    {
        "unknown": st.dictionaries(st.sampled_from(["x_new", "note"]), st.integers() | st.text()),
        "values": st.lists(
            st.tuples(
                st.integers(0, 40),
                st.one_of(
                    st.none(),
                    st.integers(-5, 10**4),
                    st.just(10**30),
                    st.just(0.5),
                    st.just("12"),
                    st.just([]),
                    st.just({}),
                    st.booleans(),
                ),
            ),
            max_size=3,
        ),
        "cut": st.integers(0, 30),
    }
)


def leaves(value: Any) -> list[tuple[Any, Any]]:
    """Places of a record that hold a single value."""
    pairs = enumerate(value) if isinstance(value, list) else value.items()
    found: list[tuple[Any, Any]] = []
    for key, inner in list(pairs):
        if isinstance(inner, dict | list):
            found.extend(leaves(inner))
        else:
            found.append((value, key))
    return found


@each_log
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_mangled_record_is_a_row_that_adds_up_or_one_reject(
    source: Source, tmp_path: Path, data: st.DataObject
) -> None:
    rows = good_rows(source)
    row = data.draw(st.sampled_from(rows))
    change = data.draw(MUTATION)
    mangled = json.loads(json.dumps(row)) | change["unknown"]
    for place, value in change["values"]:
        places = leaves(mangled)
        holder, key = places[place % len(places)]
        holder[key] = value
    text = json.dumps(mangled).encode()
    text = text[: len(text) - change["cut"]] if change["cut"] > 20 else text
    path = tmp_path / "log.ndjson"
    path.write_bytes(ndjson([rows[0]]) + text + b"\n" + ndjson([rows[-1]]))
    frames, rejects = read_all(source, path, **OPTIONS.get(source.name, {}))
    events = frames["usage_events"]
    assert {1, 3} <= set(events["line_number"])
    assert {reject.line_number for reject in rejects} <= {2}
    assert len(rejects) + events.filter(events["line_number"] == 2).height <= 1
    assert "CANARY" not in said(frames, rejects)
    for event in events.to_dicts():
        check_sums(event)
