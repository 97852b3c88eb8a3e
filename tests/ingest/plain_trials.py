"""What any plain form must stand: the same rows and rejects as reading record by record."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from ingest import readers
from ingest.formats import plain_records
from ingest.formats.json_values import records
from ingest.formats.plain_records import IS_PLAIN, PlainForm, record_frames, row_frames
from ingest.source import InputFile, Reject

NUMBERS = ["0", "1", "12", "12.0", "1.5", "1e3", "-1", "1000000001", "9" * 25, "true", "1e400"]
NUMBERS += ["0.028986", "2.8986e-2", "2.5e7", "0e5", "1e-0", "28986000", "123456789012", "1e12"]
NUMBERS += ["0.1234567890125", "0.0000000000005000000000000000001", "1.7999999999999998e-07"]
TEXTS = ["", "null", "NULL", "x", "12", " 7 ", "007", "1_0", "٣", "NaN", "0.50", "2.5e-3", "12\n"]
TIMES = [
    "2026-05-04T09:15:02.100Z",
    "2026-05-04 09:15:02",
    "2026-05-04 09:15:02.1",
    "2026-05-04T09:15:02.1234",
    "2026-05-04 09:15:02.123456",
    "2026-05-04T09:15:03.123456789Z",
    "2026-05-04T09:15:03+02:00",
    "2026-05-04T09:15 02Z",
    "2026-02-30T00:00:00Z",
    "soon",
]
# JSON texts; those of a text that is no UTF-8 or holds half a character among them.
VALUES = [
    *NUMBERS,
    *map(json.dumps, [*TEXTS, *TIMES]),
    "null",
    "[]",
    "{}",
    '"\\ud800"',
    '"\\u0031"',
]
NO_RECORDS = [b"", b"null", b"17", b"{}", b'{"a":"}', b'{"}', b"{}{}", b"[", b'{"data":7}']

Fields = dict[str, str]


def changes(values: Mapping[str, Sequence[str]]) -> st.SearchStrategy[Fields]:
    """Some fields and the JSON texts of their values."""
    one = st.sampled_from(sorted(values)).flatmap(
        lambda name: st.tuples(st.just(name), st.sampled_from(values[name]))
    )
    return st.lists(one, max_size=4).map(dict)


def objects(names: Sequence[str], values: Sequence[str]) -> st.SearchStrategy[str]:
    """JSON texts of objects."""
    return st.dictionaries(st.sampled_from(names), st.sampled_from(values), max_size=6).map(text_of)


def text_of(fields: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{json.dumps(key)}: {value}" for key, value in fields.items()) + "}"


def lines_of(rows: Sequence[Mapping[str, Any]], changed: st.SearchStrategy[Fields]) -> Any:
    """Records with some fields changed or gone, alone, in lists and in pages; and what is none."""
    fields = [{key: json.dumps(value) for key, value in row.items()} for row in rows]
    record = st.builds(
        lambda row, change, gone: text_of(
            {key: value for key, value in (row | change).items() if key not in gone}
        ).encode(errors="surrogatepass"),
        st.sampled_from(fields),
        st.just({}) | changed,
        st.sets(st.sampled_from(sorted(set().union(*fields))), max_size=1),
    )
    return st.lists(
        st.one_of(
            record,
            record,
            record,
            record.map(lambda text: text.replace(b"search", b"\xff")),
            record.map(lambda text: text[:-9]),
            st.builds(b'{"data": [%b,\n%b], "meta": 1}'.__mod__, st.tuples(record, record)),
            record.map(b"[%b]".__mod__),
            st.sampled_from(NO_RECORDS),
        ),
        max_size=12,
    )


WHOLE_SIZES = (readers.BLOCK_BYTES, plain_records.DECODED_BYTES, plain_records.GROUP_BYTES)
SIZES = st.tuples(
    st.sampled_from([1, 700, readers.BLOCK_BYTES]),
    st.sampled_from([1, 900, plain_records.DECODED_BYTES]),
    st.sampled_from([1, 1500, plain_records.GROUP_BYTES]),
)


def one_change_each(row: Mapping[str, Any], values: Mapping[str, Sequence[str]]) -> list[bytes]:
    """A record with each value in each field, and without each."""
    texts = {key: json.dumps(value) for key, value in row.items()}
    changed = [texts | {name: value} for name in values for value in values[name]]
    changed += [{key: texts[key] for key in texts if key != gone} for gone in texts]
    return [text_of(fields).encode(errors="surrogatepass") for fields in changed]


def check_lines(
    path: Path, lines: Sequence[bytes], form: PlainForm, sizes: tuple[int, ...]
) -> None:
    """Read lines both ways, with blocks and groups of some sizes."""
    path.write_bytes(b"\n".join(lines))
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(readers, "BLOCK_BYTES", sizes[0])
        changed.setattr(plain_records, "DECODED_BYTES", sizes[1])
        changed.setattr(plain_records, "GROUP_BYTES", sizes[2])
        check_form(input_of(path), form)


def check_form(file: InputFile, form: PlainForm) -> pl.DataFrame:
    """The rows, which are the same both ways."""
    frame, rejects = collected(record_frames(file, form), form)
    slow = row_frames(records(file, form.page_key), form.translate, form.types)
    wanted, wanted_rejects = collected(slow, form)
    assert_frame_equal(frame, wanted)
    assert sorted(rejects, key=repr) == sorted(wanted_rejects, key=repr)
    return frame


def is_plain(form: PlainForm, row: Mapping[str, Any]) -> bool:
    """Whether a record is read without looking at it alone."""
    decoded = [form.decoder.decode(json.dumps(row).encode())]
    return bool(form.columns(form.values(decoded))[IS_PLAIN].all())


def collected(items: Any, form: PlainForm) -> tuple[pl.DataFrame, list[Reject]]:
    """Rows that are requests, and rejects."""
    frames, rejects = [pl.DataFrame(schema=dict(form.types))], []
    for item in items:
        (rejects if isinstance(item, Reject) else frames).append(item)
    frame = pl.concat(frames)
    return frame.filter(pl.col("is_request") if "is_request" in form.types else True), rejects


def input_of(path: Path) -> InputFile:
    return InputFile(path=path, name=path.name, instance="default", sha256="0")
