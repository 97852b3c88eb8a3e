"""Inputs that lie in object stores: the same rows as from files, fetched once, never on disk."""

import gzip
import json
import subprocess
import sys
from itertools import count
from pathlib import Path
from secrets import token_hex

import polars as pl
import pytest
from landed import everything
from local_s3 import SECRET, LocalS3, land_from, landed_tables, serve
from translated import GOLDEN, ndjson, put, spend_log

from ingest import object_store, objects
from ingest.errors import MeterhouseError
from ingest.formats import focus_cells
from ingest.landing_memory import FILE
from ingest.landing_objects import list_objects
from ingest.manifests import read_manifests
from ingest.object_location import parse_locations
from ingest.object_store import ObjectStore
from ingest.sources import SOURCES

BUCKETS = (f"logs-{number}" for number in count())
ROWS = [spend_log(number) for number in range(40)]


@pytest.fixture(scope="module")
def server():
    with serve() as served:
        yield served


@pytest.fixture(autouse=True)
def environment(server, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", server[0])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no_config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no_credentials"))
    monkeypatch.setattr(object_store, "RETRIES", 1)


@pytest.fixture
def s3(server) -> LocalS3:
    return LocalS3(server[0], next(BUCKETS), server[1])


def golden_files(source: str) -> list[Path]:
    found = sorted(path for path in (GOLDEN / source).rglob("*") if path.is_file())
    return [path for path in found if path.name != "expected.json"]


def assert_same_tables(left: Path, right: Path) -> None:
    ours, theirs = landed_tables(left), landed_tables(right)
    assert ours.keys() == theirs.keys()
    for name, frame in ours.items():
        assert frame.equals(theirs[name]), name


def fault_of(folder: Path, **places: str | list[str]) -> str:
    with pytest.raises(MeterhouseError) as caught:
        land_from(folder, **places)
    assert SECRET not in str(caught.value)
    (line,) = caught.value.lines
    return line


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


def test_a_row_names_the_object_that_it_comes_from(s3, tmp_path) -> None:
    s3.put("a/gateway-1/log.ndjson", ndjson(ROWS))
    land_from(tmp_path, litellm=s3.url("a"))
    (manifest,) = read_manifests(tmp_path / "landing")
    assert manifest.file_name == s3.url("a/gateway-1/log.ndjson")
    assert manifest.source_instance == "gateway-1"


def bill_as_parquet(path: Path, copies: int = 1) -> bytes:
    cells = pl.read_csv(GOLDEN / "focus/focus_1_2.csv", infer_schema=False)
    pl.concat([cells] * copies).write_parquet(path, row_group_size=1000)
    return path.read_bytes()


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


MAPPING = b"""
format = "parquet"
role = "request_log"
natural_key = "line"
[columns]
started_at = "at"
input_tokens = "tokens_in"
output_tokens = "tokens_out"
provider_name = { constant = "openai" }
"""


def own_log(path: Path, prompts: list[str]) -> bytes:
    columns = {"at": "2026-05-01T00:00:00Z", "tokens_in": 7, "tokens_out": 5}
    frame = pl.DataFrame({"prompt": prompts}).with_columns(
        pl.lit(value).alias(name) for name, value in columns.items()
    )
    frame.write_parquet(path)
    return path.read_bytes()


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


def test_a_bucket_that_is_not_there_is_one_line_and_other_sources_land(s3, tmp_path) -> None:
    s3.put("vllm/scrape.prom", (GOLDEN / "vllm/two_scrapes.prom").read_bytes())
    put(tmp_path, "inputs/litellm/a.ndjson", ndjson(ROWS))
    line = fault_of(tmp_path, focus="s3://never-made/bills", vllm=s3.url("vllm"))
    assert line.startswith("s3://never-made/bills: no such bucket; correct location")
    assert {m.source for m in read_manifests(tmp_path / "landing")} == {"litellm", "vllm"}


