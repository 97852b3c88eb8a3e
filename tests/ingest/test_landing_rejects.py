import gzip
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from landed import RECORDS, WHOLE, land_records, rejects, table
from translated import input_file, ndjson, put, spend_log

from ingest.landing_excerpts import excerpt, locate

ROWS = [spend_log(number) for number in range(20)]
LOG = "inputs/litellm/a.ndjson"


def test_the_offset_of_a_reject_is_where_its_line_begins(tmp_path: Path) -> None:
    bad = b'{"request_id": 7}\n'
    body = b"\xef\xbb\xbf" + ndjson(ROWS[:3]) + b"\n\r\n" + bad + ndjson(ROWS[3:])
    for name in ("a.ndjson", "b.ndjson.gz"):
        folder = tmp_path / name
        put(folder, f"inputs/litellm/{name}", body)
        land_records(folder, WHOLE)
        (found,) = rejects(folder).select("line_number", "byte_offset", "excerpt").rows()
        assert found == (6, body.index(bad), "object of 17 bytes: request_id integer")


def test_the_place_of_damage_is_told_and_whole_lines_before_it_are_found(tmp_path: Path) -> None:
    path = put(tmp_path, LOG, b"")
    path.write_bytes(gzip.compress(ndjson(ROWS))[:-30])
    places = locate(input_file(path), {1, 400})
    assert places[1][0] == 0
    assert places[400][0] is not None
    assert places[400][1] is None


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            b'{"model": "gpt-5", "usage": {"in": 1}, "ok": true, "n": 1.5, "x": null, "l": [1]}',
            "object of 81 bytes: model text(5), usage object(1), ok true or false, n decimal, "
            "x null, l list(1)",
        ),
        (b'{"/home/ann/secret.py": 1, "ann@example.com": 2}', "object of 48 bytes: 2 other"),
        (b'{"sk-abcdef0123456789": 1, "a8f2b7c1": 2}', "object of 41 bytes: 2 other"),
        (b"[1, 2]", "list of 6 bytes: 2 items"),
        (b'{"model": "gpt', "14 bytes that open like an object and are not JSON"),
        (b'a,"b",c', "text of 7 bytes: 3 cells between commas, 2 quotation marks"),
        (b"a\tb", "text of 3 bytes: 2 cells between tabs, 0 quotation marks"),
        (b"", "text of 0 bytes: 1 cells between commas, 0 quotation marks"),
    ],
)
def test_an_excerpt_tells_how_a_line_is_built(line: bytes, told: str) -> None:
    assert excerpt(line) == told


@given(st.text(min_size=4).map(lambda text: f"Canary{text}"))
def test_no_value_is_ever_part_of_an_excerpt(value: str) -> None:
    texts = [ndjson([{"key": value, "deep": {"key": [value]}}]), value.encode(errors="replace")]
    for text in texts:
        assert "Canary" not in excerpt(text)
        assert "Canary" not in excerpt(text[: len(text) // 2])


def test_a_mended_file_lists_no_reject_and_leaves_other_files_alone(tmp_path: Path) -> None:
    put(tmp_path, LOG, ndjson(ROWS[:5]) + b'{"broken\n' + ndjson(ROWS[5:]))
    put(tmp_path, "inputs/litellm/b.ndjson", ndjson([spend_log(50)]) + b'{"broken\n')
    land_records(tmp_path)
    assert rejects(tmp_path).height == 2
    put(tmp_path, LOG, ndjson(ROWS))
    report = land_records(tmp_path)
    assert {m.file_name for m in report.landed} == {"litellm/a.ndjson"}
    assert report.unchanged == ("litellm/b.ndjson",)
    assert rejects(tmp_path)["file_name"].to_list() == ["litellm/b.ndjson"]
    assert table(tmp_path)["event_id"].n_unique() == 21


def test_rejects_of_a_rotated_log_stay_listed(tmp_path: Path) -> None:
    path = put(tmp_path, LOG, ndjson(ROWS[:5]) + b'{"broken\n')
    land_records(tmp_path)
    path.rename(path.with_name("a.ndjson.1"))
    put(tmp_path, LOG, ndjson(ROWS[5:]))
    land_records(tmp_path)
    assert rejects(tmp_path).height == 1


def test_a_new_kind_of_token_raises_an_alarm_that_names_file_and_count(tmp_path: Path) -> None:
    usage = {"usage_object": {"prompt_tokens": 10, "hologram_tokens": 5}}
    unknown = spend_log(0, prompt_tokens=10, metadata=usage)
    put(tmp_path, LOG, ndjson([unknown, spend_log(1)]))
    report = land_records(tmp_path, RECORDS)
    flags = table(tmp_path)["quality_flags"].list.contains("unknown_token_field")
    assert flags.sum() == 1
    (manifest,) = report.landed
    assert manifest.unknown_token_rows == 1
    (line,) = report.lines()
    assert line.startswith("ALARM litellm/a.ndjson: 1 row has tokens of a kind")


def test_rejects_have_their_columns_even_when_there_are_none(tmp_path: Path) -> None:
    put(tmp_path, LOG, ndjson(ROWS))
    land_records(tmp_path)
    assert rejects(tmp_path).is_empty()
    assert {"byte_offset", "excerpt"} <= set(rejects(tmp_path).columns)
    assert table(tmp_path).schema["delivered_at"] == pl.Datetime("us")
