"""FOCUS bills: exact money, columns by name, lines that keep their identity."""

import csv
import gzip
import io
import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reader_trials import check_golden_tables, read_all, rows_of, said
from translated import GOLDEN

from ingest.formats.focus_columns import focus_version
from ingest.sources.focus import SOURCE

FOLDER = GOLDEN / "focus"
Cells = list[dict[str, str | None]]


def cells_of(name: str) -> Cells:
    with (FOLDER / name).open(newline="") as stream:
        return [{key: cell or None for key, cell in row.items()} for row in csv.DictReader(stream)]


def csv_text(rows: Cells, names: list[str] | None = None) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, names or list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def bill(path: Path, content: bytes, **options: str) -> list[dict[str, Any]]:
    path.write_bytes(content)
    return rows_of(SOURCE, path, **options)


def without_line(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    plain = [{name: row[name] for name in row if name != "line_number"} for row in rows]
    return sorted(plain, key=lambda row: str(row["bill_line_id"]))


def test_each_version_of_focus_gives_the_same_columns() -> None:
    check_golden_tables(SOURCE)


def test_the_provider_is_found_under_its_old_and_its_new_name() -> None:
    names = {
        path.stem: rows_of(SOURCE, path)[0]["service_provider_name"]
        for path in sorted(FOLDER.glob("*.csv"))
    }
    assert set(names.values()) == {"Cloud"}
    assert len(names) == 4


def test_order_of_columns_and_rows_line_ends_and_compression_change_nothing(
    tmp_path: Path,
) -> None:
    rows = cells_of("focus_1_2.csv")
    names = list(rows[0])
    plain = bill(tmp_path / "plain.csv", csv_text(rows))
    shuffled = random.Random(7).sample(names, len(names))  # noqa: S311 - no secret
    texts = {
        "columns.csv": csv_text(rows, shuffled),
        "rows.csv": csv_text(rows[::-1]),
        "bom.csv": b"\xef\xbb\xbf" + csv_text(rows),
        "packed.csv.gz": gzip.compress(csv_text(rows)[:80]) + gzip.compress(csv_text(rows)[80:]),
        "nulls.csv": csv_text([{k: v or "NULL" for k, v in row.items()} for row in rows]),
    }
    for name, text in texts.items():
        assert without_line(bill(tmp_path / name, text)) == without_line(plain), name
    upper = csv_text([{name.upper(): cell for name, cell in row.items()} for row in rows])
    found = bill(tmp_path / "upper.csv", upper)
    assert [row["billed_cost"] for row in found] == [row["billed_cost"] for row in plain]


def test_parquet_gives_the_rows_of_csv_whatever_types_it_holds(tmp_path: Path) -> None:
    rows = cells_of("focus_1_4.csv")
    maps = [
        None
        if row["Tags"] is None
        else [{"key": k, "value": v} for k, v in json.loads(tags).items()]
        for row in rows
        if (tags := row["Tags"] or "{}")
    ]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String)).with_columns(
        pl.col("BilledCost").cast(pl.Float64),
        pl.col("EffectiveCost").cast(pl.Decimal(38, 15)),
        pl.col("ChargePeriodStart").str.to_datetime(time_zone="UTC").dt.cast_time_unit("ms"),
        pl.col("BillingPeriodStart").str.to_datetime("%Y-%m-%dT%H:%M:%SZ"),
        pl.Series("Tags", maps),
    )
    frame.write_parquet(tmp_path / "bill.parquet")
    same = ("charge_period_start", "billed_cost", "effective_cost", "tags", "extra", "sku_id")
    wanted = [
        {name: row[name] for name in same} for row in rows_of(SOURCE, FOLDER / "focus_1_4.csv")
    ]
    found = rows_of(SOURCE, tmp_path / "bill.parquet")
    assert [{name: row[name] for name in same} for row in found] == wanted
    assert found[0]["focus_version"] == "1.4"
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "bill.parquet").read_bytes()[:-200])
    assert [one.reason_code for one in read_all(SOURCE, tmp_path / "cut.parquet")[1]] == [
        "damaged_parquet"
    ]


def test_amounts_keep_all_twelve_digits_that_money_has_here(tmp_path: Path) -> None:
    rows = cells_of("focus_1_0.csv")[:1] * 4
    costs = ["0.1", "0.000000000001", "-123456789.123456789012", "1E-7"]
    given_rows = [row | {"BilledCost": cost} for row, cost in zip(rows, costs, strict=True)]
    found = bill(tmp_path / "bill.csv", csv_text(given_rows))
    assert [row["billed_cost"] for row in found] == [Decimal(cost) for cost in costs]


