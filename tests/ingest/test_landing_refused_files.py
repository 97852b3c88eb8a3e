"""What the system refuses is one line each; everything else lands."""

import os
import pwd
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from landed import RECORDS, WHOLE, land_records, rejects, table
from privileges import locked
from translated import ndjson, put, spend_log

from ingest import landing_inputs
from ingest.errors import MeterhouseError
from ingest.manifests import read_manifests
from ingest.source import Batch, InputFile, Reject, Source

USER = pwd.getpwuid(os.geteuid()).pw_name


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, name in enumerate("abc"):
        put(tmp_path, f"inputs/litellm/{name}.json", ndjson([spend_log(number)]))
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(m.file_name for m in read_manifests(folder / "landing"))


def faults(folder: Path, **how: object) -> list[str]:
    with pytest.raises(MeterhouseError) as caught:
        land_records(folder, **how)
    return list(caught.value.lines)


def test_a_file_that_may_not_be_read_is_named_and_the_others_land(folder: Path) -> None:
    path = folder / "inputs/litellm/b.json"
    with locked(path):
        assert faults(folder) == [f"{path}: Permission denied; let user {USER} read it"]
    assert names(folder) == ["litellm/a.json", "litellm/c.json"]
    assert land_records(folder).rows_landed == 1
    assert table(folder)["event_id"].n_unique() == 3


def test_a_folder_that_may_not_be_listed_is_named_and_the_others_land(folder: Path) -> None:
    put(folder, "inputs/litellm/east/d.json", ndjson([spend_log(4)]))
    put(folder, "inputs/litellm/west/e.json", ndjson([spend_log(5)]))
    path = folder / "inputs/litellm/east"
    with locked(path):
        assert faults(folder) == [
            f"{path}: Permission denied; let user {USER} list it and enter it"
        ]
    assert names(folder) == [f"litellm/{name}.json" for name in ("a", "b", "c", "west/e")]


@pytest.mark.parametrize("name", ["inputs", "inputs/litellm"])
def test_folders_above_files_that_may_not_be_listed_are_named_too(folder: Path, name: str) -> None:
    path = folder / name
    with locked(path):
        assert faults(folder) == [
            f"{path}: Permission denied; let user {USER} list it and enter it"
        ]


def test_a_file_on_a_failing_disk_is_named_and_the_others_land(folder: Path) -> None:
    path = folder / "inputs/litellm/b.json"
    path.unlink()
    path.symlink_to("/proc/self/mem")  # reading its first byte is an input/output error
    assert faults(folder) == [
        f"{path}: Input/output error; make it readable, or move it out of inputs/"
    ]
    assert names(folder) == ["litellm/a.json", "litellm/c.json"]


def test_a_file_that_may_not_be_read_anymore_when_its_turn_comes_is_named(folder: Path) -> None:
    path = folder / "inputs/litellm/b.json"

    def read(file: InputFile) -> Iterator[Batch | Reject]:
        if file.path == path:
            with locked(path):
                yield from RECORDS["litellm"].read(file)
        else:
            yield from RECORDS["litellm"].read(file)

    sources = {"litellm": replace(RECORDS["litellm"], read=read)}
    assert faults(folder, sources=sources) == [
        f"{path}: Permission denied; let user {USER} read it"
    ]
    assert names(folder) == ["litellm/a.json", "litellm/c.json"]


def test_a_file_that_vanishes_after_it_was_listed_is_not_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = landing_inputs.find_inputs

    def find_inputs(*args: object) -> object:
        found = listed(*args)
        (folder / "inputs/litellm/b.json").unlink()
        return found

    monkeypatch.setattr("ingest.landing.find_inputs", find_inputs)
    report = land_records(folder)
    assert [m.file_name for m in report.landed] == ["litellm/a.json", "litellm/c.json"]
    assert (report.unchanged, list(report.lines())) == ((), [])


@pytest.mark.parametrize("sources", [RECORDS, WHOLE])
def test_a_file_that_vanishes_before_it_is_read_is_not_there(
    folder: Path, sources: dict[str, Source]
) -> None:
    def read(file: InputFile) -> Iterator[Batch | Reject]:
        if file.name == "litellm/b.json":
            (folder / "inputs/litellm/b.json").unlink()
        yield from sources["litellm"].read(file)

    report = land_records(folder, {"litellm": replace(sources["litellm"], read=read)})
    assert [m.file_name for m in report.landed] == ["litellm/a.json", "litellm/c.json"]
    assert (report.unchanged, list(report.lines())) == ((), [])


def gone(path: Path) -> None:
    path.unlink()


def closed(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("ending", [gone, closed])
def test_rows_that_were_read_land_also_when_their_rejects_cannot_be_located_anymore(
    folder: Path, ending: Callable[[Path], None]
) -> None:
    path = put(folder, "inputs/litellm/b.json", ndjson([spend_log(1)]) + b'{"broken\n')

    def read(file: InputFile) -> Iterator[Batch | Reject]:
        yield from RECORDS["litellm"].read(file)
        if file.path == path:
            ending(path)

    report = land_records(folder, {"litellm": replace(RECORDS["litellm"], read=read)})
    assert report.rows_landed == 3
    assert rejects(folder).select("line_number", "byte_offset").rows() == [(2, None)]


def test_rejects_of_a_file_that_vanishes_are_not_taken_for_mended(folder: Path) -> None:
    path = put(folder, "inputs/litellm/b.json", ndjson([spend_log(1)]) + b'{"broken\n')
    land_records(folder)
    body = ndjson([spend_log(1), spend_log(9)])
    path.write_bytes(body)

    def read(file: InputFile) -> Iterator[Batch | Reject]:
        path.unlink()
        yield from RECORDS["litellm"].read(file)

    assert land_records(folder, {"litellm": replace(RECORDS["litellm"], read=read)}).landed == ()
    assert rejects(folder).height == 1
