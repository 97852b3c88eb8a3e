import random
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from translated import CANARIES, ndjson, put, spend_log

from ingest.errors import MeterhouseError
from ingest.landing import LandingReport, land, read_manifests
from ingest.mapping import load_mappings
from ingest.schema import LINEAGE, TABLES
from ingest.source import Batch, InputFile, Reject, Source
from ingest.sources import SOURCES

NOW = datetime.fromisoformat("2026-06-01T00:00:00")
ROWS = [spend_log(number) for number in range(60)]


def land_folder(folder: Path, sources: Mapping[str, Source] = SOURCES) -> LandingReport:
    return land(folder / "inputs", folder / "landing", sources, now=NOW)


def events(folder: Path) -> pl.DataFrame:
    """Rows without lineage: what must not depend on which file brought them."""
    frame = pl.read_parquet(folder / "landing/usage_events/*/*/*.parquet", hive_partitioning=False)
    return frame.drop(LINEAGE).sort("event_id")


def content(folder: Path) -> dict[str, bytes]:
    landing = folder / "landing"
    return {
        path.relative_to(landing).as_posix(): path.read_bytes()
        for path in landing.rglob("*")
        if path.is_file()
    }


def test_a_second_landing_finds_nothing_new_and_changes_no_byte(tmp_path: Path) -> None:
    put(tmp_path, "inputs/litellm/a.ndjson", ndjson(ROWS))
    first = land_folder(tmp_path)
    before = content(tmp_path)
    second = land_folder(tmp_path)
    assert (first.rows_landed, len(first.landed)) == (60, 1)
    assert (second.rows_landed, second.landed, second.unchanged) == (0, (), ("litellm/a.ndjson",))
    assert content(tmp_path) == before


def test_the_same_file_lands_as_the_same_bytes_in_another_folder(tmp_path: Path) -> None:
    for name in ("one", "two"):
        put(tmp_path / name, "inputs/litellm/a.ndjson", ndjson(ROWS))
        land_folder(tmp_path / name)
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_shuffled_split_and_compressed_deliveries_hold_the_same_events(tmp_path: Path) -> None:
    shuffled = random.Random(7).sample(ROWS, len(ROWS))  # noqa: S311 - any order will do
    put(tmp_path / "whole", "inputs/litellm/a.ndjson", ndjson(ROWS))
    put(tmp_path / "shuffled", "inputs/litellm/a.ndjson", ndjson(shuffled))
    put(tmp_path / "split", "inputs/litellm/a.ndjson", ndjson(ROWS[:17]))
    put(tmp_path / "split", "inputs/litellm/b.log.gz", ndjson(ROWS[17:]))
    found = []
    for name in ("whole", "shuffled", "split"):
        land_folder(tmp_path / name)
        found.append(events(tmp_path / name))
    assert found[0].equals(found[1])
    assert found[0].equals(found[2])


def test_a_file_delivered_twice_under_another_name_lands_once(tmp_path: Path) -> None:
    put(tmp_path, "inputs/litellm/a.ndjson", ndjson(ROWS))
    put(tmp_path, "inputs/litellm/again.ndjson", ndjson(ROWS))
    report = land_folder(tmp_path)
    assert report.rows_landed == 60
    assert report.unchanged == ("litellm/again.ndjson",)


def test_two_gateways_that_number_alike_do_not_share_events(tmp_path: Path) -> None:
    put(tmp_path, "inputs/litellm/east/a.ndjson", ndjson(ROWS))
    put(tmp_path, "inputs/litellm/west/a.ndjson", ndjson([*ROWS, spend_log(60)]))
    land_folder(tmp_path)
    assert events(tmp_path)["event_id"].n_unique() == 121


def test_a_landing_killed_before_its_manifest_is_completed_with_the_same_files(
    tmp_path: Path,
) -> None:
    put(tmp_path, "inputs/litellm/a.ndjson", ndjson(ROWS) + b"broken\n")
    land_folder(tmp_path)
    whole = content(tmp_path)
    (manifest,) = (tmp_path / "landing/_manifests/litellm").iterdir()
    manifest.unlink()
    put(tmp_path, "landing/usage_events/litellm/date=2026-05-01/.x.parquet.9.tmp", b"half")
    report = land_folder(tmp_path)
    assert (report.rows_landed, report.unchanged) == (60, ())
    assert content(tmp_path) == whole


def test_rows_without_a_manifest_do_not_stay_when_their_input_is_gone(tmp_path: Path) -> None:
    path = put(tmp_path, "inputs/litellm/a.ndjson", ndjson(ROWS) + b"broken\n")
    land_folder(tmp_path)
    shutil.rmtree(tmp_path / "landing/_manifests")
    path.unlink()
    land_folder(tmp_path)
    assert events(tmp_path).is_empty()
    assert not list((tmp_path / "landing/_rejects/litellm").iterdir())


def test_dates_are_known_from_manifests_alone(tmp_path: Path) -> None:
    put(tmp_path, "inputs/litellm/a.ndjson", ndjson(ROWS))
    report = land_folder(tmp_path)
    days = (date(2026, 5, 1), date(2026, 5, 2), date(2026, 5, 3))
    assert report.touched_dates == {"usage_events": days}
    (manifest,) = read_manifests(tmp_path / "landing")
    assert manifest.dates == {"usage_events": days}
    assert (manifest.rows_read, manifest.rows_landed, manifest.rows_rejected) == (60, 60, 0)
    assert all((tmp_path / "landing" / name).exists() for name in manifest.files)


