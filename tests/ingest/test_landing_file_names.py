"""Names that no column can hold are told, and stop nothing."""

import os
from pathlib import Path

import pytest
from landed import land_records, rejects, table
from translated import ndjson, put, spend_log

from ingest.manifests import read_manifests

BAD = os.fsdecode(b"bad\xff")
ROWS = [spend_log(number) for number in range(3)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path, "inputs/litellm/gateway-1/good.ndjson", ndjson(ROWS))
    return tmp_path


def test_a_file_whose_name_is_not_utf8_is_told_and_the_others_land(folder: Path) -> None:
    put(folder, f"inputs/litellm/gateway-1/{BAD}.ndjson", ndjson([spend_log(7)]) + b'{"broken\n')
    for landed in (3, 0):
        report = land_records(folder)
        assert report.rows_landed == landed
        assert list(report.lines()) == [
            f"{folder}/inputs/litellm/gateway-1/bad\\xff.ndjson: the name is not UTF-8; rename it"
        ]
    assert [m.file_name for m in read_manifests(folder / "landing")] == [
        "litellm/gateway-1/good.ndjson"
    ]
    assert rejects(folder).is_empty()


def test_a_folder_whose_name_is_not_utf8_is_told_once(folder: Path) -> None:
    for name in ("a", "b"):
        put(folder, f"inputs/litellm/{BAD}/{name}.ndjson", ndjson([spend_log(7)]))
    put(folder, f"inputs/{BAD}/a.ndjson", b"")
    stray, told = land_records(folder).lines()
    assert stray.startswith("inputs/bad\\xff: no source of this name")
    assert told == f"{folder}/inputs/litellm/bad\\xff: the name is not UTF-8; rename it"
    assert table(folder).height == 3


def test_hidden_and_unfinished_files_are_not_told(folder: Path) -> None:
    for name in (f".{BAD}", f"{BAD}.tmp"):
        put(folder, f"inputs/litellm/{name}", b"")
    assert list(land_records(folder).lines()) == []
