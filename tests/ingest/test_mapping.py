import json
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from translated import GOLDEN, check_golden, input_file, put, translate

from ingest.errors import MeterhouseError
from ingest.mapping import load_mappings
from ingest.source import Source

AZURE = Path(__file__).parents[2] / "data" / "sample" / "azure_llm_2023"
PLAIN = """
format = "FORMAT"
natural_key = ["id"]
input_semantics = "inclusive"
[columns]
started_at = { column = "time", unit = "s" }
input_tokens = "usage.input"
cache_read_input_tokens = "usage.cached"
output_tokens = "out"
"""


def test_the_azure_trace_keeps_every_request_and_token() -> None:
    source = load_mappings(AZURE / "mappings")["azure_llm_2023"]
    path = AZURE / "inputs" / "azure_llm_2023" / "AzureLLMInferenceTrace_conv.csv"
    frame, rejects = translate(source.read, input_file(path, "azure_llm_2023"))
    assert rejects == []
    assert (frame.height, frame["event_id"].n_unique()) == (19_366, 19_366)
    assert frame["uncached_input_tokens"].sum() == 22_361_870
    assert frame["other_output_tokens"].sum() == 4_088_665
    assert frame["started_at"][0] == datetime.fromisoformat("2023-11-16T18:15:46.680590")


def test_units_zones_and_totals_are_converted_as_declared() -> None:
    source = load_mappings(GOLDEN / "mapping")["chat_export"]
    check_golden(
        source.read, "mapping", input_file(GOLDEN / "mapping" / "input.csv", "chat_export")
    )


def mapping(folder: Path, toml: str) -> Source:
    put(folder, "mappings/log.toml", toml.encode())
    return load_mappings(folder / "mappings")["log"]


def test_the_same_log_as_csv_ndjson_and_parquet_gives_the_same_rows(tmp_path: Path) -> None:
    rows = [
        {"time": 1767225600.25, "usage.input": 50, "usage.cached": 20, "out": 7, "id": "a"},
        {"time": 1767225601.5, "usage.input": 5, "usage.cached": None, "out": 0, "id": "b"},
    ]
    table = pl.DataFrame(rows)
    table.write_csv(tmp_path / "log.csv")
    table.write_parquet(tmp_path / "log.parquet")
    nested = [
        {**row, "usage": {"input": row["usage.input"], "cached": row["usage.cached"]}, "prompt": {}}
        for row in rows
    ]
    put(tmp_path, "log.ndjson", b"\n".join(json.dumps(row).encode() for row in nested))
    found = []
    for kind in ("csv", "ndjson", "parquet"):
        source = mapping(tmp_path, PLAIN.replace("FORMAT", kind))
        frame, rejects = translate(source.read, input_file(tmp_path / f"log.{kind}", "log"))
        assert rejects == []
        found.append(frame.drop("line_number").to_dicts())
    assert found[0] == found[1] == found[2]
    assert [row["uncached_input_tokens"] for row in found[0]] == [30, 5]
    assert found[0][0]["started_at"] == datetime.fromisoformat("2026-01-01T00:00:00.250")


NAIVE = 'format = "csv"\nnatural_key = "line"\n[columns]\nstarted_at = "at"\n'


def test_times_without_a_zone_are_one_reject_that_says_what_to_state(tmp_path: Path) -> None:
    source = mapping(tmp_path, NAIVE)
    path = put(tmp_path, "log.csv", b"at\n2026-01-01 00:00:00\n2026-01-01 00:00:01\n")
    frame, rejects = translate(source.read, input_file(path, "log"))
    assert frame.is_empty()
    (reject,) = rejects
    assert (reject.line_number, reject.reason_code) == (None, "naive_timestamp")
    assert reject.message == "timestamp has no time zone"
    assert reject.remedy == 'state one: [log] time_zone = "..." in sources.toml'
    stated = translate(source.read, input_file(path, "log", time_zone="Europe/Berlin"))[0]
    assert stated["started_at"][0] == datetime.fromisoformat("2025-12-31T23:00:00")


def test_equal_rows_of_a_log_without_ids_are_counted_each(tmp_path: Path) -> None:
    source = mapping(tmp_path, NAIVE)
    path = put(tmp_path, "log.csv", b"at\n" + b"2026-01-01T00:00:00Z\n" * 3)
    assert translate(source.read, input_file(path, "log"))[0]["event_id"].n_unique() == 3