def test_two_equal_lines_of_a_bill_are_two_charges_and_a_second_delivery_none(
    tmp_path: Path,
) -> None:
    rows = cells_of("focus_1_0.csv")[:1] * 2
    first = bill(tmp_path / "first.csv", csv_text(rows))
    again = bill(tmp_path / "again.csv", csv_text(rows))
    ids = [row["bill_line_id"] for row in first]
    assert len(set(ids)) == 2
    assert [row["bill_line_id"] for row in again] == ids


def test_a_missing_value_is_null_and_an_empty_text_is_empty(tmp_path: Path) -> None:
    text = csv_text(cells_of("focus_1_2.csv")[:1]).decode()
    header, row = text.splitlines()
    path = tmp_path / "bill.csv"
    path.write_text(f'{header},Empty,Absent\n{row},"",\n')
    extra = json.loads(rows_of(SOURCE, path)[0]["extra"])
    assert extra["Empty"] == ""
    assert "Absent" not in extra


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("BilledCost", "1,5", "bad_value"),
        ("BilledCost", None, "bad_value"),
        ("EffectiveCost", "nan", "bad_value"),
        ("ListCost", "1e400", "bad_value"),
        ("PricingQuantity", "99999999999999999999", "bad_value"),
        ("ChargePeriodStart", None, "bad_timestamp"),
        ("ChargePeriodEnd", "yesterday", "bad_timestamp"),
    ],
)
def test_a_line_with_a_broken_amount_or_time_is_one_reject_and_the_others_load(
    tmp_path: Path, column: str, cell: str | None, reason: str
) -> None:
    good = cells_of("focus_1_2.csv")
    path = tmp_path / "bill.csv"
    path.write_bytes(csv_text([good[0], good[0] | {column: cell}, good[1]]))
    frames, rejects = read_all(SOURCE, path)
    assert frames["bill_lines"].height == 2
    assert [(one.line_number, one.column_name, one.reason_code) for one in rejects] == [
        (3, column, reason)
    ]


def test_tags_that_are_no_object_are_kept_aside_and_the_money_counts(tmp_path: Path) -> None:
    row = cells_of("focus_1_2.csv")[0] | {"Tags": "team=search"}
    (found,) = bill(tmp_path / "bill.csv", csv_text([row]))
    assert found["tags"] is None
    assert json.loads(found["extra"])["Tags"] == "team=search"
    assert found["quality_flags"] == ["bad_tags"]
    assert found["billed_cost"] == Decimal("0.036")


def test_a_file_that_is_not_cost_and_usage_is_one_reject(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("ContractId,ContractCommitmentId\n1,2\n3,4\n")
    frames, rejects = read_all(SOURCE, path)
    assert frames == {}
    assert [one.reason_code for one in rejects] == ["missing_column"]


def test_times_without_offset_are_utc_unless_a_zone_is_stated(tmp_path: Path) -> None:
    row = cells_of("focus_1_2.csv")[0] | {"ChargePeriodStart": "2026-05-04 09:00:00"}
    path = tmp_path / "bill.csv"
    assert bill(path, csv_text([row]))[0]["charge_period_start"].hour == 9
    assert bill(path, csv_text([row]), time_zone="Asia/Tokyo")[0]["charge_period_start"].hour == 0


def test_the_version_is_what_the_user_states_else_what_the_columns_tell(tmp_path: Path) -> None:
    text = csv_text(cells_of("focus_1_0.csv"))
    assert bill(tmp_path / "bill.csv", text)[0]["focus_version"] == "1.0"
    stated = bill(tmp_path / "bill.csv", text, focus_version="1.2")
    assert {row["focus_version"] for row in stated} == {"1.2"}
    assert focus_version(["ServiceProviderName", "BilledCost"]) == "1.4"
    assert focus_version(["ServiceProviderName", "ProviderName"]) == "1.3"
    assert focus_version(["SkuMeter", "ProviderName"]) == "1.1"


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\r\x1e"), max_size=12)


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    notes=st.lists(CELL, min_size=1, max_size=6),
    bad=st.sampled_from([b"a,b\n", b'x"y\n', b"\xff,1\n", b""]),
    end=st.sampled_from([b"\n", b"\r\n"]),
)
def test_no_cell_and_no_broken_row_moves_money_from_one_line_to_another(
    tmp_path: Path, notes: list[str], bad: bytes, end: bytes
) -> None:
    row = cells_of("focus_1_0.csv")[0]
    rows = [
        row | {"ChargeDescription": note, "BilledCost": str(number)}
        for number, note in enumerate(notes)
    ]
    text = csv_text(rows)
    if not any("\n" in note for note in notes):
        text = text.replace(b"\n", end)
    path = tmp_path / "bill.csv"
    path.write_bytes(text + bad)
    frames, rejects = read_all(SOURCE, path)
    found = frames["bill_lines"]
    assert found["billed_cost"].to_list() == [Decimal(number) for number in range(len(notes))]
    assert len(rejects) == (1 if bad else 0)
    assert all(one.message not in notes or not one.message for one in rejects)
    assert "CANARY" not in said({}, rejects)
