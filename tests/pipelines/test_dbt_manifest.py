"""What dbt leaves behind stays below its data folder, and stays small."""

import json
import os
import shutil
import stat

from pipelines import dbt_manifest
from pipelines.dbt_manifest import new_build_folder
from pipelines.defs.resources import resources
from pipelines.settings import Settings


def parsed(folder):
    settings = Settings(data=folder)
    (settings.dbt_target / "parsed").mkdir(parents=True)
    (settings.dbt_target / "parsed" / "partial_parse.msgpack").write_bytes(b"parsed")
    return settings


def test_a_build_finds_the_parsed_project_and_nothing_else_in_its_folder(tmp_path) -> None:
    folder = new_build_folder(parsed(tmp_path), "warehouse")
    assert [path.name for path in folder.iterdir()] == ["partial_parse.msgpack"]


def test_only_the_two_newest_builds_stay(tmp_path) -> None:
    settings = parsed(tmp_path)
    made = []
    for n in range(5):
        folder = new_build_folder(settings, "warehouse")
        (folder / "run_results.json").write_text("{}")
        os.utime(folder, (n, n))
        made.append(folder)
    assert set((settings.dbt_target / "builds").iterdir()) == set(made[-2:])


def test_data_folders_share_no_build_folder(tmp_path) -> None:
    one, other = (parsed(tmp_path / name) for name in ("one", "other"))
    assert new_build_folder(one, "warehouse").is_relative_to(one.data)
    assert new_build_folder(other, "warehouse").is_relative_to(other.data)


def test_dbt_is_never_asked_for_its_version_since_it_would_ask_the_network(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv("METERHOUSE_DATA", str(tmp_path))
    calls, recorder = tmp_path / "calls", tmp_path / "dbt"
    recorder.write_text(f'#!/bin/sh\necho "$@" >> {calls}\n')
    recorder.chmod(recorder.stat().st_mode | stat.S_IXUSR)
    dbt = resources().resources["dbt"].model_copy(update={"dbt_executable": str(recorder)})
    dbt.cli(["build"], target_path=tmp_path / "target").wait()
    assert calls.read_text().splitlines() == ["build"]


def test_a_meterhouse_that_moved_finds_its_seeds_where_they_are_now(tmp_path, monkeypatch) -> None:
    settings = Settings(data=tmp_path / "data")
    before = tmp_path / "before"
    shutil.copytree(dbt_manifest.DBT_PROJECT, before)
    with monkeypatch.context() as patch:
        patch.setattr(dbt_manifest, "DBT_PROJECT", before)
        assert seed_roots(dbt_manifest.ensure_manifest(settings)) == {str(before)}
    now = str(dbt_manifest.DBT_PROJECT)
    assert seed_roots(dbt_manifest.ensure_manifest(settings)) == {now}


def seed_roots(manifest):
    nodes = json.loads(manifest.read_text())["nodes"].values()
    return {node["root_path"] for node in nodes if node["resource_type"] == "seed"}
