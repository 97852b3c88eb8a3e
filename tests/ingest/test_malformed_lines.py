"""Every kind of malformed line between two good ones: the right row, or the right reject.

The corpus is data: a name, the line's bytes, and what landing must make of it. Each file goes the
whole way, through LiteLLM's reader into Parquet, so that places and reasons are those that a user
is told. What parsers of JSON do otherwise (a null row, a truncated number, a lost file) is why
each kind is here.
"""

from pathlib import Path

import polars as pl
import pytest
from landed import NOW
from translated import ndjson, put, spend_log

from ingest.landing import LandingReport, land
from ingest.landing_rejects import REJECTS_FOLDER
from ingest.readers import LINE_LIMIT_BYTES
from ingest.sources import SOURCES

Row = tuple[str, int | None, int | None]  # natural key, uncached input, other output
Fault = tuple[str, str | None]  # reason code, column

BEFORE, LINE, AFTER = ndjson([spend_log(number) for number in (1, 2, 3)]).splitlines(keepends=True)
GOOD = LINE.rstrip()
FIRST: Row = ("chatcmpl-1", 11, 1)
ROW: Row = ("chatcmpl-2", 12, 2)
LAST: Row = ("chatcmpl-3", 13, 3)
NUMBER: Fault = ("bad_value", "prompt_tokens")
NO_JSON: Fault = ("bad_json", None)
NO_OBJECT: Fault = ("bad_value", None)
MARKED = "byte order mark inside the file"


def tokens(text: bytes) -> bytes:
    return GOOD.replace(b'"prompt_tokens": 12', b'"prompt_tokens": ' + text)


def model(text: bytes) -> bytes:
    return GOOD.replace(b"gpt-5", text)


def extra(text: bytes) -> bytes:
    return GOOD[:-1] + b", " + text + b"}"


REJECTED: dict[str, tuple[bytes, Fault]] = {
    "truncated": (GOOD[:-20], NO_JSON),
    "truncated inside a text": (GOOD[: GOOD.index(b"gpt") + 2], NO_JSON),
    "trailing garbage": (GOOD + b" trailer", NO_JSON),
    "trailing comma": (GOOD + b",", NO_JSON),
    "two objects on a line": (GOOD + GOOD, NO_JSON),
    "NaN": (tokens(b"NaN"), NO_JSON),
    "Infinity": (tokens(b"Infinity"), NO_JSON),
    "fraction for a count": (tokens(b"1.5"), NUMBER),
    "text for a count": (tokens(b'"12"'), NUMBER),
    "exponent for a count": (tokens(b"1e3"), NUMBER),
    "true for a count": (tokens(b"true"), NUMBER),
    "negative count": (tokens(b"-1"), NUMBER),
    "huge integer": (tokens(b"9" * 40), NUMBER),
    "integer beyond 64 bits": (tokens(b"18446744073709551616"), NUMBER),
    "leading zero": (tokens(b"012"), NO_JSON),
    "null line": (b"null", NO_OBJECT),
    "number line": (b"17", NO_OBJECT),
    "text line": (b'"row"', NO_OBJECT),
    "array of numbers": (b"[1]", NO_OBJECT),
    "empty object": (b"{}", ("missing_value", "startTime")),
    "missing id": (GOOD.replace(b'"request_id"', b'"id_"'), ("missing_value", "request_id")),
    "missing time": (GOOD.replace(b'"startTime"', b'"start"'), ("missing_value", "startTime")),
    "bad UTF-8": (model(b"gpt\xff5"), ("bad_encoding", None)),
    "cut UTF-8": (model(b"gpt\xc3"), ("bad_encoding", None)),
    MARKED: (b"\xef\xbb\xbf" + GOOD, NO_JSON),
    "NUL inside a text": (model(b"gpt\x005"), NO_JSON),
    "NULs of a crashed disk": (b"\0" * 64, NO_JSON),
    "lone surrogate": (model(b"gpt\\ud8005"), NO_JSON),
    "raw tab inside a text": (model(b"gpt\t5"), NO_JSON),
    "single quotation marks": (b"{'request_id': 'chatcmpl-2'}", NO_JSON),
    "nested too deep": (extra(b'"extra": ' + b"[" * 5000 + b"]" * 5000), ("too_deep", None)),
    "UTF-16 without its mark": (GOOD.decode().encode("utf-16-le"), NO_JSON),
}
READ: dict[str, tuple[bytes, list[Row]]] = {
    "good": (GOOD, [ROW]),
    "duplicate key, of which the last counts as in every parser": (
        extra(b'"prompt_tokens": 21'),
        [("chatcmpl-2", 21, 2)],
    ),
    "missing count, which is not reported": (
        GOOD.replace(b'"prompt_tokens": 12, ', b""),
        [("chatcmpl-2", None, 2)],
    ),
    "null count, which is not reported": (tokens(b"null"), [("chatcmpl-2", None, 2)]),
    "zero, which is reported": (tokens(b"0"), [("chatcmpl-2", 0, 2)]),
    "escaped NUL": (model(b"gpt\\u00005"), [ROW]),
    "pair of surrogates": (model(b"gpt\\ud83d\\ude005"), [ROW]),
    "blank line": (b"", []),
    "line of spaces": (b" \t ", []),
    "Windows line end": (GOOD + b"\r", [ROW]),
    "spaces around": (b"  " + GOOD + b"\t", [ROW]),
    "unknown fields": (extra(b'"new": {"deep": [1, null, "x"]}, "tier": 7'), [ROW]),
    "array of rows": (b"[" + GOOD + b"]", [ROW]),
    "empty array": (b"[]", []),
}


