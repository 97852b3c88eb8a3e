"""Records translated a column at a time and one by one: both ways must give the same."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from ingest import readers
from ingest.formats import plain_records
from ingest.formats.plain_records import PlainForm, record_frames, row_frames
from ingest.source import InputFile, Reject

Records = Callable[[InputFile], Iterable[Any]]
BLOCK_BYTES = st.sampled_from([1, 900, readers.BLOCK_BYTES])
DECODED_BYTES = st.sampled_from([1, 1500, plain_records.DECODED_BYTES])
GROUP_BYTES = st.sampled_from([1, 2500, plain_records.GROUP_BYTES])


def changes(values: dict[str, list[Any]], most: int = 3) -> st.SearchStrategy[dict[str, Any]]:
    """Some of these keys, each with one of its values."""
    one = st.sampled_from(sorted(values)).flatmap(
        lambda name: st.tuples(st.just(name), st.sampled_from(values[name]))
    )
    return st.lists(one, max_size=most).map(dict)


def check_both_ways(file: InputFile, form: PlainForm, records: Records) -> None:
    """Frames and rejects of a file, in the order of its lines."""
    frame, rejects = _collected(record_frames(file, form), form)
    wanted, wanted_rejects = _collected(row_frames(records(file), form.translate, form.types), form)
    assert_frame_equal(frame, wanted)
    assert sorted(rejects, key=repr) == sorted(wanted_rejects, key=repr)


def check_in_parts(
    file: InputFile, form: PlainForm, records: Records, sizes: tuple[int, int, int]
) -> None:
    """The same with blocks, decoded parts and groups of these many bytes."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(readers, "BLOCK_BYTES", sizes[0])
        changed.setattr(plain_records, "DECODED_BYTES", sizes[1])
        changed.setattr(plain_records, "GROUP_BYTES", sizes[2])
        check_both_ways(file, form, records)


def check_all_plain(path: Path, form: PlainForm, lines: int) -> None:
    """The first lines of a file need no look at each record."""
    text = b"\n".join(path.read_bytes().splitlines()[:lines])
    assert (
        form.columns(form.values(form.decoder.decode_lines(text)))["is_plain"].to_list()
        == [True] * lines
    )


def _collected(items: Iterable[Any], form: PlainForm) -> tuple[pl.DataFrame, list[Reject]]:
    frames, rejects = [pl.DataFrame(schema=dict(form.types))], []
    for item in items:
        (rejects if isinstance(item, Reject) else frames).append(item)
    return pl.concat(frames), rejects
