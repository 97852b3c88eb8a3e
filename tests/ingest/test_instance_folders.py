"""Which folder is the instance, and what becomes of a landing whose instance is another one now."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from landed import NOW, RECORDS, WHOLE, land_records, rejects, table, written
from local_s3 import land_from
from translated import GOLDEN, ndjson, put, spend_log

from ingest import landing_inputs
from ingest.instance_folder import former_instance_of, instance_of
from ingest.landing import LandingReport, land, read_manifests
from ingest.source import Source
from ingest.sources import SOURCES

ROW = spend_log(
    7, request_id="chatcmpl-same", startTime="2026-05-05T10:00:00Z", endTime="2026-05-05T10:00:05Z"
)
PAYLOAD = {
    "id": "chatcmpl-same",
    "startTime": 1777975200.0,
    "endTime": 1777975205.0,
    "prompt_tokens": 17,
    "completion_tokens": 7,
    "total_tokens": 24,
    "model": "gpt-5",
    "custom_llm_provider": "openai",
}
OBJECT = "2026-05-05/time-10-00-00-000000_chatcmpl-same.json"


@pytest.fixture
def earlier(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Landing takes the first folder, as it did; `undo` is the upgrade."""
    monkeypatch.setattr(landing_inputs, "instance_of", former_instance_of)
    return monkeypatch


def land_all(folder: Path, sources: Mapping[str, Source] = SOURCES) -> LandingReport:
    return land(folder / "inputs", folder / "landing", sources, now=NOW)


@pytest.mark.parametrize(
    ("folders", "instance"),
    [
        ("", "default"),
        ("gateway", "gateway"),
        ("gateway/2026-05-05", "gateway"),
        ("2026-05-05", "default"),
        ("2026-05-05/10", "default"),
        ("2026-05-05/10/gateway", "gateway"),
        ("2026/05/05/10", "default"),
        ("2026/5", "default"),
        ("20260505", "default"),
        ("2026-05", "default"),
        ("2026_05_05", "default"),
        ("2026-05-05T10", "default"),
        ("2026-05-05-10", "default"),
        ("date=2026-05-05", "default"),
        ("dt=2026-05-05/hour=10/gateway", "gateway"),
        ("year=2026/month=05/day=05", "default"),
        ("y=2026/m=05/d=05/h=10/m=00", "default"),
        ("AWSLogs/123456789012/BedrockModelInvocationLogs/us-east-1/2026/05/05/10", "123456789012"),
        ("us-east-1/2026/05/05/10", "us-east-1"),
        # no dates
        ("05", "05"),
        ("10/2026-05-05", "10"),
        ("202605051030", "202605051030"),  # an account of AWS
        ("2026-13", "2026-13"),
        ("2026-05-05-canary", "2026-05-05-canary"),
        ("date=today", "date=today"),
        ("team=5", "team=5"),
        ("3000", "3000"),
    ],
)
def test_a_folder_that_only_says_when_is_no_instance(folders: str, instance: str) -> None:
    assert instance_of(folders.split("/") if folders else []) == instance


@pytest.mark.parametrize("day", ["2026-05-05", "2026/05/05/10", "dt=2026-05-05"])
def test_an_export_and_an_object_of_the_same_call_are_one_event(tmp_path: Path, day: str) -> None:
    put(tmp_path, "inputs/litellm/api.jsonl", ndjson([ROW]))
    put(tmp_path, f"inputs/litellm/{day}/chatcmpl-same", json.dumps(PAYLOAD).encode())
    land_all(tmp_path)
    events = table(tmp_path)
    assert events.height == 2
    assert events["event_id"].n_unique() == 1
    assert set(events["source_instance"]) == {"default"}


def test_days_of_a_bucket_are_one_gateway(s3, tmp_path: Path) -> None:
    s3.put(f"litellm/{OBJECT}", json.dumps(PAYLOAD).encode())
    s3.put("litellm/2026-05-06/api.jsonl", ndjson([ROW]))
    s3.put("litellm/east/2026-05-06/other.jsonl", ndjson([ROW]))
    land_from(tmp_path, litellm=s3.url("litellm"))
    found = table(tmp_path).select("source_instance", "event_id").unique()
    assert sorted(found["source_instance"]) == ["default", "east"]


