"""Many small parts of a log become one, and nothing else changes."""

import os
import signal
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path

import polars as pl
import pytest
from landed import land_records, table
from translated import ndjson, put, spend_log

from ingest import landing_compaction
from ingest.landing import read_manifests
from ingest.landing_compaction import FEWEST_PARTS, compact

LOG = "inputs/litellm/app.log"
PARTS = FEWEST_PARTS + 5
ROWS = [spend_log(number) for number in range(PARTS + 3)]
LATER = date(2026, 6, 1)


def grown(folder: Path, parts: int = PARTS) -> Path:
    """A log that was landed after each of its lines."""
    for lines in range(1, parts + 1):
        put(folder, LOG, ndjson(ROWS[:lines]))
        land_records(folder)
    return folder


def compacted(folder: Path, today: date = LATER) -> int:
    manifests = read_manifests(folder / "landing")
    settled = {manifest.key for manifest in manifests}
    return compact(folder / "landing", manifests, settled=settled, today=today)


def all_rows(folder: Path) -> pl.DataFrame:
    return table(folder).sort("line_number")


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return grown(tmp_path_factory.mktemp("grown"))


@pytest.fixture
def folder(log: Path, tmp_path: Path) -> Path:
    for path in sorted(log.rglob("*")):
        copy = tmp_path / path.relative_to(log)
        copy.mkdir() if path.is_dir() else copy.write_bytes(path.read_bytes())
    return tmp_path


def test_parts_become_one_with_the_same_rows_in_every_column(folder: Path) -> None:
    before = all_rows(folder)
    assert len(read_manifests(folder / "landing")) == PARTS
    assert compacted(folder) == PARTS
    (manifest,) = read_manifests(folder / "landing")
    assert (manifest.start_byte, manifest.end_byte) == (0, len(ndjson(ROWS[:PARTS])))
    assert manifest.rows_landed == PARTS
    assert all_rows(folder).equals(before)
    days = {folder / "landing" / name for name in manifest.files}
    assert set((folder / "landing/usage_events/litellm").rglob("*.parquet")) == days
    assert len(days) == before["started_at"].dt.date().n_unique()


def test_the_log_is_read_on_from_where_it_was_left(folder: Path) -> None:
    compacted(folder)
    assert land_records(folder).unchanged == ("litellm/app.log",)
    put(folder, LOG, ndjson(ROWS))
    assert land_records(folder).rows_landed == len(ROWS) - PARTS
    assert sorted(all_rows(folder)["line_number"]) == list(range(1, len(ROWS) + 1))


@pytest.mark.parametrize("lines", [1, PARTS // 2, PARTS])
def test_a_delivery_that_ends_where_a_part_ended_is_still_known(folder: Path, lines: int) -> None:
    compacted(folder)
    (folder / LOG).unlink()
    put(folder, f"{LOG}.copy", ndjson(ROWS[:lines]))
    assert land_records(folder).landed == ()
    assert table(folder).height == PARTS


def test_parts_are_left_alone_while_late_rows_may_still_come(folder: Path) -> None:
    last = max(day for m in read_manifests(folder / "landing") for day in m.dates["usage_events"])
    assert compacted(folder, today=last + timedelta(days=2)) == 0
    assert compacted(folder, today=last + timedelta(days=3)) == PARTS


def test_parts_that_are_not_published_may_be_withdrawn_and_stay_as_they_are(folder: Path) -> None:
    manifests = read_manifests(folder / "landing")
    assert compact(folder / "landing", manifests, settled=frozenset(), today=LATER) == 0


def test_few_parts_stay_as_they_are(tmp_path: Path) -> None:
    grown(tmp_path, parts=3)
    assert compacted(tmp_path) == 0


def test_a_part_with_rejects_keeps_its_own_manifest(tmp_path: Path) -> None:
    lines = [*ROWS[:PARTS]]
    body = ndjson(lines)
    put(tmp_path, LOG, b'{"request_id": 5}\n')
    land_records(tmp_path)
    for number in range(1, PARTS + 1):
        put(tmp_path, LOG, b'{"request_id": 5}\n' + ndjson(lines[:number]))
        land_records(tmp_path)
    before = all_rows(tmp_path)
    assert compacted(tmp_path) == PARTS
    assert sorted(m.rows_rejected for m in read_manifests(tmp_path / "landing")) == [0, 1]
    assert all_rows(tmp_path).equals(before)
    put(tmp_path, LOG, b'{"request_id": 5}\n' + body + ndjson(ROWS[PARTS:]))
    assert land_records(tmp_path).rows_landed == len(ROWS) - PARTS


def test_merging_again_takes_in_what_came_since(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compacted(folder)
    for lines in range(PARTS + 1, len(ROWS) + 1):
        put(folder, LOG, ndjson(ROWS[:lines]))
        land_records(folder)
    before = all_rows(folder)
    assert compacted(folder) == 0  # too few new parts yet
    monkeypatch.setattr(landing_compaction, "FEWEST_PARTS", 2)
    assert compacted(folder) == 1 + len(ROWS) - PARTS
    assert all_rows(folder).equals(before)
    assert len(read_manifests(folder / "landing")) == 1


def test_parts_that_an_upgrade_gave_other_columns_stay_as_they_are(folder: Path) -> None:
    name = read_manifests(folder / "landing")[0].files[0]
    old = pl.read_parquet(folder / "landing" / name, hive_partitioning=False)
    old.drop("trace_id").write_parquet(folder / "landing" / name)
    assert compacted(folder) == 0
    assert len(read_manifests(folder / "landing")) == PARTS


KILLS = ("write_parquet_atomically", "write_manifest", "remove_manifests")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", KILLS)
def test_a_kill_at_any_step_is_completed_by_the_next_landing(
    folder: Path, step: str, when: str
) -> None:
    before = all_rows(folder)
    # A new process and not a fork: Polars' threads do not survive one.
    merging = get_context("spawn").Process(target=merge_until_killed, args=(folder, step, when))
    merging.start()
    merging.join()
    assert merging.exitcode == -signal.SIGKILL
    land_records(folder)
    assert all_rows(folder).equals(before)
    compacted(folder)
    assert all_rows(folder).equals(before)
    assert len(read_manifests(folder / "landing")) == 1


def merge_until_killed(folder: Path, step: str, when: str) -> None:
    """Merge in a process that is killed at its first call of a step."""
    real = getattr(landing_compaction, step)

    def killed(*arguments: object) -> None:
        if when == "after":
            real(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(landing_compaction, step, killed)
    compacted(folder)