def land_file(
    folder: Path, content: bytes, name: str = "a.ndjson"
) -> tuple[LandingReport, list[Row]]:
    put(folder, f"inputs/litellm/{name}", content)
    report = land(folder / "inputs", folder / "landing", SOURCES, now=NOW)
    files = folder / "landing/usage_events/*/*/*.parquet"
    table = pl.read_parquet(files, hive_partitioning=False).sort("line_number")
    columns = ("natural_key", "uncached_input_tokens", "other_output_tokens")
    return report, table.select(columns).rows()


def faults(folder: Path) -> list[tuple[int | None, int | None, str, str | None]]:
    table = pl.read_parquet(folder / "landing" / REJECTS_FOLDER / "*/*.parquet")
    return table.select("line_number", "byte_offset", "reason_code", "column_name").rows()


@pytest.mark.parametrize("name", REJECTED)
def test_a_malformed_line_is_one_reject_with_its_place_and_its_neighbors_land(
    name: str, tmp_path: Path
) -> None:
    line, fault = REJECTED[name]
    assert line != GOOD
    report, rows = land_file(tmp_path, BEFORE + line + b"\n" + AFTER)
    assert faults(tmp_path) == [(2, len(BEFORE), *fault)]
    assert rows == [FIRST, LAST]
    assert sum(manifest.rows_read for manifest in report.landed) == 3


@pytest.mark.parametrize("name", READ)
def test_a_line_that_can_be_read_gives_its_rows_and_no_reject(name: str, tmp_path: Path) -> None:
    line, wanted = READ[name]
    _, rows = land_file(tmp_path, BEFORE + line + b"\n" + AFTER)
    assert faults(tmp_path) == []
    assert rows == [FIRST, *wanted, LAST]


@pytest.mark.parametrize("name", [name for name in REJECTED if name != MARKED])
def test_a_malformed_first_or_last_line_takes_nothing_with_it(name: str, tmp_path: Path) -> None:
    line, _ = REJECTED[name]
    for number, content in ((1, line + b"\n" + BEFORE + AFTER), (3, BEFORE + AFTER + line + b"\n")):
        folder = tmp_path / str(number)
        _, rows = land_file(folder, content)
        assert [fault[0] for fault in faults(folder)] == [number]
        assert rows == [FIRST, LAST]


def test_all_malformed_lines_in_one_file_are_rejected_each_at_its_place(tmp_path: Path) -> None:
    content, places = BEFORE, []
    for number, (line, fault) in enumerate(REJECTED.values(), start=1):
        places.append((2 * number, len(content), *fault))
        content += line + b"\n" + AFTER.replace(b"chatcmpl-3", b"chatcmpl-%d" % (number + 100))
    _, rows = land_file(tmp_path, content)
    assert sorted(faults(tmp_path)) == places
    assert len(rows) == 1 + len(REJECTED)


def test_a_byte_order_mark_before_the_first_line_changes_nothing(tmp_path: Path) -> None:
    _, rows = land_file(tmp_path, b"\xef\xbb\xbf" + BEFORE + AFTER)
    assert (rows, faults(tmp_path)) == ([FIRST, LAST], [])


def test_a_file_in_utf_16_is_one_reject_of_the_file(tmp_path: Path) -> None:
    put(tmp_path, "inputs/litellm/a.ndjson", (BEFORE + AFTER).decode().encode("utf-16"))
    land(tmp_path / "inputs", tmp_path / "landing", SOURCES, now=NOW)
    assert faults(tmp_path) == [(None, None, "bad_encoding", None)]


def test_a_line_longer_than_any_log_s_is_rejected_and_its_neighbors_land(tmp_path: Path) -> None:
    line = extra(b'"messages": "' + b"x" * LINE_LIMIT_BYTES + b'"')
    _, rows = land_file(tmp_path, BEFORE + line + b"\n" + AFTER, "a.ndjson.gz")
    assert faults(tmp_path) == [(2, len(BEFORE), "too_long", None)]
    assert rows == [FIRST, LAST]


def test_a_last_line_that_was_cut_off_waits_in_a_growing_log_and_is_rejected_in_a_packed_one(
    tmp_path: Path,
) -> None:
    cut = BEFORE + GOOD[:-20]
    _, rows = land_file(tmp_path / "growing", cut)
    assert (rows, faults(tmp_path / "growing")) == ([FIRST], [])
    _, rows = land_file(tmp_path / "packed", cut, "a.ndjson.gz")
    assert faults(tmp_path / "packed") == [(2, len(BEFORE), "unfinished_line", None)]
    assert rows == [FIRST]
    whole = tmp_path / "growing/inputs/litellm/a.ndjson"
    _, rows = land_file(tmp_path / "growing", whole.read_bytes() + GOOD[-20:] + b"\n" + AFTER)
    assert rows == [FIRST, ROW, LAST]
