"""What can go wrong with an object store is one line, and no private byte is said or written."""

import gzip
import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from secrets import token_hex

import polars as pl
import pytest
from landed import everything
from local_s3 import MAPPING, SECRET, bill_as_parquet, land_from, own_log
from translated import GOLDEN, ndjson, put, spend_log

from ingest import object_store
from ingest.errors import MeterhouseError
from ingest.landing_content import head_of
from ingest.landing_memory import FILE
from ingest.landing_objects import list_objects
from ingest.manifests import read_manifests
from ingest.object_location import parse_locations
from ingest.object_store import ObjectStore
from ingest.objects import StoredObject
from ingest.parquet import parquet_schema

ROWS = [spend_log(number) for number in range(40)]


def fault_of(folder: Path, **places: str | list[str]) -> str:
    with pytest.raises(MeterhouseError) as caught:
        land_from(folder, **places)
    assert SECRET not in str(caught.value)
    (line,) = caught.value.lines
    return line


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


NOBODY = "http://127.0.0.1:9"


@pytest.mark.parametrize("text", ["gs://books/logs", "az://books/logs"])
def test_google_and_azure_are_reached_by_the_same_path(text, tmp_path, monkeypatch) -> None:
    account = {"gcs_base_url": NOBODY, "disable_oauth": True, "client_email": ""}
    keys = {"private_key": "", "private_key_id": ""}
    put(tmp_path, "account.json", json.dumps(account | keys).encode())
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT", str(tmp_path / "account.json"))
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "acct")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "Q0FOQVJZU0VDUkVUS0VZ")
    monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", f"{NOBODY}/acct")
    monkeypatch.setattr(object_store, "RETRIES", 1)
    put(tmp_path, "inputs/vllm/scrape.prom", (GOLDEN / "vllm/two_scrapes.prom").read_bytes())
    line = fault_of(tmp_path, litellm=text)
    assert line.startswith(f"{text}: no answer from the store; check the network")
    assert [m.source for m in read_manifests(tmp_path / "landing")] == ["vllm"]
    (location,) = parse_locations("litellm", [text])
    item = StoredObject(
        store=ObjectStore(location),
        url=f"{text}/bill.parquet",
        key="logs/bill.parquet",
        size=9,
        e_tag=None,
        version=None,
        written_at=datetime.fromisoformat("2026-05-01"),
    )
    for read in (parquet_schema, head_of):
        with pytest.raises(MeterhouseError, match=f"^{text}/bill.parquet: no answer from"):
            read(item)


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
