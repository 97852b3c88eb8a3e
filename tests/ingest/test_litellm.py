import json
from pathlib import Path

import pytest
from translated import GOLDEN, check_golden, input_file, ndjson, spend_log, translate

from ingest.formats.litellm_fields import ROW
from ingest.schema import TOKEN_CLASSES
from ingest.sources.litellm import read

GOOD = ndjson([spend_log(1)]).strip()


def test_each_shape_of_row_keeps_its_tokens_costs_and_flags() -> None:
    check_golden(read, "litellm", input_file(GOLDEN / "litellm" / "input.ndjson"))


def test_an_api_answer_gives_the_same_rows_as_the_rows_alone(tmp_path: Path) -> None:
    rows = [spend_log(number) for number in range(5)]
    texts = {
        "lines": ndjson(rows),
        "one_line": json.dumps({"data": rows, "total": 5}).encode(),
        "pages": b"\n".join(json.dumps({"data": [row]}).encode() for row in rows),
        "indented": json.dumps({"data": rows, "page": 1}, indent=2).encode(),
        "list": json.dumps(rows, indent=1).encode(),
    }
    found = {}
    for name, text in texts.items():
        (tmp_path / name).write_bytes(text)
        frame, rejects = translate(read, input_file(tmp_path / name))
        assert rejects == []
        found[name] = frame.drop("line_number").to_dicts()
        if name == "indented":
            lines = text.decode().splitlines()
            for number, key in frame.select("line_number", "natural_key").iter_rows():
                assert lines[number - 1].strip() == "{"
                assert key in lines[number]
    assert all(frame == found["lines"] for frame in found.values())


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        (
            GOOD.replace(b'"prompt_tokens": 11', b'"prompt_tokens": 1.5'),
            "prompt_tokens",
            "bad_value",
        ),
        (
            GOOD.replace(b'"prompt_tokens": 11', b'"prompt_tokens": "12"'),
            "prompt_tokens",
            "bad_value",
        ),
        (
            GOOD.replace(b'"prompt_tokens": 11', b'"prompt_tokens": 1e3'),
            "prompt_tokens",
            "bad_value",
        ),
        (
            GOOD.replace(b'"prompt_tokens": 11', b'"prompt_tokens": -1'),
            "prompt_tokens",
            "bad_value",
        ),
        (GOOD.replace(b": 11", b": 99999999999999999999999"), "prompt_tokens", "bad_value"),
        (GOOD.replace(b": 11", b": true"), "prompt_tokens", "bad_value"),
        (GOOD.replace(b": 11", b": [1]"), "prompt_tokens", "bad_value"),
        (GOOD.replace(b": 11", b": NaN"), None, "bad_json"),
        (GOOD.replace(b"1e-06", b'"sNaN"'), "spend", "bad_value"),
        (GOOD.replace(b"1e-06", b"1e400"), "spend", "bad_value"),
        (GOOD.replace(b"chatcmpl-1", b""), "request_id", "missing_value"),
        (GOOD.replace(b'"request_id": "chatcmpl-1", ', b""), "request_id", "missing_value"),
        (
            GOOD.replace(b'"request_id": "chatcmpl-1"', b'"request_id": null'),
            "request_id",
            "missing_value",
        ),
        (GOOD.replace(b"2026-05-02T01:00:00Z", b"yesterday"), "startTime", "bad_timestamp"),
        (
            GOOD.replace(b"2026-05-02T01:00:00Z", b"2026-05-02T23:59:60Z"),
            "startTime",
            "bad_timestamp",
        ),
        (b"null", None, "bad_value"),
        (b"17", None, "bad_value"),
        (GOOD[:-20], None, "bad_json"),
        (GOOD + GOOD, None, "bad_json"),
        (GOOD + b" trailer", None, "bad_json"),
        (GOOD.replace(b"gpt-5", b"gpt\xff5"), None, "bad_encoding"),
        (GOOD.replace(b"gpt-5", b"gpt\\ud8005"), None, "bad_json"),
        (GOOD.replace(b"gpt-5", b"gpt\x005"), None, "bad_json"),
        (b'{"metadata": ' + b"[" * 5000 + b"]" * 5000 + b"}", None, None),
        (b'{"extra": ' + b"[" * 5000 + b"]" * 5000 + b"}", None, "too_deep"),
        (GOOD[:-1] + b', "metadata": "{broken"}', "metadata", "bad_value"),
        (
            GOOD[:-1] + b', "metadata": {"usage_object": {"reasoning_tokens": 0.5}}}',
            "reasoning_tokens",
            "bad_value",
        ),
    ],
)
def test_a_broken_line_is_one_reject_and_its_neighbors_load(
    tmp_path: Path, line: bytes, column: str | None, reason: str | None
) -> None:
    assert line != GOOD
    path = tmp_path / "log.ndjson"
    path.write_bytes(ndjson([spend_log(2)]) + line + b"\n" + ndjson([spend_log(3)]))
    frame, rejects = translate(read, input_file(path))
    assert frame["natural_key"].to_list() == ["chatcmpl-2", "chatcmpl-3"]
    assert [reject.line_number for reject in rejects] == [2]
    if reason is not None:
        assert (rejects[0].column_name, rejects[0].reason_code) == (column, reason)


def test_a_token_count_that_is_not_reported_is_null_and_one_reported_as_zero_is_zero(
    tmp_path: Path,
) -> None:
    path = tmp_path / "log.ndjson"
    usage = {"prompt_tokens_details": {"cached_tokens": 0}}
    path.write_bytes(
        ndjson(
            [
                spend_log(1, prompt_tokens=None, completion_tokens=None, total_tokens=None),
                spend_log(2, metadata={"usage_object": usage}, spend=None),
            ]
        )
    )
    silent, zero = translate(read, input_file(path))[0].to_dicts()
    assert all(silent[name] is None for name in TOKEN_CLASSES)
    assert zero["cache_read_input_tokens"] == 0
    assert zero["reasoning_output_tokens"] is None
    assert (zero["reported_cost_usd"], zero["reported_cost_kind"]) == (None, None)


def test_private_fields_are_not_even_in_the_type_that_decodes_a_row() -> None:
    private = {"messages", "response", "requester_ip_address", "proxy_server_request"}
    assert not private & set(ROW.type.__struct_fields__)
