import gzip
import random
import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from landed import RECORDS, WHOLE, land_records, rejects, table, written
from translated import ndjson, put, spend_log

from ingest.errors import MeterhouseError
from ingest.landing import read_manifests
from ingest.source import Source

ROWS = [spend_log(number) for number in range(40)]
BODY = ndjson(ROWS)
LOG = "inputs/litellm/app.log"


def rows(folder: Path) -> list[tuple[str, int]]:
    """Which event stands on which line: what must not depend on how the file grew."""
    return sorted(table(folder).select("event_id", "line_number").rows())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, int]]:
    folder = tmp_path_factory.mktemp("whole")
    put(folder, LOG, BODY)
    land_records(folder)
    return rows(folder)


@settings(deadline=None, max_examples=25)
@given(
    cuts=st.lists(st.integers(0, len(BODY)), max_size=5),
    rotation=st.sampled_from(["none", "renamed", "packed", "copied"]),
)
def test_however_a_file_grows_and_rotates_each_line_lands_once(
    tmp_path_factory: pytest.TempPathFactory,
    whole: list[tuple[str, int]],
    cuts: list[int],
    rotation: str,
) -> None:
    folder = tmp_path_factory.mktemp("grown")
    for cut in sorted(cuts):
        put(folder, LOG, BODY[:cut])
        land_records(folder)
    path = put(folder, LOG, BODY)
    if rotation == "renamed":
        path.rename(path.with_name("app.log.1"))
    elif rotation == "packed":
        put(folder, f"{LOG}.1.gz", BODY)
        path.unlink()
    elif rotation == "copied":  # copy, then truncate: the log begins again with other lines
        shutil.copy(path, path.with_name("app.log.1"))
        put(folder, LOG, ndjson([spend_log(90)]))
    land_records(folder)
    assert [row for row in rows(folder) if row in whole] == whole
    assert len(rows(folder)) == len(whole) + (rotation == "copied")
    assert rejects(folder).is_empty()


