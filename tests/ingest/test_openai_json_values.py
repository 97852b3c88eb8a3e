"""JSON of any layout: one value a line, values over many lines, and broken ones between them."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from translated import input_file

from ingest.formats.json_values import json_values, records
from ingest.source import Reject

VALUES = st.lists(
    st.dictionaries(
        st.text(max_size=3),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=2), inner, max_size=3)
            ),
            max_leaves=6,
        ),
        max_size=4,
    ),
    max_size=6,
)


def values_of(tmp_path: Path, text: str) -> tuple[list[tuple[int, Any]], list[int | None]]:
    path = tmp_path / "values.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    found, rejects = [], []
    for item in json_values(input_file(path)):
        if isinstance(item, Reject):
            rejects.append(item.line_number)
        else:
            found.append((item[0], json.loads(item[1])))
    return found, rejects


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(values=VALUES, indents=st.lists(st.sampled_from([None, 0, 2]), min_size=6, max_size=6))
def test_values_in_any_layout_come_back_with_the_lines_they_begin_on(
    tmp_path: Path, values: list[Any], indents: list[int | None]
) -> None:
    texts = [json.dumps(one, indent=space) for one, space in zip(values, indents, strict=False)]
    found, rejects = values_of(tmp_path, "\n".join(texts))
    assert rejects == []
    number = 1
    for text, value, (line, read) in zip(texts, values, found, strict=True):
        assert (line, read) == (number, value)
        number += text.count("\n") + 1


@pytest.mark.parametrize(
    ("text", "lines", "rejects"),
    [
        ('{"a": "cut\n{"a": 1}\n{"a": 2}', [2, 3], [1]),
        ('{"a": [1,\n{"a": 1}\n{"a": 2}', [2, 3], [1]),
        ('{"a": {"b":\n{"a": 1}', [2], [1]),
        ('{"a": 1}\n{"a": ', [1], [2]),
        ('{\n  "a": 1,\n  "b": [\n{\n  "a": 2\n}', [4], [1]),
        ('{\n  "a": 1\n]\n{"a": 2}', [4], [1]),
        ('\n\n{\n\n"a": 1}\n\n{"b": 1}', [3, 7], []),
        ('[\n{"a": 1},\n{"a": 2}\n]', [1], []),
        ('{"a": [\n{"b": 1},\n{"b": 2}\n]}', [1], []),
        ("{\n" * 300 + '{"a": 1}', [301], list(range(1, 301))),
    ],
)
def test_a_value_that_is_never_closed_is_one_reject_and_the_next_is_read(
    tmp_path: Path, text: str, lines: list[int], rejects: list[int]
) -> None:
    found, rejected = values_of(tmp_path, text)
    assert ([line for line, _ in found], rejected) == (lines, rejects)


def test_records_of_pages_and_lists_have_the_lines_they_begin_on(tmp_path: Path) -> None:
    path = tmp_path / "pages.json"
    pages = [{"object": "page", "data": [{"a": 1}, {"a": 1}]}, [{"a": 2}], {"a": 3}]
    text = "\n".join(json.dumps(page, indent=1) for page in pages)
    path.write_text(text)
    found = [item for item in records(input_file(path), "data") if not isinstance(item, Reject)]
    assert [json.loads(bytes(one)) for _, one in found] == [{"a": 1}, {"a": 1}, {"a": 2}, {"a": 3}]
    begins = [n for n, line in enumerate(text.splitlines(), 1) if line in ("  {", " {", "{")]
    assert [number for number, _ in found] == [begins[1], begins[2], begins[3], begins[4]]


def test_a_value_too_long_to_be_held_costs_itself_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.formats.json_values.DOCUMENT_LIMIT_BYTES", 200)
    long, short = json.dumps({"a": list(range(100))}, indent=1), json.dumps({"b": [1]}, indent=1)
    path = tmp_path / "values.json"
    path.write_text(f"{short}\n\n{long}\n{short}\n")
    first, reject, second = json_values(input_file(path))
    assert (first, second) == ((1, short.encode()), (7 + long.count("\n") + 1, short.encode()))
    assert isinstance(reject, Reject)
    assert (reject.line_number, reject.reason_code) == (7, "too_long")
