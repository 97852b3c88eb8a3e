"""What a reader makes of a file, in a form that tests can compare."""

import gzip
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from ingest.schema import TOKEN_CLASSES, conform
from ingest.source import InputFile, Reader, Reject

GOLDEN = Path(__file__).parents[1] / "golden"
CANARIES = (b"CANARY", b"192.0.2.7")


def input_file(path: Path, source: str = "litellm", **options: str) -> InputFile:
    return InputFile(
        path=path, name=f"{source}/{path.name}", instance="default", sha256="0", options=options
    )


def translate(read: Reader, file: InputFile) -> tuple[pl.DataFrame, list[Reject]]:
    """The usage events of a file, and what was rejected."""
    frames, rejects = [pl.DataFrame(schema=conform_schema())], []
    for item in read(file):
        if isinstance(item, Reject):
            rejects.append(item)
        elif item.table == "usage_events":
            frames.append(conform(item.frame, item.table))
    return pl.concat(frames), rejects


def conform_schema() -> dict[str, pl.DataType]:
    return dict(conform(pl.DataFrame({"line_number": []}), "usage_events").schema)


def comparable(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else value


def check_golden(read: Reader, folder: str, file: InputFile) -> None:
    """Compare the columns that expected.json names, and every token class."""
    expected = json.loads((GOLDEN / folder / "expected.json").read_text())
    frame, rejects = translate(read, file)
    rows = frame.to_dicts()
    assert len(rows) == len(expected["rows"])
    for row, wanted in zip(rows, expected["rows"], strict=True):
        classes = wanted.pop("classes")
        assert {name: comparable(row[name]) for name in wanted} == wanted
        found = {name: row[name] for name in TOKEN_CLASSES if row[name] is not None}
        assert found == classes, row["natural_key"]
    shown = [
        {"line_number": r.line_number, "column_name": r.column_name, "reason_code": r.reason_code}
        for r in rejects
    ]
    assert shown == expected["rejects"]


def spend_log(number: int, **changes: object) -> dict[str, object]:
    """An invented row of LiteLLM_SpendLogs; its day and hour follow its number."""
    return {
        "request_id": f"chatcmpl-{number}",
        "startTime": f"2026-05-0{1 + number % 3}T{number % 24:02}:00:00Z",
        "endTime": f"2026-05-0{1 + number % 3}T{number % 24:02}:00:05Z",
        "prompt_tokens": 10 + number,
        "completion_tokens": number,
        "total_tokens": 10 + 2 * number,
        "model": "gpt-5",
        "custom_llm_provider": "openai",
        "spend": 0.000001 * number,
        "messages": "CANARY-PROMPT",
        "requester_ip_address": "192.0.2.7",
    } | changes


def ndjson(rows: list[dict[str, object]]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content, mtime=0) if name.endswith(".gz") else content)
    return path
