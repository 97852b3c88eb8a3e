"""What is wrong with an input is said in one line, and everything else loads."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from deliveries import FIRST_DAY, copy_of_what_the_user_keeps, spend_log
from product import meterhouse
from stories import Begun

from ingest.landing import LandingReport
from pipelines.intake import take_in
from pipelines.settings import Settings

MAPPING = """
format = "csv"
role = "request_log"
natural_key = ["id"]
[columns]
started_at = "time"
input_tokens = "tokens_in"
output_tokens = "tokens_out"
"""
HEADER = "time,tokens_in,tokens_out,id\n"
GOOD = "2026-06-01T10:00:00Z,5,7,a\n"


@pytest.fixture
def folder(tmp_path: Path) -> Settings:
    """A data folder with one mapping and one good log."""
    settings = Settings(data=tmp_path / "company")
    put(settings, "mappings/chat.toml", MAPPING)
    put(settings, "inputs/chat/good.csv", HEADER + GOOD)
    return settings


def put(settings: Settings, name: str, content: str | bytes) -> None:
    path = settings.data / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def landed_rows(settings: Settings) -> int:
    files = settings.landing / "usage_events" / "*" / "*" / "*.parquet"
    return pl.scan_parquet(files).select(pl.len()).collect().item()


def the_line(report: LandingReport, name: str) -> str:
    """The only line, which names the file."""
    lines = [line for line in report.lines() if name in line]
    assert len(lines) == 1, list(report.lines())
    assert list(report.lines()) == lines
    return lines[0]


def test_broken_line_is_named_and_the_lines_around_it_load(folder: Settings) -> None:
    second = GOOD.replace(",a", ",b")
    put(folder, "inputs/chat/half.csv", f"{HEADER}{second}2026-06-01T10:00:00Z,many,7,c\n")
    assert "chat/half.csv:3:tokens_in" in the_line(take_in(folder), "half.csv")
    assert landed_rows(folder) == 2


def test_broken_json_line_is_named_and_the_lines_around_it_load(
    folder: Settings, begun: Begun
) -> None:
    rows = gzip.decompress((begun.data / spend_log(FIRST_DAY)).read_bytes()).splitlines()[:3]
    broken = b"\n".join([rows[0], rows[1][:50], rows[2]])
    put(folder, "inputs/litellm/gateway-1/log.ndjson", broken)
    assert "litellm/gateway-1/log.ndjson:2" in the_line(take_in(folder), "log.ndjson")
    assert landed_rows(folder) == 3


def test_truncated_gzip_is_named_and_what_it_still_holds_loads(folder: Settings) -> None:
    lines = "".join(f"2026-06-01T10:00:00Z,{n},7,n{n}\n" for n in range(20_000))
    whole = gzip.compress((HEADER + lines).encode())
    put(folder, "inputs/chat/cut.csv.gz", whole[: len(whole) // 2])
    assert "cut off" in the_line(take_in(folder), "cut.csv.gz")
    assert 1 < landed_rows(folder) < 20_000


def test_log_without_a_mapped_column_is_named_with_the_column(folder: Settings) -> None:
    put(folder, "inputs/chat/renamed.csv", HEADER.replace("tokens_in", "tokens_input") + GOOD)
    line = the_line(take_in(folder), "renamed.csv")
    assert "tokens_in" in line
    assert landed_rows(folder) == 1


def test_column_that_no_mapping_names_does_no_harm(folder: Settings) -> None:
    put(folder, "inputs/chat/wide.csv", "prompt," + HEADER + "hello,2026-06-01T10:00:00Z,5,7,b\n")
    assert list(take_in(folder).lines()) == []
    assert landed_rows(folder) == 2


def test_time_without_a_zone_is_refused_once_for_the_file(folder: Settings) -> None:
    rows = "".join(f"2026-06-01 10:00:0{n},5,7,n{n}\n" for n in range(9))
    put(folder, "inputs/chat/local.csv", HEADER + rows)
    line = the_line(take_in(folder), "local.csv")
    assert "zone" in line
    assert "sources.toml" in line or "time_zone" in line
    assert landed_rows(folder) == 1


def test_time_without_a_zone_loads_once_the_zone_is_stated(folder: Settings) -> None:
    put(folder, "inputs/chat/local.csv", HEADER + "2026-06-01 10:00:00,5,7,b\n")
    take_in(folder)
    put(folder, "sources.toml", '[chat]\ntime_zone = "Europe/Berlin"\n')
    assert list(take_in(folder).lines()) == []
    assert landed_rows(folder) == 2


def test_empty_file_is_named(folder: Settings) -> None:
    put(folder, "inputs/chat/nothing.csv", "")
    assert "empty" in the_line(take_in(folder), "nothing.csv")
    assert landed_rows(folder) == 1


def test_unknown_source_folder_is_named_with_the_known_ones(folder: Settings) -> None:
    put(folder, "inputs/lite_llm/log.ndjson", "{}\n")
    line = the_line(take_in(folder), "inputs/lite_llm")
    assert "litellm" in line
    assert landed_rows(folder) == 1


def test_rejects_verb_lists_what_could_not_be_read(folder: Settings) -> None:
    put(folder, "inputs/chat/nothing.csv", "")
    take_in(folder)
    listed = meterhouse("rejects", "--data", folder.data)
    assert listed.exit_code == 0
    assert "empty_file" in "".join(listed.text.split())


def cut_row(text: str) -> str:
    header, first, *rest = text.splitlines()
    return "\n".join([header, first.rpartition(",")[0], *rest])


@pytest.mark.parametrize(
    ("ledger", "spoil", "place"),
    [
        ("teams", lambda text: text.replace("team_name", "team_nam", 1), "teams.csv:1"),
        ("teams", cut_row, "teams.csv:2"),
        (
            "gpu_fleet",
            lambda text: text.replace("2025", "soon", 1),
            "gpu_fleet.csv:2: purchase_date",
        ),
    ],
)
def test_ledger_error_stops_the_run_with_file_row_and_column_and_no_traceback(
    begun: Begun, tmp_path: Path, ledger: str, spoil: Callable[[str], str], place: str
) -> None:
    data = tmp_path / "company"
    copy_of_what_the_user_keeps(begun.data, data)
    path = data / "ledgers" / f"{ledger}.csv"
    before = path.read_text()
    path.write_text(spoil(before))
    assert path.read_text() != before
    stopped = meterhouse("run", "--data", data)
    assert stopped.exit_code == 2
    assert stopped.lines_with(place), stopped.text
    assert "Traceback" not in stopped.text
    assert not (data / "published").exists()


def test_wrong_mapping_stops_the_run_with_file_key_and_no_traceback(folder: Settings) -> None:
    put(folder, "mappings/chat.toml", MAPPING.replace("natural_key", "natural_keys"))
    stopped = meterhouse("run", "--data", folder.data)
    assert stopped.exit_code == 2
    assert stopped.lines_with("chat.toml")
    assert "natural_keys" in stopped.text
    assert "Traceback" not in stopped.text


def test_messages_repeat_no_text_of_the_log(folder: Settings) -> None:
    row = json.dumps({"request_id": "x", "messages": "my secret prompt"})
    put(folder, "inputs/litellm/log.ndjson", row[:-5])
    assert "secret" not in "".join(take_in(folder).lines())
