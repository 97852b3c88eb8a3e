"""Langfuse's exports: three spellings and CSV of the same observation."""

import csv
import io
import json
from pathlib import Path

from reader_trials import read_all, rows_of, said

from ingest.sources.langfuse import SOURCE

USAGE = {"input": 10, "input_cached_tokens": 400, "output": 50, "total": 460}
API = {
    "id": "obs-1",
    "traceId": "tr-1",
    "type": "GENERATION",
    "startTime": "2026-05-04T09:15:02.100Z",
    "endTime": "2026-05-04T09:15:04.100Z",
    "model": "gpt-5-mini",
    "input": 'CANARY, "quoted"\nand more',
    "usageDetails": USAGE,
    "costDetails": {"total": 0.25},
}
BLOB = {
    "id": "obs-1",
    "trace_id": "tr-1",
    "type": "GENERATION",
    "start_time": "2026-05-04 09:15:02.100",
    "end_time": "2026-05-04 09:15:04.100",
    "provided_model_name": "gpt-5-mini",
    "input": "CANARY",
    "usage_details": {name: str(count) for name, count in USAGE.items()},
    "cost_details": {"total": "0.25"},
}


def test_each_export_of_an_observation_gives_the_same_row(tmp_path: Path) -> None:
    table = io.StringIO()
    writer = csv.DictWriter(table, list(API))
    writer.writeheader()
    writer.writerow(
        {
            name: json.dumps(value) if isinstance(value, dict) else value
            for name, value in API.items()
        }
    )
    texts = {
        "api.json": json.dumps({"data": [API], "meta": {"page": 1}}, indent=2),
        "list.json": json.dumps([API]),
        "lines.jsonl": json.dumps(API) + "\n",
        "blob.jsonl": json.dumps(BLOB) + "\n",
        "table.csv": table.getvalue(),
    }
    found = {}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, newline="")
        frames, rejects = read_all(SOURCE, tmp_path / name)
        assert rejects == [], name
        assert "CANARY" not in said(frames, rejects)
        found[name] = frames["usage_events"].drop("line_number").to_dicts()
    assert all(rows == found["api.json"] for rows in found.values())
    assert found["api.json"][0]["cache_read_input_tokens"] == 400


def test_an_agent_that_repeats_the_usage_of_its_calls_is_not_counted(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    kinds = ["AGENT", "SPAN", "GENERATION", "CHAIN", "EMBEDDING", "TOOL"]
    rows = [API | {"id": f"obs-{kind}", "type": kind} for kind in kinds]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert [row["natural_key"] for row in rows_of(SOURCE, path)] == [
        "obs-GENERATION",
        "obs-EMBEDDING",
    ]
