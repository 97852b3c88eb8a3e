"""Each empty file is named while it lies there, and no longer."""

import gzip
from pathlib import Path

import pytest
from landed import RECORDS, WHOLE, land_records, rejects, table
from translated import ndjson, put, spend_log

from ingest.manifests import read_manifests
from ingest.source import Source

EMPTY = "the file is empty"


def named(folder: Path) -> list[str]:
    return rejects(folder)["file_name"].to_list()


@pytest.fixture(params=[RECORDS, WHOLE], ids=["records", "whole"])
def sources(request: pytest.FixtureRequest) -> dict[str, Source]:
    return request.param


def test_each_of_several_empty_files_is_named(tmp_path: Path, sources: dict[str, Source]) -> None:
    for name in ("a", "b", "east/c", "east/d"):
        put(tmp_path, f"inputs/litellm/{name}.json", b"")
    put(tmp_path, "inputs/litellm/e.json.gz", b"")
    report = land_records(tmp_path, sources)
    assert [line.partition(";")[0] for line in report.lines()] == [
        f"litellm/{name}: {EMPTY}"
        for name in ("a.json", "b.json", "e.json.gz", "east/c.json", "east/d.json")
    ]
    assert land_records(tmp_path, sources).landed == ()
    assert len(named(tmp_path)) == 5


@pytest.mark.parametrize("start", [b"", b"\n"])
def test_a_file_that_is_filled_leaves_the_others_named(
    tmp_path: Path, sources: dict[str, Source], start: bytes
) -> None:
    for name in "abc":
        put(tmp_path, f"inputs/litellm/{name}.json", b"")
    land_records(tmp_path, sources)
    put(tmp_path, "inputs/litellm/b.json", start + ndjson([spend_log(1)]))
    assert land_records(tmp_path, sources).rows_landed == 1
    assert named(tmp_path) == ["litellm/a.json", "litellm/c.json"]
    assert table(tmp_path).height == 1


def test_a_file_that_is_taken_away_is_not_named_and_one_that_comes_again_is(
    tmp_path: Path, sources: dict[str, Source]
) -> None:
    paths = [put(tmp_path, f"inputs/litellm/{name}.json", b"") for name in "ab"]
    land_records(tmp_path, sources)
    paths[0].unlink()
    land_records(tmp_path, sources)
    assert named(tmp_path) == ["litellm/b.json"]
    assert [m.file_name for m in read_manifests(tmp_path / "landing")] == ["litellm/b.json"]
    paths[0].write_bytes(b"")
    (line,) = land_records(tmp_path, sources).lines()
    assert line.startswith(f"litellm/a.json: {EMPTY}")


def test_a_filled_file_that_is_emptied_keeps_its_rows_and_is_named(
    tmp_path: Path, sources: dict[str, Source]
) -> None:
    path = put(tmp_path, "inputs/litellm/a.json", ndjson([spend_log(1)]))
    land_records(tmp_path, sources)
    path.write_bytes(b"")
    land_records(tmp_path, sources)
    assert named(tmp_path) == ["litellm/a.json"]
    put(tmp_path, "inputs/litellm/a.json", ndjson([spend_log(1), spend_log(2)]))
    land_records(tmp_path, sources)
    assert named(tmp_path) == []
    assert set(table(tmp_path)["natural_key"]) == {"chatcmpl-1", "chatcmpl-2"}


def test_each_of_several_files_that_break_at_their_first_byte_is_named(tmp_path: Path) -> None:
    for name in "ab":
        path = put(tmp_path, f"inputs/litellm/{name}.json.gz", ndjson([spend_log(1)]))
        path.write_bytes(gzip.compress(b"x")[:10])
    land_records(tmp_path)
    assert named(tmp_path) == ["litellm/a.json.gz", "litellm/b.json.gz"]
    put(tmp_path, "inputs/litellm/a.json.gz", ndjson([spend_log(1)]))
    assert land_records(tmp_path).rows_landed == 1
    assert named(tmp_path) == ["litellm/b.json.gz"]