def test_a_newer_reader_replaces_the_rows_of_the_older_one(tmp_path: Path) -> None:
    put(tmp_path, "inputs/litellm/a.ndjson", ndjson(ROWS))
    land_folder(tmp_path)
    newer = replace(SOURCES["litellm"], version=SOURCES["litellm"].version + 1)
    before = set(content(tmp_path))
    assert land_folder(tmp_path, {"litellm": newer}).rows_landed == 60
    assert events(tmp_path).height == 60
    replaced = {name for name in before if name.startswith("usage_events/litellm/")}
    assert not replaced & set(content(tmp_path))


def test_a_time_zone_stated_later_lands_the_files_that_lacked_it(tmp_path: Path) -> None:
    toml = b'format = "csv"\nnatural_key = "line"\n[columns]\nstarted_at = "at"\n'
    put(tmp_path, "mappings/log.toml", toml)
    put(tmp_path, "inputs/log/a.csv", b"at\n2026-05-01 00:00:00\n")
    sources = load_mappings(tmp_path / "mappings")
    report = land_folder(tmp_path, sources)
    assert list(report.lines()) == [
        'log/a.csv:started_at: timestamp has no time zone; state one: [log] time_zone = "..." '
        "in sources.toml"
    ]
    options = {"log": {"time_zone": "UTC"}}
    again = land(tmp_path / "inputs", tmp_path / "landing", sources, options, now=NOW)
    assert again.rows_landed == 1
    assert not (tmp_path / "landing/_rejects/log").exists() or not list(
        (tmp_path / "landing/_rejects/log").iterdir()
    )


def test_each_fault_of_a_folder_is_one_line_and_the_good_rows_load(tmp_path: Path) -> None:
    late = spend_log(8, startTime="2027-01-01T00:00:00Z")
    put(
        tmp_path, "inputs/litellm/broken.ndjson", ndjson(ROWS[:3]) + b'{"request\n' + ndjson([late])
    )
    cut = put(tmp_path, "inputs/litellm/cut.gz", ndjson(ROWS))
    cut.write_bytes(cut.read_bytes()[:-40])
    put(tmp_path, "inputs/litellm/empty.ndjson", b"")
    put(tmp_path, "inputs/litellm/.hidden", b"x")
    put(tmp_path, "inputs/lite_llm/a.ndjson", b"{}")
    report = land_folder(tmp_path)
    unknown, *told = report.lines()
    assert unknown.startswith("inputs/lite_llm: no source of this name")
    assert [line.partition(";")[0] for line in told] == [
        "litellm/broken.ndjson:4: not a complete JSON object",
        "litellm/broken.ndjson:5:started_at: no time, one before 2015, or one more than 24 hours "
        "in the future",
        f"litellm/cut.gz:{report.rows_landed - 2}: the compressed data is cut off",
        "litellm/empty.ndjson: the file is empty",
    ]
    assert report.rows_landed > 3
    assert report.rows_rejected == 4


def test_private_text_is_in_no_byte_that_landing_writes(tmp_path: Path) -> None:
    private = {
        "messages": "CANARY",
        "response": {"a": ["CANARY"]},
        "proxy_server_request": "CANARY",
    }
    bad = b'{"request_id": "x", "startTime": "CANARY", "prompt_tokens": "CANARY", "CANARY": NaN}\n'
    secret = ndjson([spend_log(number, **private) for number in range(50)])
    put(tmp_path, "inputs/litellm/a.ndjson", secret + bad + b"CANARY\n" + b'{"CANARY": 1}\n')
    report = land_folder(tmp_path)
    assert (report.rows_landed, report.rows_rejected) == (50, 3)
    for folder in ("usage_events/litellm", "_rejects/litellm"):
        # Parquet pages are compressed: look into the values too.
        frame = pl.read_parquet(tmp_path / "landing" / folder / "**/*.parquet")
        texts = frame.write_json().encode()
        assert not any(canary in texts for canary in CANARIES)
    for written in content(tmp_path).values():
        assert not any(canary in written for canary in CANARIES)


def test_every_table_can_be_read_before_anything_landed(tmp_path: Path) -> None:
    land_folder(tmp_path)
    for table, columns in TABLES.items():
        frame = pl.read_parquet(tmp_path / "landing" / table / "*/*/*.parquet")
        assert frame.drop("date", strict=False).schema == dict(columns)


def test_a_reader_that_fails_names_the_file_and_loses_no_other(tmp_path: Path) -> None:
    def read(file: InputFile) -> Iterator[Batch | Reject]:
        if file.name.endswith("b.ndjson"):
            raise KeyError("a fault of the reader")
        return SOURCES["litellm"].read(file)

    put(tmp_path, "inputs/litellm/a.ndjson", ndjson(ROWS))
    put(tmp_path, "inputs/litellm/b.ndjson", ndjson(ROWS[:2]))
    with pytest.raises(MeterhouseError, match=r"litellm/b\.ndjson: the reader of litellm failed"):
        land_folder(tmp_path, {"litellm": replace(SOURCES["litellm"], read=read)})
    assert [m.file_name for m in read_manifests(tmp_path / "landing")] == ["litellm/a.ndjson"]
    assert events(tmp_path).height == 60
