"""What sources.toml states about object stores, and who looks at it: run, doctor, sensor."""

import os
import time

import dagster as dg
import pytest
from local_s3 import SECRET
from translated import ndjson, put, spend_log

from ingest.errors import MeterhouseError
from ingest.landing_report import LandingReport
from pipelines.defs.resources import DataFolder
from pipelines.defs.sensors import new_files
from pipelines.doctor import examine
from pipelines.intake import input_locations, source_options, take_in
from pipelines.settings import Settings

ROWS = [spend_log(number) for number in range(6)]


def land(folder) -> LandingReport:
    return take_in(Settings(data=folder))


def test_a_source_is_read_from_its_folder_and_from_the_stated_locations(s3, tmp_path) -> None:
    put(tmp_path, "inputs/litellm/a.ndjson", ndjson(ROWS[:2]))
    s3.put("new/b.ndjson", ndjson(ROWS[2:4]))
    s3.put("old/c.ndjson", ndjson(ROWS[4:]))
    places = f'["{s3.url("new")}", "{s3.url("old")}/"]'
    put(tmp_path, "sources.toml", f"[litellm]\nlocation = {places}\n".encode())
    assert land(tmp_path).rows_landed == 6


def test_stating_a_location_lands_nothing_anew(s3, tmp_path) -> None:
    put(tmp_path, "inputs/litellm/a.ndjson", ndjson(ROWS))
    put(tmp_path, "sources.toml", b'[litellm]\ntime_zone = "UTC"\n')
    land(tmp_path)
    s3.put("logs/a.ndjson", ndjson(ROWS))
    text = f'[litellm]\ntime_zone = "UTC"\nlocation = "{s3.url("logs")}"\n'
    put(tmp_path, "sources.toml", text.encode())
    assert land(tmp_path).landed == ()
    assert source_options(Settings(data=tmp_path)) == {"litellm": {"time_zone": "UTC"}}


def test_a_location_of_a_source_that_is_unknown_is_said(s3, tmp_path) -> None:
    put(tmp_path, "sources.toml", f'[lightllm]\nlocation = "{s3.url("logs")}"\n'.encode())
    (line,) = land(tmp_path).lines()
    assert line == "sources.toml: [lightllm] states a location and is no source"


@pytest.mark.parametrize("value", ["5", "[5]", '{ a = "s3://b/p" }', '["s3://b/p", "file:///x"]'])
def test_a_location_that_is_none_is_one_line(value, tmp_path) -> None:
    put(tmp_path, "sources.toml", f"[litellm]\nlocation = {value}\n".encode())
    with pytest.raises(MeterhouseError, match=r"^sources\.toml: .*litellm") as caught:
        input_locations(Settings(data=tmp_path))
    assert len(caught.value.lines) == 1


def test_doctor_counts_objects_and_names_what_cannot_be_listed(s3, tmp_path) -> None:
    s3.put("logs/a.ndjson", ndjson(ROWS))
    places = f'["{s3.url("logs")}", "{s3.url("empty")}", "s3://never-made/logs"]'
    put(tmp_path, "sources.toml", f"[litellm]\nlocation = {places}\n".encode())
    found = [f.line() for f in examine(Settings(data=tmp_path)) if f.about == "locations"]
    assert found[0] == f"ok    locations     {s3.url('logs')}: 1 objects"
    assert found[1].startswith(f"FAULT locations     {s3.url('empty')}: nothing lies there.")
    assert found[2].startswith("FAULT locations     s3://never-made/logs: no such bucket;")
    assert SECRET not in "".join(found)


def test_doctor_asks_for_no_inputs_folder_where_a_location_is_stated(s3, tmp_path) -> None:
    s3.put("logs/a.ndjson", ndjson(ROWS))
    put(tmp_path, "sources.toml", f'[litellm]\nlocation = "{s3.url("logs")}"\n'.encode())
    folder = [f for f in examine(Settings(data=tmp_path)) if f.about == "folder"]
    assert [f.is_fault for f in folder] == [False]


def state_location(folder, location):
    """A sources.toml that was written a while ago: the sensor waits for files to be still."""
    put(folder, "sources.toml", f'[litellm]\nlocation = "{location}"\n'.encode())
    an_hour_ago = time.time() - 3600
    os.utime(folder / "sources.toml", (an_hour_ago, an_hour_ago))


def tick(cursor=None):
    context = dg.build_sensor_context(cursor=cursor, resources={"folder": DataFolder()})
    return new_files(context), context.cursor


def test_the_sensor_sees_objects_that_come_and_change(s3, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("METERHOUSE_DATA", str(tmp_path))
    s3.put("logs/a.ndjson", ndjson(ROWS))
    state_location(tmp_path, s3.url("logs"))
    _, cursor = tick()
    assert isinstance(tick(cursor)[0], dg.SkipReason)
    s3.put("logs/a.ndjson", ndjson(ROWS[:3]))
    changed, cursor = tick(cursor)
    assert isinstance(changed, dg.RunRequest)
    s3.put("logs/b.ndjson", ndjson(ROWS))
    assert isinstance(tick(cursor)[0], dg.RunRequest)


def test_a_location_that_fails_starts_one_run_that_names_it(s3, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("METERHOUSE_DATA", str(tmp_path))
    state_location(tmp_path, "s3://never-made/logs")
    started, cursor = tick()
    assert isinstance(started, dg.RunRequest)
    assert isinstance(tick(cursor)[0], dg.SkipReason)
