"""A log that is landed while it grows gives the rows of the log that is landed at once."""

from pathlib import Path

import polars as pl
import pytest
from landed import NOW, rejects, table
from translated import GOLDEN

from ingest.landing import land
from ingest.sources import SOURCES

# A golden log of each source whose lines are records, and the options it needs.
LOGS = {
    "anthropic_messages": "2026-05-04.jsonl",
    "azure_openai_log": "input.ndjson",
    "bedrock_log": "input.ndjson",
    "helicone": "input.ndjson",
    "langfuse": "input.ndjson",
    "litellm": "input.ndjson",
    "llamacpp": "input.ndjson",
    "nvml": "readings.ndjson",
    "ollama": "input.ndjson",
    "openai_batch": "2026-05-04_output.jsonl",
    "openai_bodies": "input.ndjson",
}
TABLES = {"nvml": "gpu_samples"}
LINEAGE = ("file_sha256", "delivered_at")
ROWS_OF_A_WHOLE = ("claude_code/session.jsonl", "codex/new.jsonl")


def test_each_source_whose_lines_are_records_is_tried() -> None:
    assert {name for name, source in SOURCES.items() if source.record_lines} == set(LOGS)


def rows(folder: Path, name: str) -> pl.DataFrame:
    frame = table(folder, TABLES.get(name, "usage_events")).drop(LINEAGE)
    return frame.sort(pl.all().exclude(pl.List(pl.String)))


@pytest.mark.parametrize("name", LOGS)
def test_rows_and_rejects_do_not_depend_on_how_a_log_grew(name: str, tmp_path: Path) -> None:
    content = (GOLDEN / name / LOGS[name]).read_bytes()
    middle = len(content) // 2  # within a line
    ends = [middle, middle + len(content) // 3, len(content)]
    for folder, parts in ((tmp_path / "at_once", ends[-1:]), (tmp_path / "grown", ends)):
        log = folder / "inputs" / name / "host" / LOGS[name]
        log.parent.mkdir(parents=True)
        for end in parts:
            log.write_bytes(content[:end])
            land(folder / "inputs", folder / "landing", SOURCES, now=NOW)
    assert rows(tmp_path / "at_once", name).equals(rows(tmp_path / "grown", name))
    told = [rejects(tmp_path / way) for way in ("at_once", "grown")]
    shown = [frame.select("line_number", "column_name", "reason_code") for frame in told]
    assert shown[0].equals(shown[1])


@pytest.mark.parametrize("log", ROWS_OF_A_WHOLE)
def test_a_line_that_is_being_written_is_no_fault_of_its_producer(log: str, tmp_path: Path) -> None:
    path = tmp_path / "inputs" / log
    path.parent.mkdir(parents=True)
    content = (GOLDEN / log).read_bytes().rpartition(b"\n")[0]  # the last is cut there as well
    path.write_bytes(content[:-9])
    land(tmp_path / "inputs", tmp_path / "landing", SOURCES, now=NOW)
    last = content.count(b"\n") + 1
    cut = rejects(tmp_path).filter(pl.col("line_number") == last).row(0, named=True)
    assert cut["reason_code"] == "unfinished_line"
    assert "still grows" in cut["remedy"]
    path.write_bytes(content + b"\n")
    land(tmp_path / "inputs", tmp_path / "landing", SOURCES, now=NOW)
    assert rejects(tmp_path).filter(pl.col("line_number") == last).is_empty()