def test_denied_access_names_the_location_and_no_secret(s3, tmp_path) -> None:
    s3.put("litellm/a.ndjson", ndjson(ROWS))
    with s3.refusing_unknown_keys():
        line = fault_of(tmp_path, litellm=s3.url("litellm"))
    assert line.startswith(f"{s3.url('litellm')}: access denied (InvalidAccessKeyId); use ")
    assert "AKIATEST" not in line


def test_without_credentials_the_line_says_which_to_set(s3, tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    # Where a role would give them on a machine in the cloud; nobody answers here.
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://169.254.169.254.invalid")
    line = fault_of(tmp_path, litellm=s3.url("litellm"))
    assert line.startswith(f"{s3.url('litellm')}: no credentials; set AWS_ACCESS_KEY_ID")


def test_keys_of_a_profile_are_used_where_the_environment_has_none(
    s3, tmp_path, monkeypatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_PROFILE", "books")
    profile = f"[books]\naws_access_key_id = AKIABOOKS\naws_secret_access_key = {SECRET}\n"
    put(tmp_path, "no_credentials", profile.encode())
    s3.put("focus/bill.parquet", bill_as_parquet(tmp_path / "bill.parquet"))
    s3.put("litellm/a.ndjson", ndjson(ROWS))
    report = land_from(tmp_path, focus=s3.url("focus"), litellm=s3.url("litellm"))
    assert {m.source for m in report.landed} == {"focus", "litellm"}


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9", f"http://user:{SECRET}@127.0.0.1:9"])
def test_a_store_that_does_not_answer_is_one_line(endpoint, s3, tmp_path, monkeypatch) -> None:
    put(tmp_path, "inputs/vllm/scrape.prom", (GOLDEN / "vllm/two_scrapes.prom").read_bytes())
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    line = fault_of(tmp_path, litellm=s3.url("litellm"))
    assert line.startswith(f"{s3.url('litellm')}: no answer from the store; check the network")
    assert [m.source for m in read_manifests(tmp_path / "landing")] == ["vllm"]


def test_an_object_that_goes_or_changes_after_it_was_listed_is_one_line(
    s3, tmp_path, monkeypatch
) -> None:
    for name in ("gone", "other", "stays"):
        s3.put(f"litellm/{name}.ndjson", ndjson([spend_log(len(name))]))
    listed = ObjectStore.objects

    def then_changed(store, location):
        found = list(listed(store, location))
        s3.delete("litellm/gone.ndjson")
        s3.put("litellm/other.ndjson", ndjson(ROWS))
        return iter(found)

    monkeypatch.setattr(ObjectStore, "objects", then_changed)
    with pytest.raises(MeterhouseError) as caught:
        land_from(tmp_path, litellm=s3.url("litellm"))
    assert caught.value.lines == (
        f"{s3.url('litellm/gone.ndjson')}: gone since it was listed; run again",
        f"{s3.url('litellm/other.ndjson')}: overwritten while it was read; run again",
    )
    names = [m.file_name for m in read_manifests(tmp_path / "landing")]
    assert names == [s3.url("litellm/stays.ndjson")]


def test_parquet_that_is_overwritten_while_it_is_read_does_not_land(
    s3, tmp_path, monkeypatch
) -> None:
    s3.put("focus/bill.parquet", bill_as_parquet(tmp_path / "bill.parquet"))
    scan_parquet = pl.scan_parquet

    def then_overwritten(*args, **kwargs):
        s3.put("focus/bill.parquet", bill_as_parquet(tmp_path / "bill.parquet", copies=2))
        return scan_parquet(*args, **kwargs)

    monkeypatch.setattr(pl, "scan_parquet", then_overwritten)
    line = fault_of(tmp_path, focus=s3.url("focus"))
    assert line.startswith(f"{s3.url('focus/bill.parquet')}: overwritten while it was read")
    assert read_manifests(tmp_path / "landing") == []


PROGRAM = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from local_s3 import land_from
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[5]), int(sys.argv[5])))
report = land_from(Path(sys.argv[2]), litellm=sys.argv[3], own=sys.argv[4])
print(report.summary(), *report.lines(), sep="\\n")
"""


def test_no_raw_byte_of_an_object_is_on_disk_and_no_secret_is_said(
    s3, tmp_path, monkeypatch
) -> None:
    data = tmp_path / "data"
    prompts = [f"CANARY{token_hex(1000)}" for _ in range(3000)]
    rows = [spend_log(number, messages=prompt) for number, prompt in enumerate(prompts)]
    raw = {
        "litellm/plain.ndjson": ndjson(rows[:1500]) + b'{"CANARY": broken\n',
        "litellm/packed.ndjson": gzip.compress(ndjson(rows[1500:]), mtime=0),
        "own/log.parquet": own_log(tmp_path / "log.parquet", prompts),
    }
    for key, content in raw.items():
        s3.put(key, content)
    put(data, "mappings/own.toml", MAPPING)
    # Everything that a library could spool to lies in the folder that is searched.
    for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "POLARS_TEMP_DIR"):
        (data / name).mkdir()
        monkeypatch.setenv(name, str(data / name))
    before = set(data.rglob("*"))
    # No file may become as large as any object: spooling one, even for a moment, would fail.
    largest = min(map(len, raw.values())) - 1
    here, places = str(Path(__file__).parent), (s3.url("litellm"), s3.url("own"))
    command = [sys.executable, "-c", PROGRAM, here, str(data), *places, str(largest)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert b"6,000 rows, 1 rejects" in done.stdout
    written = everything(data)
    for canary in (b"CANARY", b"192.0.2.7", SECRET.encode()):
        assert canary not in written
        assert canary not in done.stdout + done.stderr
    for content in raw.values():
        assert not any(content[n : n + 64] in written for n in range(64, 10**6, 9999))
    assert {p.relative_to(data).parts[0] for p in set(data.rglob("*")) - before} == {"landing"}


@pytest.mark.parametrize(
    ("text", "host"),
    [("gs://books/logs", "storage.googleapis.com"), ("az://books/logs", "acct.blob.core")],
)
def test_google_and_azure_are_reached_by_the_same_path(text, host, monkeypatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "acct")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "Q0FOQVJZU0VDUkVUS0VZ")
    (location,) = parse_locations("litellm", [text])
    store = ObjectStore(location)
    assert store.polars_options["max_retries"] == 1
    assert location.url_of("logs/a.ndjson") == f"{text}/a.ndjson"


def test_azure_without_an_account_says_so(monkeypatch) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    (location,) = parse_locations("litellm", ["az://books/logs"])
    with pytest.raises(MeterhouseError, match="az://books/logs: no credentials; set AZURE_STORAGE"):
        list(list_objects(location))


@pytest.mark.parametrize(
    "text",
    [
        f"s3://AKIA:{SECRET}@bucket/prefix",
        f"az://container/prefix?sig={SECRET}",
        f"https://{SECRET}/bucket",
        f"/mnt/{SECRET}",
        f"s3:{SECRET}",
        "",
    ],
)
def test_a_location_of_another_form_is_refused_and_not_repeated(text) -> None:
    with pytest.raises(MeterhouseError) as caught:
        parse_locations("litellm", [text])
    assert SECRET not in str(caught.value)
    assert "s3://bucket/prefix" in str(caught.value)


@pytest.mark.parametrize("inner", ["s3://b/logs", "s3://b/logs/gateway-1"])
def test_a_location_inside_another_would_count_twice_and_is_refused(inner) -> None:
    with pytest.raises(MeterhouseError, match="lies in s3://b/logs"):
        parse_locations("litellm", ["s3://b/logs/", inner])
    assert len(parse_locations("litellm", ["s3://b/logs", "s3://b/logs-2", "gs://b/logs"])) == 3


def test_nothing_for_object_stores_is_loaded_where_no_location_is_stated(tmp_path) -> None:
    put(tmp_path, "inputs/litellm/a.ndjson", ndjson(ROWS))
    program = (
        "import sys; from pathlib import Path; from ingest.landing import land; "
        "from ingest.sources import SOURCES; folder = Path(sys.argv[1]); "
        "land(folder / 'inputs', folder / 'landing', SOURCES); "
        "sys.exit(any(name.split('.')[0] == 'obstore' for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)
    assert not (tmp_path / "landing" / FILE).exists()
