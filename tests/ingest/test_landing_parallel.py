"""Landing with several processes gives what landing with one gives, byte for byte."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from landed import NOW, RECORDS, land_records, table
from translated import ndjson, put, spend_log

from ingest import landing, landing_content, landing_spans
from ingest.errors import MeterhouseError
from ingest.source import InputFile, Source
from ingest.sources import SOURCES

ROWS = [spend_log(number) for number in range(300)]
BOTH: Mapping[str, Source] = {**RECORDS, "vllm": SOURCES["vllm"]}
SCRAPE = '# scraped_at 2026-05-02T00:00:00Z\nvllm:prompt_tokens_total{model_name="m"} 5\n'


@pytest.fixture
def parallel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing, "PARALLEL_BYTES", 0)
    monkeypatch.setattr(landing, "cores", lambda: 2)


def deliver(folder: Path) -> None:
    """Files of which some begin like others, one is broken, and one is the copy of another."""
    for number in range(6):
        part = ROWS[40 * number : 40 * number + 40]
        put(folder, f"inputs/litellm/gateway-{number % 2}/{number}.log", ndjson(part))
    put(folder, "inputs/litellm/gateway-0/grown.log", ndjson(ROWS[:60]) + b"{broken\n")
    put(folder, "inputs/litellm/gateway-0/grown-more.log.gz", ndjson(ROWS[:70]))
    put(folder, "inputs/litellm/gateway-1/copy.log", ndjson(ROWS[40:80]))
    put(folder, "inputs/litellm/cut.log", ndjson(ROWS[250:260])[:-30])
    put(folder, "inputs/vllm/a/scrape.prom", SCRAPE.encode())


def everything(folder: Path) -> dict[str, bytes]:
    paths = [path for path in (folder / "landing").rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def alike(folders: tuple[Path, Path]) -> None:
    """Deliver the same files at the same time."""
    for folder in folders:
        deliver(folder)
        for path in (folder / "inputs").rglob("*"):
            os.utime(path, (1.75e9, 1.75e9))


def test_several_processes_write_the_bytes_that_one_writes(
    tmp_path: Path, parallel: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = (tmp_path / "one", tmp_path / "several")
    alike(folders)
    names: dict[Path, list[str]] = {}
    reports = {}
    for folder in folders:
        monkeypatch.setattr(
            landing, "cores", lambda is_one=folder == folders[0]: 0 if is_one else 2
        )
        names[folder] = []
        reports[folder] = landing.land(
            folder / "inputs", folder / "landing", BOTH, now=NOW, progress=names[folder].append
        )
    one, several = (reports[folder] for folder in folders)
    assert everything(folders[0]) == everything(folders[1])
    assert names[folders[0]] == names[folders[1]]
    assert list(one.lines()) == list(several.lines())
    assert (one.landed, one.unchanged, one.present) == (
        several.landed,
        several.unchanged,
        several.present,
    )
    assert several.rejects.equals(one.rejects)
    assert land_records(folders[1], BOTH).landed == ()


def test_a_large_file_is_read_in_spans_and_every_line_keeps_its_number(
    tmp_path: Path, parallel: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = ndjson(ROWS[:100]) + b'{"request_id": 5}\n\n' + ndjson(ROWS[100:])
    put(tmp_path, "whole/inputs/litellm/log.ndjson", body)
    put(tmp_path, "spans/inputs/litellm/log.ndjson", body)
    land_records(tmp_path / "whole")
    monkeypatch.setattr(landing_content, "CHUNK_BYTES", 512)
    monkeypatch.setattr(landing_content, "MARK_BYTES", 1024)
    monkeypatch.setattr(landing_spans, "SPAN_BYTES", 4096)
    report = land_records(tmp_path / "spans")
    columns = ("event_id", "line_number")
    whole, spans = (
        table(tmp_path / name).select(columns).sort("line_number") for name in ("whole", "spans")
    )
    assert spans.equals(whole)
    assert report.rejects.drop("file_sha256").equals(
        land_rejects(tmp_path / "whole").drop("file_sha256")
    )
    assert report.rejects["line_number"].to_list() == [101]
    files = list((tmp_path / "spans/landing/usage_events").rglob("*.parquet"))
    assert len(files) > len(list((tmp_path / "whole/landing/usage_events").rglob("*.parquet")))


def land_rejects(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "landing/_rejects/litellm/*.parquet")


def end_the_process(file: InputFile) -> list[object]:
    """A reader for which there is never enough memory."""
    if file.name.endswith("1.log"):
        os.kill(os.getpid(), signal.SIGKILL)
    return list(SOURCES["litellm"].read(file))


def test_a_process_that_is_killed_costs_its_file_and_no_other(
    tmp_path: Path, parallel: None
) -> None:
    for number in range(4):
        put(tmp_path, f"inputs/litellm/{number}.log", ndjson(ROWS[10 * number : 10 * number + 10]))
    fatal = {"litellm": replace(RECORDS["litellm"], read=end_the_process)}
    with pytest.raises(MeterhouseError, match=r"litellm/1\.log: the process that read it ended"):
        land_records(tmp_path, fatal)
    assert table(tmp_path).height == 30
    assert land_records(tmp_path).rows_landed == 10


def test_a_file_that_continues_one_that_could_not_be_read_is_landed_in_full(
    tmp_path: Path, parallel: None
) -> None:
    put(tmp_path, "inputs/litellm/1.log", ndjson(ROWS[:10]))
    put(tmp_path, "inputs/litellm/2.log", ndjson(ROWS[:15]))
    fatal = {"litellm": replace(RECORDS["litellm"], read=end_the_process)}
    with pytest.raises(MeterhouseError):
        land_records(tmp_path, fatal)
    assert sorted(table(tmp_path)["line_number"]) == list(range(1, 16))


def test_a_landing_killed_with_its_processes_is_completed_by_the_next(tmp_path: Path) -> None:
    for number in range(30):
        put(tmp_path, f"inputs/litellm/{number}.log", ndjson([spend_log(n) for n in range(40)]))
    for number in range(30):
        rows = [spend_log(1000 * number + n) for n in range(400)]
        put(tmp_path, f"inputs/litellm/{number}.log", ndjson(rows))
    script = (
        "import sys; from ingest import landing; from landed import land_records\n"
        "from pathlib import Path\n"
        "landing.PARALLEL_BYTES, landing.cores = 0, lambda: 2\n"
        "land_records(Path(sys.argv[1]))\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    call = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], env=env)
    manifests = tmp_path / "landing/_manifests"
    while call.poll() is None and len(list(manifests.glob("*/*.json"))) < 3:
        time.sleep(0.01)
    call.kill()
    call.wait()
    assert len(list(manifests.glob("*/*.json"))) < 30
    land_records(tmp_path)
    assert table(tmp_path)["event_id"].n_unique() == table(tmp_path).height == 12_000
    assert not list(tmp_path.rglob("*.tmp"))
