"""New files start a run for the days they touch."""

import json
import os
import shutil
import time

import dagster as dg
import pytest

from pipelines.defs.resources import DataFolder
from pipelines.defs.sensors import new_files, touched_days
from pipelines.intake import take_in
from pipelines.settings import Settings


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
    assert isinstance(first, dg.RunRequest)
    assert isinstance(second, dg.RunRequest)


def test_a_file_being_written_is_left_alone_until_it_is_still(folder) -> None:
    put(folder, "a.ndjson", seconds_ago=1)
    skipped, cursor = tick()
    assert isinstance(skipped, dg.SkipReason)
    put(folder, "a.ndjson")
    landed, _ = tick(cursor)
    assert isinstance(landed, dg.RunRequest)


def test_a_log_that_is_written_all_the_time_is_landed_every_quarter_of_an_hour(folder) -> None:
    put(folder, "a.ndjson")
    _, landed = tick()
    put(folder, "a.ndjson", text="{}\n{}\n", seconds_ago=1)
    skipped, waiting = tick(landed)
    assert isinstance(skipped, dg.SkipReason)
    state, since = waiting.split(" ")
    assert state == landed
    request, _ = tick(f"{state} {float(since) - 900}")
    assert isinstance(request, dg.RunRequest)


def test_a_file_name_that_is_not_utf8_stops_no_tick(folder) -> None:
    put(folder, "a.ndjson")
    _, before = tick()
    put(folder, os.fsdecode(b"bad\xff.ndjson"))
    named, after = tick(before)
    assert isinstance(named, dg.RunRequest)
    assert isinstance(tick(after)[0], dg.SkipReason)


def test_a_file_directly_in_inputs_starts_a_run_that_names_it(folder) -> None:
    put(folder, "a.ndjson")
    _, before = tick()
    put(folder, "../stray.ndjson")
    assert isinstance(tick(before)[0], dg.RunRequest)


def test_a_file_behind_a_linked_folder_starts_a_run(folder) -> None:
    put(folder, "a.ndjson")
    (folder / "mnt").mkdir()
    (folder / "inputs" / "litellm" / "host1").symlink_to(folder / "mnt")
    _, before = tick()
    put(folder, "../../mnt/b.ndjson")
    linked, after = tick(before)
    assert isinstance(linked, dg.RunRequest)
    put(folder, "../../mnt/b.ndjson", text="{}\n{}\n")
    assert isinstance(tick(after)[0], dg.RunRequest)


def test_folders_that_are_not_there_stop_no_tick(folder) -> None:
    shutil.rmtree(folder / "inputs")
    assert isinstance(tick()[0], dg.RunRequest)


@dg.job
def landed():
    @dg.op
    def nothing() -> None:
        pass

    nothing()


def after_landing():
    instance = dg.DagsterInstance.ephemeral()
    result = landed.execute_in_process(instance=instance)
    context = dg.build_run_status_sensor_context(
        sensor_name="touched_days",
        dagster_instance=instance,
        dagster_run=result.dagster_run,
        dagster_event=result.get_run_success_event(),
        resources={"folder": DataFolder()},
    )
    return touched_days(context)


def usage(request_id, day):
    return json.dumps(
        {
            "request_id": request_id,
            "startTime": f"{day}T10:00:00",
            "endTime": f"{day}T10:00:01",
            "model": "gpt-5",
            "custom_llm_provider": "openai",
            "prompt_tokens": 1,
            "completion_tokens": 1,
            "total_tokens": 2,
        }
    )


def test_a_landing_starts_a_refresh_of_the_days_it_touched(folder) -> None:
    put(folder, "a.ndjson", usage("a", "2026-05-03") + "\n")
    assert take_in(Settings.from_environment()).rows_landed == 1
    request = after_landing()
    assert request.tags["dagster/asset_partition_range_start"] == "2026-05-03"
    assert request.tags["dagster/asset_partition_range_end"] == "2026-05-03"


def test_a_changed_statement_about_the_sources_starts_a_run(folder) -> None:
    put(folder, "a.ndjson")
    _, cursor = tick()
    path = folder / "sources.toml"
    path.write_text('[litellm]\ntime_zone = "UTC"\n')
    os.utime(path, (0, 0))
    request, _ = tick(cursor)
    assert isinstance(request, dg.RunRequest)


def test_several_landings_before_a_refresh_ask_for_it_once(folder) -> None:
    put(folder, "a.ndjson", usage("a", "2026-05-03") + "\n")
    take_in(Settings.from_environment())
    first, again = after_landing(), after_landing()
    put(folder, "b.ndjson", usage("b", "2026-05-03") + "\n")
    take_in(Settings.from_environment())
    # Dagster starts no second run for a run key that it has seen.
    assert first.run_key == again.run_key
    assert after_landing().run_key != first.run_key


def test_a_folder_that_is_as_it_was_before_starts_a_run_again(folder) -> None:
    put(folder, "a.ndjson")
    first, cursor = tick()
    put(folder, "wrong.ndjson")
    _, cursor = tick(cursor)
    (folder / "inputs" / "litellm" / "wrong.ndjson").unlink()
    last, _ = tick(cursor)
    assert isinstance(last, dg.RunRequest)
    # With a key, the same as the first one's, Dagster would not start it.
    assert last.run_key is None
    assert first.run_key is None