def test_accounts_of_aws_are_told_apart_and_days_are_not(tmp_path: Path) -> None:
    log = (GOLDEN / "bedrock_log/input.ndjson").read_bytes()
    for account in ("111111111111", "222222222222"):
        for day in ("04", "05"):
            folder = f"AWSLogs/{account}/BedrockModelInvocationLogs/us-east-1/2026/05/{day}/10"
            name = f"inputs/bedrock_log/{folder}/x.json.gz"
            put(tmp_path, name, log + b"\n" * int(day))
    land_all(tmp_path)
    assert set(table(tmp_path)["source_instance"]) == {"111111111111", "222222222222"}


@pytest.mark.parametrize("sources", [RECORDS, WHOLE], ids=["records", "whole"])
def test_what_a_date_folder_brought_before_lands_once_more_and_counts_once(
    tmp_path: Path, earlier: pytest.MonkeyPatch, sources: Mapping[str, Source]
) -> None:
    put(tmp_path, "inputs/litellm/api.jsonl", ndjson([ROW]))
    log = put(tmp_path, "inputs/litellm/2026-05-05/a.jsonl", ndjson([spend_log(1), ROW]) + b"{\n")
    land_records(tmp_path, sources)
    # grows, so that it lies in two parts; a copy of it lies in the folder of the next day
    log.write_bytes(log.read_bytes() + ndjson([spend_log(2)]))
    put(tmp_path, "inputs/litellm/2026-05-06/b.jsonl.gz", log.read_bytes())
    land_records(tmp_path, sources)
    assert table(tmp_path)["event_id"].n_unique() == 7  # 1 + 3 + 3
    earlier.undo()

    report = land_records(tmp_path, sources)
    assert sorted(set(report.touched_dates["usage_events"])) == sorted(
        {moment.date() for moment in table(tmp_path)["started_at"]}
    )
    events = table(tmp_path)
    assert set(events["source_instance"]) == {"default"}
    assert events["event_id"].n_unique() == 3
    assert events.height == 4  # the row of the export stands in both files
    assert rejects(tmp_path).height == 1
    assert {m.source_instance for m in read_manifests(tmp_path / "landing")} == {"default"}
    assert land_records(tmp_path, sources).landed == ()
    assert table(tmp_path).equals(events)


def test_a_log_compressed_between_the_versions_lands_once(
    tmp_path: Path, earlier: pytest.MonkeyPatch
) -> None:
    log = put(tmp_path, "inputs/litellm/2026-05-05/a.jsonl", ndjson([ROW, spend_log(1)]))
    land_records(tmp_path)
    earlier.undo()
    put(tmp_path, "inputs/litellm/2026-05-05/a.jsonl.1.gz", log.read_bytes() + ndjson([ROW]))
    log.unlink()
    land_records(tmp_path)
    assert table(tmp_path).height == 3


def test_deliveries_of_a_report_keep_their_time_and_not_their_former_instance(
    tmp_path: Path, earlier: pytest.MonkeyPatch
) -> None:
    report = (GOLDEN / "openai_usage/input.json").read_bytes()
    path = put(tmp_path, "inputs/openai_usage/2026-05-05/day.json", report + b"\n")
    land_all(tmp_path)
    written(put(tmp_path, "inputs/openai_usage/2026-05-05/day.json", report), "2026-05-06 06:00")
    land_all(tmp_path)
    written(path, "2026-05-30 06:00")  # a copy that did not keep the time
    earlier.undo()
    land_all(tmp_path)
    (manifest,) = read_manifests(tmp_path / "landing")
    assert (manifest.source_instance, manifest.delivered_at.day) == ("default", 6)
    assert set(table(tmp_path)["source_instance"]) == {"default"}


def test_a_file_that_cannot_be_read_anew_keeps_what_was_landed_of_it(
    tmp_path: Path, earlier: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, "inputs/litellm/2026-05-05/a.jsonl", ndjson([ROW]))
    land_records(tmp_path)
    earlier.undo()
    path.unlink()
    land_records(tmp_path)
    assert table(tmp_path).height == 1