def test_a_file_without_a_mapped_column_is_one_reject_that_names_it(tmp_path: Path) -> None:
    source = mapping(tmp_path, NAIVE)
    path = put(tmp_path, "log.csv", b"when\n2026-01-01T00:00:00Z\n")
    rejects = translate(source.read, input_file(path, "log"))[1]
    assert [(r.line_number, r.column_name, r.reason_code) for r in rejects] == [
        (None, "at", "missing_column")
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("started_at", "startedat"),
            "columns.startedat: no such canonical column; did you mean started_at?",
        ),
        (('"csv"', '"xml"'), "format: Invalid enum value 'xml'"),
        (('natural_key = "line"', ""), "natural_key: missing; name the columns of"),
        (
            ('"at"', '{ column = "at", unit = "h" }'),
            "columns.started_at.unit: 'h'; state one of s, ms, us, ns",
        ),
        (
            ('"at"', '{ column = "at", constant = "x" }'),
            "columns.started_at: state either column or constant",
        ),
        (('"at"\n', '"at"\ncache_read_input_tokens = "c"\n'), "input_semantics: missing"),
        (("format", "formt"), "unknown field `formt`"),
        (
            ('"at"', '{ column = "at", origin = "2026-01-01T00:00:00Z" }'),
            "columns.started_at.unit: missing; a count from an origin needs one",
        ),
        (
            ('"at"', '{ column = "at", unit = "ms", origin = "2026-01-01T00:00:00" }'),
            "columns.started_at.origin: timestamp has no time zone",
        ),
        (
            ('"at"', '{ column = "at", format = "%d.%m. %H:%M" }'),
            "columns.started_at.format: '%d.%m. %H:%M' does not tell a day and a time",
        ),
        (
            ('"at"\n', '"at"\nuser_id = { column = "u", format = "%Y" }\n'),
            "columns.user_id.format: only times have one",
        ),
        (
            ('"at"\n', '"at"\ninput_tokens = { constant = "many" }\n'),
            "columns.input_tokens.constant: not a whole number",
        ),
        (("started_at", "ended_at"), "columns.request_duration: missing; started_at is not mapped"),
        (
            ('natural_key = "line"', 'table = "gpu_samples"'),
            "columns.gpu_uuid: missing; name the column with the GPU's UUID",
        ),
        (
            ('natural_key = "line"', 'table = "power_samples"\nnatural_key = "line"'),
            "natural_key: rows of power_samples are named by what they measure; remove it",
        ),
        (("[columns]", "[columns"), "not TOML"),
    ],
)
def test_a_wrong_mapping_is_told_by_file_key_and_remedy(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    with pytest.raises(MeterhouseError) as caught:
        mapping(tmp_path, NAIVE.replace(*change))
    assert str(caught.value).startswith("mappings/log.toml: ")
    assert message in str(caught.value)


def test_a_comment_in_a_mapping_does_not_land_its_files_anew_but_a_new_unit_does(
    tmp_path: Path,
) -> None:
    first = mapping(tmp_path, NAIVE).version
    assert mapping(tmp_path, "# a comment\n" + NAIVE).version == first
    assert (
        mapping(tmp_path, NAIVE.replace('"at"', '{ column = "at", unit = "s" }')).version != first
    )


def test_a_request_whose_end_and_duration_are_logged_starts_before_its_end(
    tmp_path: Path,
) -> None:
    toml = NAIVE.replace("started_at", "ended_at") + (
        'request_duration = { column = "took", unit = "s" }\n'
        'time_to_first_token = { column = "first", unit = "ms" }\n'
    )
    content = b"at,took,first\n2026-01-01T00:00:10Z,2.5,250\n2026-01-01T00:00:10Z,,1\n"
    path = put(tmp_path, "log.csv", content)
    frame, rejects = translate(mapping(tmp_path, toml).read, input_file(path, "log"))
    times = frame.select("started_at", "first_token_at", "ended_at").row(0)
    assert [moment.strftime("%S.%f") for moment in times] == ["07.500000", "07.750000", "10.000000"]
    assert [(one.line_number, one.column_name) for one in rejects] == [(3, "took")]


def test_a_count_of_time_begins_at_the_stated_origin(tmp_path: Path) -> None:
    origin = '{ column = "at", unit = "ms", origin = "2026-01-01T01:00:00+01:00" }'
    path = put(tmp_path, "log.csv", b"at\n0\n1500.25\n1e18\n")
    source = mapping(tmp_path, NAIVE.replace('"at"', origin))
    frame, rejects = translate(source.read, input_file(path, "log"))
    assert [str(moment) for moment in frame["started_at"]] == [
        "2026-01-01 00:00:00",
        "2026-01-01 00:00:01.500250",
    ]
    assert [(one.line_number, one.reason_code) for one in rejects] == [(4, "bad_timestamp")]


ITEMS = '{{"id": "a", "at": "2026-01-01T00:00:00Z"}}{}{{"id": "b", "at": "2026-01-01T00:00:00Z"}}'


@pytest.mark.parametrize(
    ("document", "line_numbers"),
    [
        ("[" + ITEMS.format(",") + "]", [1, 1]),
        ("[\n" + ITEMS.format(",\n") + "\n]", [2, 3]),
        ('{"0": ' + ITEMS.format(', "1": ') + "}", [1, 1]),
        ('{"0":\n' + ITEMS.format(',\n\n"1": ') + "}", [2, 4]),
    ],
)
def test_one_document_holds_a_list_of_records_or_an_object_of_them(
    tmp_path: Path, document: str, line_numbers: list[int]
) -> None:
    toml = NAIVE.replace('"csv"', '"json"').replace('"line"', '["id"]')
    path = put(tmp_path, "log.json", document.encode())
    frame, rejects = translate(mapping(tmp_path, toml).read, input_file(path, "log"))
    assert rejects == []
    assert frame["natural_key"].to_list() == ["a", "b"]
    assert frame["line_number"].to_list() == line_numbers
    for cut in (1, len(document) // 2):
        path = put(tmp_path, "log.json", document.encode()[:-cut])
        frame, (reject,) = translate(mapping(tmp_path, toml).read, input_file(path, "log"))
        assert (frame.height, reject.line_number, reject.reason_code) == (0, None, "bad_json")


@pytest.mark.parametrize("keys", [("0", "0", "1"), ("0", "1", "0"), ("0", "1", "1")])
def test_a_key_that_occurs_twice_in_a_document_hides_no_record_in_silence(
    tmp_path: Path, keys: tuple[str, str, str]
) -> None:
    toml = NAIVE.replace('"csv"', '"json"').replace('"line"', '["id"]')
    record = '{"id": "%d", "at": "2026-01-01T00:00:00Z"}'
    items = [f'"{key}":\n{record % number}' for number, key in enumerate(keys)]
    path = put(tmp_path, "log.json", f"{{{','.join(items)}}}".encode())
    frame, (reject,) = translate(mapping(tmp_path, toml).read, input_file(path, "log"))
    assert frame["natural_key"].to_list() == [str(n) for n in range(reject.line_number - 2)]
    assert reject.message.startswith("a key of the document occurs twice")
