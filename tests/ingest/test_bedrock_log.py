"""Bedrock's log as S3 keeps it."""

import gzip
import json
from pathlib import Path

from reader_trials import read_all, rows_of
from translated import GOLDEN, ndjson

from ingest.formats.bedrock_record import RECORD
from ingest.sources.bedrock_log import SOURCE

ROWS = [
    json.loads(text)
    for text in (GOLDEN / "bedrock_log" / "input.ndjson").read_text().splitlines()[:5]
]


def test_an_object_of_several_gzip_members_is_read_to_its_end(tmp_path: Path) -> None:
    plain, packed = tmp_path / "plain.json", tmp_path / "20260504T0900_abc.json.gz"
    plain.write_bytes(ndjson(ROWS))
    packed.write_bytes(b"".join(gzip.compress(ndjson([row])) for row in ROWS))
    assert rows_of(SOURCE, packed) == rows_of(SOURCE, plain)


def test_the_cache_is_beside_the_input_and_never_taken_from_it(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_bytes(ndjson(ROWS[:1]))
    (row,) = rows_of(SOURCE, path)
    assert row["uncached_input_tokens"] == row["reported_input_tokens"] == 10
    assert row["cache_read_input_tokens"] == 3000


def test_a_body_in_any_shape_costs_the_row_nothing(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    bodies = [
        None,
        "text",
        5,
        [1, "two"],
        {"usage": "many"},
        {"message": "hello"},
        [],
        {"usage": {}},
    ]
    rows = []
    for number, body in enumerate(bodies):
        output = ROWS[0]["output"] | {"outputBodyJson": body}
        rows.append(ROWS[0] | {"requestId": f"r-{number}", "output": output})
    path.write_bytes(ndjson(rows))
    found = rows_of(SOURCE, path)
    assert [row["other_output_tokens"] for row in found] == [90] * len(bodies)
    assert [row["cache_write_other_input_tokens"] for row in found] == [700] * len(bodies)


def test_an_object_that_is_no_log_is_rejected_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "amazon-bedrock-logs-permission-check"
    path.write_text("Permissions check.\n")
    frames, rejects = read_all(SOURCE, path)
    assert (frames, [one.reason_code for one in rejects]) == ({}, ["bad_json"])


def test_bodies_are_no_fields_of_the_type_that_decodes_a_record() -> None:
    assert not {"inputBodyJson", "outputBodyJson"} & set(RECORD.type.__struct_fields__)
