"""New files start a run for the days they touch."""

import os
import time

import dagster as dg
import pytest

from pipelines.defs.resources import DataFolder
from pipelines.defs.sensors import new_files


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("METERHOUSE_DATA", str(tmp_path))
    (tmp_path / "inputs" / "litellm").mkdir(parents=True)
    return tmp_path


def tick(cursor=None):
    context = dg.build_sensor_context(cursor=cursor, resources={"folder": DataFolder()})
    return new_files(context), context.cursor


def put(folder, name, text="{}\n", seconds_ago=3600):
    path = folder / "inputs" / "litellm" / name
    path.write_text(text)
    then = time.time() - seconds_ago
    os.utime(path, (then, then))


def test_a_new_file_starts_a_run_and_an_unchanged_folder_does_not(folder) -> None:
    put(folder, "a.ndjson")
    first, cursor = tick()
    assert isinstance(first, dg.RunRequest)
    again, _ = tick(cursor)
    assert isinstance(again, dg.SkipReason)


def test_a_file_that_grows_starts_another_run(folder) -> None:
    put(folder, "a.ndjson")
    first, cursor = tick()
    put(folder, "a.ndjson", text="{}\n{}\n")
    second, _ = tick(cursor)
    assert isinstance(second, dg.RunRequest)
    assert second.run_key != first.run_key


def test_a_file_being_written_is_left_alone_until_it_is_still(folder) -> None:
    put(folder, "a.ndjson", seconds_ago=1)
    skipped, cursor = tick()
    assert isinstance(skipped, dg.SkipReason)
    assert cursor is None
