"""Azure: volume from the metrics, latency and status from the log, neither twice."""

import json
from pathlib import Path

from reader_trials import read_all, rows_of
from translated import GOLDEN, ndjson

from ingest.schema import TOKEN_CLASSES
from ingest.sources import azure_metrics, azure_openai_log

METRICS = GOLDEN / "azure_metrics" / "input.json"
LOG = GOLDEN / "azure_openai_log" / "input.ndjson"


def test_a_minute_without_data_has_no_row_and_a_minute_of_zero_has_one() -> None:
    events = read_all(azure_metrics.SOURCE, METRICS)[0]["usage_events"]
    minutes = events.filter(events["grain"] == "bucket_1m")
    assert [moment.minute for moment in minutes["started_at"]] == [0, 2]
    assert minutes["uncached_input_tokens"].to_list() == [100, 0]
    assert minutes["other_output_tokens"].to_list() == [20, None]


def test_a_restated_minute_keeps_its_key_whatever_else_the_answer_holds(tmp_path: Path) -> None:
    document = json.JSONDecoder().raw_decode(METRICS.read_text())[0]
    wide = tmp_path / "wide.json"
    wide.write_text(json.dumps(document))
    for metric in document["value"]:
        metric["timeseries"][0]["data"] = metric["timeseries"][0]["data"][:1]
    document["value"].reverse()
    narrow = tmp_path / "narrow.json"
    narrow.write_text(json.dumps(document, indent=1))
    (row,) = rows_of(azure_metrics.SOURCE, narrow)
    assert row["event_id"] == rows_of(azure_metrics.SOURCE, wide)[0]["event_id"]


def test_metrics_of_a_busy_day_pass_the_limit_of_one_request(tmp_path: Path) -> None:
    document = json.JSONDecoder().raw_decode(METRICS.read_text())[0] | {"interval": "P1D"}
    document["value"][0]["timeseries"][0]["data"][0]["total"] = 7e10
    path = tmp_path / "day.json"
    path.write_text(json.dumps(document))
    assert rows_of(azure_metrics.SOURCE, path)[0]["uncached_input_tokens"] == 70_000_000_000


def test_ratios_and_speeds_of_tokens_are_no_tokens_and_reject_nothing(tmp_path: Path) -> None:
    document = json.JSONDecoder().raw_decode(METRICS.read_text())[0]
    plain = tmp_path / "plain.json"
    plain.write_text(json.dumps(document))
    series = document["value"][0]["timeseries"][0]
    for name, total in (
        ("AzureOpenAIContextTokensCacheMatchRate", 12.5),
        ("AzureOpenAITokenPerSecond", 88.3),
        ("ActiveTokens", 90),
    ):
        measured = {**series, "data": [{**series["data"][0], "total": total}]}
        document["value"].append({"name": {"value": name}, "timeseries": [measured]})
    path = tmp_path / "metrics.json"
    path.write_text(json.dumps(document))
    wanted, found = rows_of(azure_metrics.SOURCE, plain)[0], rows_of(azure_metrics.SOURCE, path)[0]
    assert found["quality_flags"] == wanted["quality_flags"]
    assert [found[name] for name in TOKEN_CLASSES] == [wanted[name] for name in TOKEN_CLASSES]
    assert json.loads(found["reported_details"])["ActiveTokens"] == 90


def test_the_log_counts_requests_and_not_one_token() -> None:
    events = read_all(azure_openai_log.SOURCE, LOG)[0]["usage_events"]
    assert events["request_count"].to_list() == [1] * 5
    assert all(events[name].null_count() == 5 for name in TOKEN_CLASSES)


def test_log_and_metrics_name_the_same_account(tmp_path: Path) -> None:
    row = json.loads(LOG.read_text().splitlines()[0])
    path = tmp_path / "log.ndjson"
    path.write_bytes(ndjson([row]))
    metrics = read_all(azure_metrics.SOURCE, METRICS)[0]["usage_events"].to_dicts()[0]
    (logged,) = rows_of(azure_openai_log.SOURCE, path)
    account = ("provider_name", "organization_id", "project_id", "deployment_name")
    assert [logged[name] for name in account] == [metrics[name] for name in account]