@settings(deadline=None, max_examples=15)
@example(cut=len(gzip.compress(BODY, mtime=0)) - 4, is_packed=True)  # all lines, half a checksum
@given(cut=st.integers(1, len(BODY) - 1), is_packed=st.booleans())
def test_a_log_cut_off_in_transfer_is_completed_by_its_next_delivery(
    tmp_path_factory: pytest.TempPathFactory,
    whole: list[tuple[str, int]],
    cut: int,
    is_packed: bool,
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    packed = gzip.compress(BODY, mtime=0)
    path = put(folder, LOG, packed[: cut % len(packed)] if is_packed else BODY[:cut])
    land_records(folder)
    path.write_bytes(packed if is_packed else BODY)
    land_records(folder)
    assert rows(folder) == whole
    assert rejects(folder).is_empty()


def test_only_the_new_lines_of_a_log_that_grew_are_landed(tmp_path: Path) -> None:
    put(tmp_path, LOG, ndjson(ROWS[:30]))
    land_records(tmp_path)
    put(tmp_path, LOG, BODY)
    report = land_records(tmp_path)
    assert report.rows_landed == 10
    (manifest,) = report.landed
    assert (manifest.start_byte, manifest.start_line) == (len(ndjson(ROWS[:30])), 31)
    assert (manifest.end_byte, manifest.end_line) == (len(BODY), 41)
    assert land_records(tmp_path).unchanged == ("litellm/app.log",)


def test_line_numbers_and_offsets_go_on_where_the_log_was_left(tmp_path: Path) -> None:
    put(tmp_path, LOG, ndjson(ROWS[:30]))
    land_records(tmp_path)
    put(tmp_path, LOG, ndjson(ROWS[:30]) + b'\n{"request_id": 5}\n')
    land_records(tmp_path)
    (found,) = rejects(tmp_path).select("line_number", "byte_offset").rows()
    assert found == (32, len(ndjson(ROWS[:30])) + 1)


def test_an_unfinished_last_line_waits_as_long_as_its_file_is_the_newest(tmp_path: Path) -> None:
    cut = BODY[:-20]
    written(put(tmp_path, LOG, cut), "2026-05-10T00:00:00")
    assert (land_records(tmp_path).rows_landed, rejects(tmp_path).height) == (39, 0)
    assert land_records(tmp_path).landed == ()
    written(put(tmp_path, "inputs/litellm/new.log", ndjson([spend_log(50)])), "2026-05-11T00:00:00")
    land_records(tmp_path)
    assert rejects(tmp_path).select("file_name", "line_number", "reason_code").rows() == [
        ("litellm/app.log", 40, "unfinished_line")
    ]
    assert land_records(tmp_path).landed == ()
    written(put(tmp_path, LOG, BODY), "2026-05-10T00:00:00")
    assert land_records(tmp_path).rows_landed == 1
    assert rejects(tmp_path).is_empty()
    assert table(tmp_path).height == 41


def test_a_last_record_without_line_end_is_not_withheld(tmp_path: Path) -> None:
    put(tmp_path, LOG, BODY.rstrip(b"\n"))
    assert land_records(tmp_path).rows_landed == 40
    put(tmp_path, LOG, BODY + ndjson([spend_log(50)]))
    assert land_records(tmp_path).rows_landed == 1
    assert sorted(table(tmp_path)["line_number"]) == list(range(1, 42))


def test_a_log_and_its_longer_copy_in_one_delivery_land_once(tmp_path: Path) -> None:
    put(tmp_path, "inputs/litellm/a.log", BODY)
    put(tmp_path, "inputs/litellm/b.log.gz", ndjson(ROWS[:25]))
    assert land_records(tmp_path).rows_landed == 40
    assert table(tmp_path).height == 40


def test_a_document_that_grew_replaces_what_was_read_of_it(tmp_path: Path) -> None:
    body = b"[\n" + b",\n".join(ndjson([row]).strip() for row in ROWS) + b"\n]\n"
    put(tmp_path, LOG, body[: len(body) // 2])
    land_records(tmp_path)
    assert rejects(tmp_path).height > 0
    put(tmp_path, LOG, body)
    assert land_records(tmp_path).rows_landed == 40
    assert rejects(tmp_path).is_empty()
    (manifest,) = read_manifests(tmp_path / "landing")
    assert len(manifest.replaces) == 1


def test_a_whole_file_that_grew_is_in_no_table_twice(tmp_path: Path) -> None:
    put(tmp_path, LOG, ndjson(ROWS[:30]))
    land_records(tmp_path, WHOLE)
    put(tmp_path, LOG, BODY)
    assert land_records(tmp_path, WHOLE).rows_landed == 40
    assert table(tmp_path).height == 40
    put(tmp_path, "inputs/litellm/old copy.log", ndjson(ROWS[:30]))
    assert land_records(tmp_path, WHOLE).landed == ()


def test_a_killed_replacement_leaves_no_row_twice(tmp_path: Path) -> None:
    put(tmp_path, LOG, ndjson(ROWS[:30]))
    land_records(tmp_path, WHOLE)
    shutil.copytree(tmp_path / "landing", tmp_path / "before")
    put(tmp_path, LOG, BODY)
    land_records(tmp_path, WHOLE)
    # As if the call had been killed after it wrote the manifest and before it removed the rows.
    shutil.copytree(tmp_path / "before", tmp_path / "landing", dirs_exist_ok=True)
    assert land_records(tmp_path, WHOLE).landed == ()
    assert table(tmp_path).height == 40


def test_a_newer_reader_keeps_the_parts_of_a_log_and_their_delivery(tmp_path: Path) -> None:
    for count, day in ((15, "05"), (30, "06"), (40, "07")):
        written(put(tmp_path, LOG, ndjson(ROWS[:count])), f"2026-05-{day}T00:00:00")
        land_records(tmp_path)
    columns = ["event_id", "line_number", "delivered_at"]
    before = table(tmp_path).select(columns).sort(columns)
    newer: dict[str, Source] = {"litellm": replace(RECORDS["litellm"], version=99)}
    path = tmp_path / LOG
    written(path.rename(path.with_name("renamed")), "2026-05-20T00:00:00")
    assert land_records(tmp_path, newer).rows_landed == 40
    after = table(tmp_path).select(columns).sort(columns)
    assert after.equals(before)
    assert {m.source_version for m in read_manifests(tmp_path / "landing")} == {99}


def test_any_order_of_arrival_gives_the_same_rows(tmp_path: Path) -> None:
    names = [f"inputs/litellm/{number}.log" for number in range(8)]
    parts = {name: ndjson(ROWS[5 * n : 5 * n + 7]) for n, name in enumerate(names)}
    found = []
    for seed in range(3):
        folder = tmp_path / str(seed)
        for name in random.Random(seed).sample(names, len(names)):  # noqa: S311
            put(folder, name, parts[name])
            land_records(folder)
        found.append(sorted(set(table(folder)["event_id"])))
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 40


def test_a_scrape_that_repeats_its_numbers_is_not_taken_for_the_same_scrape(tmp_path: Path) -> None:
    named: dict[str, Source] = {"litellm": replace(WHOLE["litellm"], reads_name=True)}
    put(tmp_path, "inputs/litellm/scrape-1", BODY)
    put(tmp_path, "inputs/litellm/scrape-2", BODY)
    assert land_records(tmp_path, named).rows_landed == 80
    assert land_records(tmp_path, named).landed == ()


def test_a_restated_report_is_never_read_on_by_lines() -> None:
    with pytest.raises(ValueError, match="restated report"):
        replace(RECORDS["litellm"], role="provider_usage")


def test_a_manifest_of_another_version_says_what_to_do(tmp_path: Path) -> None:
    put(tmp_path, "landing/_manifests/litellm/0.json", b'{"source": "litellm"}')
    with pytest.raises(MeterhouseError, match="move landing/ away"):
        land_records(tmp_path)


def test_a_restatement_keeps_what_was_believed_before(tmp_path: Path) -> None:
    usage: dict[str, Source] = {"litellm": replace(WHOLE["litellm"], role="provider_usage")}
    written(put(tmp_path, LOG, BODY), "2026-05-05T00:00:00")
    land_records(tmp_path, usage)
    restated = BODY + ndjson([spend_log(50)])
    written(put(tmp_path, LOG, restated), "2026-05-06T00:00:00")
    land_records(tmp_path, usage)
    written(put(tmp_path, "inputs/litellm/again.log", BODY), "2026-05-09T00:00:00")
    land_records(tmp_path, usage)
    by_delivery = table(tmp_path).group_by("delivered_at").len().sort("delivered_at")
    assert by_delivery.with_columns(pl.col("delivered_at").dt.day()).rows() == [(5, 40), (6, 41)]
