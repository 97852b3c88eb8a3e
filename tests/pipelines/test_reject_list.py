"""`meterhouse rejects` tells which of the files with rejects still lie among the inputs."""

from pathlib import Path

import pytest

from ingest.landing import land
from ingest.landing_memory import Contents, remembered_urls
from ingest.sources import SOURCES
from pipelines.reject_list import reject_lines
from pipelines.settings import Settings

GONE = "    gone       its file does not lie among the inputs anymore, by this name"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        path = tmp_path / "inputs" / "litellm" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'{{"broken {name}\n')
    return tmp_path


def listed(folder: Path) -> list[list[str]]:
    land(folder / "inputs", folder / "landing", SOURCES)
    text = "\n".join(reject_lines(Settings.from_environment(folder)))
    return [part.splitlines() for part in text.split("litellm  ")[1:]]


def test_lines_of_files_that_lie_there_have_no_mark(folder: Path) -> None:
    ((count, first, *rest),) = listed(folder)
    assert count == "bad_json  2 times"
    assert first == "    first at   litellm/a.json:1 (byte 0)"
    assert GONE not in rest


def test_lines_of_a_file_that_was_corrected_under_another_name_are_marked_and_come_last(
    folder: Path,
) -> None:
    listed(folder)
    (folder / "inputs/litellm/a.json").rename(folder / "inputs/litellm/a_corrected.json")
    (folder / "inputs/litellm/a_corrected.json").write_text('{"also broken\n')
    there, gone = listed(folder)
    assert there[:2] == ["bad_json  2 times", "    first at   litellm/a_corrected.json:1 (byte 0)"]
    assert GONE not in there
    assert gone[:2] == ["bad_json  1 times", "    first at   litellm/a.json:1 (byte 0)"]
    assert gone[-1] == GONE


def test_objects_that_were_seen_last_lie_there(tmp_path: Path) -> None:
    assert remembered_urls(tmp_path) == set()
    (tmp_path / "_objects.json").write_text("{broken")
    assert remembered_urls(tmp_path) == set()
    Contents(tmp_path).save(is_complete=True)
    assert remembered_urls(tmp_path) == set()
