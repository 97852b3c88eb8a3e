"""Links among the inputs are followed, each folder read once, under the same name every time."""

import os
from pathlib import Path

import pytest
from landed import land_records, table
from translated import ndjson, put, spend_log

from ingest.input_tree import tree_of
from ingest.manifests import read_manifests


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path, "inputs/litellm/b/one.ndjson", ndjson([spend_log(1)]))
    put(tmp_path, "mnt/host1/two.ndjson", ndjson([spend_log(2)]))
    put(tmp_path, "mnt/host1/deep/three.ndjson", ndjson([spend_log(3)]))
    return tmp_path


def link(folder: Path, name: str, target: Path) -> Path:
    path = folder / "inputs/litellm" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)
    return path


def names(folder: Path) -> list[str]:
    return sorted(m.file_name for m in read_manifests(folder / "landing"))


def found(folder: Path) -> list[str]:
    top = folder / "inputs/litellm"
    return [path.relative_to(top).as_posix() for path, _ in tree_of(top).files]


def test_a_linked_folder_is_read_as_if_it_lay_there(folder: Path) -> None:
    link(folder, "host1", folder / "mnt/host1")
    report = land_records(folder)
    assert (report.rows_landed, list(report.lines())) == (3, [])
    assert names(folder) == [
        "litellm/b/one.ndjson",
        "litellm/host1/deep/three.ndjson",
        "litellm/host1/two.ndjson",
    ]
    assert set(table(folder)["source_instance"]) == {"b", "host1"}


def test_a_source_folder_may_be_a_link_itself(folder: Path) -> None:
    (folder / "inputs/litellm").rename(folder / "mnt/litellm")
    (folder / "inputs/litellm").symlink_to(folder / "mnt/litellm")
    assert land_records(folder).rows_landed == 1


def test_a_folder_that_is_reached_twice_keeps_the_name_of_the_place_where_it_lies(
    folder: Path,
) -> None:
    link(folder, "a", folder / "inputs/litellm/b")
    assert found(folder) == ["b/one.ndjson"]


def test_of_two_links_to_a_folder_the_first_by_name_counts(folder: Path) -> None:
    link(folder, "host2", folder / "mnt/host1/deep")
    link(folder, "host1", folder / "mnt/host1")
    assert found(folder) == ["b/one.ndjson", "host1/deep/three.ndjson", "host1/two.ndjson"]
    link(folder, "alpha", folder / "mnt/host1/deep")
    assert found(folder) == ["alpha/three.ndjson", "b/one.ndjson", "host1/two.ndjson"]


def test_links_in_a_circle_end(folder: Path) -> None:
    link(folder, "host1", folder / "mnt/host1")
    (folder / "mnt/host1/again").symlink_to(folder / "mnt/host1")
    (folder / "mnt/host1/deep/up").symlink_to(folder / "inputs/litellm/b")
    (folder / "inputs/litellm/b/self").symlink_to(folder / "inputs/litellm")
    (folder / "inputs/litellm/b/out").symlink_to(folder)
    tree = tree_of(folder / "inputs/litellm")
    assert len(tree.files) == 3
    assert tree.unread == [
        f"{folder}/inputs/litellm/b/out: a link to a folder that holds it; remove it"
    ]


def test_a_link_that_leads_nowhere_is_one_line(folder: Path) -> None:
    paths = [
        link(folder, "gone.ndjson", folder / "mnt/nothing"),
        link(folder, "round", folder / "inputs/litellm/round"),
    ]
    link(folder, ".hidden", folder / "mnt/nothing")
    report = land_records(folder)
    assert report.rows_landed == 1
    assert list(report.lines()) == [
        f"{path}: a link that leads nowhere; restore what it leads to, or remove it"
        for path in paths
    ]


def test_a_source_that_is_a_link_to_nothing_is_told(folder: Path) -> None:
    (folder / "inputs/codex").symlink_to(folder / "mnt/nothing")
    (line,) = tree_of(folder / "inputs/codex").unread
    assert line.startswith(f"{folder}/inputs/codex: a link that leads nowhere")


def test_files_come_in_order_of_the_parts_of_their_paths(folder: Path) -> None:
    for name in ("b-1/x", "b/x", "b.x", "B/x", "b/y/z", "b/y.z", "c/x"):
        put(folder, f"inputs/litellm/{name}", b"")
    link(folder, "b0", folder / "mnt/host1")
    assert found(folder) == [
        "B/x",
        "b/one.ndjson",
        "b/x",
        "b/y/z",
        "b/y.z",
        "b-1/x",
        "b.x",
        "b0/deep/three.ndjson",
        "b0/two.ndjson",
        "c/x",
    ]


def test_a_link_to_what_is_no_file_is_not_read(folder: Path) -> None:
    link(folder, "null.ndjson", Path(os.devnull))
    assert found(folder) == ["b/one.ndjson"]
