"""Inputs that lie in object stores: the same rows as from files, fetched once, never on disk."""

import json
import pickle
from pathlib import Path

import pytest
from landed import everything
from local_s3 import MAPPING, SECRET, bill_as_parquet, land_from, landed_tables, own_log
from translated import GOLDEN, ndjson, put, spend_log

from ingest import object_store, objects
from ingest.formats import focus_cells
from ingest.landing_content import scan
from ingest.landing_memory import FILE, remembered_urls
from ingest.landing_objects import list_objects
from ingest.manifests import read_manifests
from ingest.object_location import parse_locations
from ingest.sources import SOURCES

ROWS = [spend_log(number) for number in range(40)]


def golden_files(source: str) -> list[Path]:
    found = sorted(path for path in (GOLDEN / source).rglob("*") if path.is_file())
    return [path for path in found if path.name != "expected.json"]


def assert_same_tables(left: Path, right: Path) -> None:
    ours, theirs = landed_tables(left), landed_tables(right)
    assert ours.keys() == theirs.keys()
    for name, frame in ours.items():
        assert frame.equals(theirs[name]), name


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_every_format_gives_the_same_rows_and_rejects_as_from_files(source, s3, tmp_path) -> None:
    for path in golden_files(source):
        name = f"gateway-1/{path.relative_to(GOLDEN / source).as_posix()}"
        for ending in ("", ".gz"):
            put(tmp_path, f"files/inputs/{source}/{name}{ending}", path.read_bytes())
            s3.put(f"{source}/{name}{ending}", path.read_bytes())
        broken = path.read_bytes()[: path.stat().st_size * 2 // 3]
        put(tmp_path, f"files/inputs/{source}/broken/{path.name}", broken)
        s3.put(f"{source}/broken/{path.name}", broken)
    of_files = land_from(tmp_path / "files")
    of_objects = land_from(tmp_path / "objects", **{source: s3.url(source)})
    assert of_files.rows_landed > 0
    assert of_objects.summary() == of_files.summary()
    assert_same_tables(tmp_path / "files", tmp_path / "objects")


def test_an_object_can_be_read_by_another_process(s3) -> None:
    s3.put("litellm/a.ndjson", ndjson(ROWS))
    (location,) = parse_locations("litellm", [s3.url("litellm")])
    (item,) = list_objects(location)
    assert scan(item).length == len(ndjson(ROWS))  # what it then holds of the object stays here
    sent = pickle.dumps(item)
    assert SECRET.encode() not in sent
    assert len(sent) < 1000
    assert scan(pickle.loads(sent)) == scan(item)  # noqa: S301 - made two lines above


def test_a_row_names_the_object_that_it_comes_from(s3, tmp_path) -> None:
    s3.put("a/gateway-1/log.ndjson", ndjson(ROWS))
    land_from(tmp_path, litellm=s3.url("a"))
    (manifest,) = read_manifests(tmp_path / "landing")
    assert manifest.file_name == s3.url("a/gateway-1/log.ndjson")
    assert manifest.source_instance == "gateway-1"


def test_parquet_comes_through_the_cloud_reader_of_polars(s3, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(focus_cells, "BATCH_ROWS", 700)
    name = "BILLING_PERIOD=2026-05/a b#[1]%20.parquet"
    content = bill_as_parquet(tmp_path / "bill.parquet", copies=1000)
    put(tmp_path, f"files/inputs/focus/{name}", content)
    s3.put(f"focus/{name}", content)
    land_from(tmp_path / "files")
    report = land_from(tmp_path / "objects", focus=s3.url("focus"))
    assert report.rows_landed > 1000
    assert_same_tables(tmp_path / "files", tmp_path / "objects")


def test_parquet_that_is_cut_off_is_a_reject_and_no_fault_of_the_store(s3, tmp_path) -> None:
    content = bill_as_parquet(tmp_path / "bill.parquet")
    s3.put("focus/bill.parquet", content[:-20])
    report = land_from(tmp_path, focus=s3.url("focus"))
    assert report.rejects["reason_code"].to_list() == ["damaged_parquet"]


def test_a_declared_mapping_reads_parquet_objects(s3, tmp_path) -> None:
    put(tmp_path, "mappings/own.toml", MAPPING)
    s3.put("own/log.parquet", own_log(tmp_path / "log.parquet", ["a", "b"]))
    assert land_from(tmp_path, own=s3.url("own")).rows_landed == 2
    events = landed_tables(tmp_path)["usage_events"]
    assert events["uncached_input_tokens"].to_list() == [7, 7]


@pytest.mark.parametrize("name", ["log.ndjson", "log.ndjson.gz"])
def test_an_object_of_many_windows_is_the_same_bytes(name, s3, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(object_store, "WINDOW_BYTES", 1000)
    monkeypatch.setattr(objects, "WINDOW_BYTES", 1000)
    content = ndjson(ROWS) + b"{broken\n" + ndjson([spend_log(99)])
    put(tmp_path, f"files/inputs/litellm/{name}", content)
    s3.put(f"litellm/{name}", content)
    land_from(tmp_path / "files")
    land_from(tmp_path / "objects", litellm=s3.url("litellm"))
    assert_same_tables(tmp_path / "files", tmp_path / "objects")


def test_a_second_run_fetches_nothing(s3, tmp_path) -> None:
    s3.put("litellm/a.ndjson", ndjson(ROWS))
    s3.put("litellm/b.ndjson.gz", ndjson([*ROWS[:5], spend_log(99)]))
    s3.put("focus/bill.parquet", bill_as_parquet(tmp_path / "bill.parquet"))
    s3.put("vllm/scrape.prom", (GOLDEN / "vllm/two_scrapes.prom").read_bytes())
    places = {name: s3.url(name) for name in ("litellm", "focus", "vllm")}
    with s3.fetched() as first:
        land_from(tmp_path, **places)
    assert set(first) == {
        "litellm/a.ndjson",
        "litellm/b.ndjson.gz",
        "focus/bill.parquet",
        "vllm/scrape.prom",
    }
    before = everything(tmp_path / "landing")
    with s3.fetched() as second:
        report = land_from(tmp_path, **places)
    assert second == []
    assert len(report.unchanged) == 4
    assert everything(tmp_path / "landing") == before


def test_a_small_object_is_fetched_twice_to_know_it_and_to_read_it(s3, tmp_path) -> None:
    s3.put("litellm/a.ndjson", ndjson(ROWS))
    with s3.fetched() as keys:
        land_from(tmp_path, litellm=s3.url("litellm"))
    assert len(keys) <= 2


@pytest.mark.parametrize("left", [b"", b"{}", b"not what was written", b'{"x": 1}'])
def test_what_is_remembered_may_be_lost_and_nothing_lands_twice(left, s3, tmp_path) -> None:
    s3.put("litellm/a.ndjson", ndjson(ROWS))
    land_from(tmp_path, litellm=s3.url("litellm"))
    (tmp_path / "landing" / FILE).write_bytes(left)
    with s3.fetched() as keys:
        report = land_from(tmp_path, litellm=s3.url("litellm"))
    assert set(keys) == {"litellm/a.ndjson"}
    assert report.rows_landed == 0
    with s3.fetched() as keys:
        land_from(tmp_path, litellm=s3.url("litellm"))
    assert keys == []


def test_a_newer_reader_fetches_and_reads_unchanged_objects_again(s3, tmp_path) -> None:
    s3.put("nvidia_smi/host-1/units.csv", (GOLDEN / "nvidia_smi/units.csv").read_bytes())
    land_from(tmp_path, nvidia_smi=s3.url("nvidia_smi"))
    manifest = read_manifests(tmp_path / "landing")[0]
    path = tmp_path / f"landing/_manifests/nvidia_smi/{manifest.file_sha256}.json"
    older = json.loads(path.read_text()) | {"source_version": 0}
    path.write_text(json.dumps(older))
    report = land_from(tmp_path, nvidia_smi=s3.url("nvidia_smi"))
    assert [m.file_sha256 for m in report.landed] == [manifest.file_sha256]


def test_an_object_overwritten_with_longer_content_is_read_on(s3, tmp_path) -> None:
    s3.put("litellm/a.ndjson", ndjson(ROWS[:30]))
    land_from(tmp_path, litellm=s3.url("litellm"))
    s3.put("litellm/a.ndjson", ndjson(ROWS))
    report = land_from(tmp_path, litellm=s3.url("litellm"))
    (manifest,) = report.landed
    assert (manifest.start_line, manifest.rows_landed) == (31, 10)
    assert len(landed_tables(tmp_path)["usage_events"]) == 40


def test_an_object_overwritten_with_other_content_is_new_content(s3, tmp_path) -> None:
    s3.put("litellm/a.ndjson", ndjson(ROWS[:5]))
    land_from(tmp_path, litellm=s3.url("litellm"))
    s3.put("litellm/a.ndjson", ndjson(ROWS[20:28]))
    assert land_from(tmp_path, litellm=s3.url("litellm")).rows_landed == 8
    assert len(landed_tables(tmp_path)["usage_events"]) == 13


def test_what_was_moved_copied_or_packed_counts_once(s3, tmp_path) -> None:
    s3.put("litellm/today/gateway-1/a.ndjson", ndjson(ROWS))
    land_from(tmp_path, litellm=s3.url("litellm/today"))
    s3.delete("litellm/today/gateway-1/a.ndjson")
    s3.put("litellm/old/gateway-1/2026/a.ndjson.gz", ndjson(ROWS))
    s3.put("litellm/old/gateway-1/copy.ndjson", ndjson(ROWS))
    report = land_from(tmp_path, litellm=s3.url("litellm/old"))
    assert report.rows_landed == 0
    assert len(report.unchanged) == 2


@pytest.mark.parametrize("source", ["litellm", "vertex_log", "vllm", "sglang_requests"])
def test_files_that_move_from_the_folder_into_a_store_count_once(source, s3, tmp_path) -> None:
    for path in golden_files(source):
        put(tmp_path, f"inputs/{source}/gateway-1/{path.name}", path.read_bytes())
        s3.put(f"logs/gateway-1/{path.name}", path.read_bytes())
    assert land_from(tmp_path).rows_landed > 0
    assert land_from(tmp_path, **{source: s3.url("logs")}).rows_landed == 0


def test_several_locations_and_the_folder_are_read_together(s3, tmp_path) -> None:
    put(tmp_path, "inputs/litellm/a.ndjson", ndjson(ROWS[:10]))
    s3.put("one/b.ndjson", ndjson(ROWS[10:20]))
    s3.put("two/deep/down/c.ndjson", ndjson(ROWS[20:]))
    report = land_from(tmp_path, litellm=[s3.url("one"), s3.url("two/deep")])
    assert report.rows_landed == 40
    assert sorted(m.source_instance for m in report.landed) == ["default", "default", "down"]


def test_what_is_hidden_half_done_or_stands_for_a_folder_is_no_input(s3, tmp_path) -> None:
    for key in ("a/.hidden/x.ndjson", "a/x.ndjson.tmp", "a/x.part", "a/folder/", "a-not/x.ndjson"):
        s3.put(key, b"" if key.endswith("/") else ndjson(ROWS))
    report = land_from(tmp_path, litellm=s3.url("a"))
    assert report.landed == ()
    (line,) = report.lines()
    assert line.startswith(f"{s3.url('a')}: nothing lies there; ")


def test_google_is_read_by_the_same_path(s3, tmp_path, monkeypatch) -> None:
    # Google's own interface lists and reads like S3's; without a signature the server answers it.
    account = {"gcs_base_url": s3.endpoint, "disable_oauth": True, "client_email": ""}
    keys = {"private_key": "", "private_key_id": ""}
    put(tmp_path, "account.json", json.dumps(account | keys).encode())
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT", str(tmp_path / "account.json"))
    monkeypatch.setenv("GOOGLE_BASE_URL", s3.endpoint)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    s3.put("litellm/gateway 1/a#?.ndjson", ndjson(ROWS))
    s3.put("focus/BILLING_PERIOD=2026-05/a b[1].parquet", bill_as_parquet(tmp_path / "b.parquet"))
    places = {name: f"gs://{s3.bucket}/{name}" for name in ("litellm", "focus")}
    report = land_from(tmp_path, **places)
    assert [m.file_name for m in report.landed] == [
        f"gs://{s3.bucket}/focus/BILLING_PERIOD=2026-05/a b[1].parquet",
        f"gs://{s3.bucket}/litellm/gateway 1/a#?.ndjson",
    ]
    with s3.fetched() as keys_read:
        assert land_from(tmp_path, **places).landed == ()
    assert keys_read == []


def test_the_addresses_of_objects_are_known_until_they_are_gone(s3, tmp_path) -> None:
    for name in "ab":
        s3.put(f"litellm/{name}.ndjson", ndjson(ROWS) + b"broken\n")
    for names in ("ab", "b"):
        land_from(tmp_path, litellm=s3.url("litellm"))
        urls = {f"{s3.url('litellm')}/{name}.ndjson" for name in names}
        assert remembered_urls(tmp_path / "landing") == urls
        s3.delete("litellm/a.ndjson")
