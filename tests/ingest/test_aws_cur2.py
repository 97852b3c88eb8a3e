"""AWS CUR 2.0: what a line cost by its type, and ids that outlive a delivery."""

from decimal import Decimal
from pathlib import Path

import polars as pl
from reader_trials import check_golden_tables, read_all, rows_of
from translated import GOLDEN

from ingest.sources.aws_cur2 import SOURCE

INPUT = GOLDEN / "aws_cur2" / "input.csv"


def test_each_type_of_line_has_the_category_and_the_effective_cost_of_its_commitment() -> None:
    check_golden_tables(SOURCE)


def test_a_covered_hour_and_its_negation_bill_nothing_and_cost_their_share_of_the_plan() -> None:
    rows = {row["line_number"]: row for row in rows_of(SOURCE, INPUT)}
    covered, negation, fee = rows[3], rows[4], rows[5]
    assert covered["billed_cost"] + negation["billed_cost"] == 0
    assert negation["effective_cost"] == 0
    # What the hour used and what stayed unused is the whole recurring fee.
    assert covered["effective_cost"] + fee["effective_cost"] == Decimal(30)


def test_a_second_delivery_with_other_line_item_ids_has_the_same_lines(tmp_path: Path) -> None:
    path = tmp_path / "again.csv"
    path.write_text(INPUT.read_text().replace("l-1", "another-id"))
    ids = [row["bill_line_id"] for row in rows_of(SOURCE, INPUT)]
    assert [row["bill_line_id"] for row in rows_of(SOURCE, path)] == ids
    assert len(set(ids)) == len(ids)


def test_parquet_with_maps_gives_the_rows_of_csv(tmp_path: Path) -> None:
    cells = pl.read_csv(INPUT, infer_schema=False)
    maps = [[{"key": "user_team", "value": "search"}]] * cells.height
    products = [
        None if text is None else [{"key": "product_name", "value": "Amazon Bedrock"}]
        for text in cells["product"]
    ]
    path = tmp_path / "part.snappy.parquet"
    cells.with_columns(
        pl.Series("resource_tags", maps),
        pl.Series("product", products),
        pl.col("line_item_unblended_cost", "line_item_usage_amount").cast(pl.Float64),
        pl.col("line_item_usage_start_date").str.to_datetime(time_zone="UTC"),
    ).write_parquet(path)
    same = ("charge_period_start", "billed_cost", "effective_cost", "tags", "service_name")
    wanted = [{name: row[name] for name in same} for row in rows_of(SOURCE, INPUT)]
    assert [{name: row[name] for name in same} for row in rows_of(SOURCE, path)] == wanted


def test_a_report_without_the_columns_of_a_commitment_does_not_guess_its_cost(
    tmp_path: Path,
) -> None:
    cells = pl.read_csv(INPUT, infer_schema=False)
    dropped = [name for name in cells.columns if name.startswith(("savings_plan", "reservation"))]
    cells.drop(dropped, "product").write_csv(tmp_path / "narrow.csv")
    rows = {row["line_number"]: row for row in rows_of(SOURCE, tmp_path / "narrow.csv")}
    assert rows[3]["effective_cost"] is None
    assert rows[3]["quality_flags"] == ["effective_cost_unknown"]
    assert rows[2]["effective_cost"] == Decimal("0.036")
    assert rows[2]["service_name"] == "AmazonBedrock"


def test_a_file_that_is_no_report_is_one_reject(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    frames, rejects = read_all(SOURCE, path)
    assert frames == {}
    assert [one.reason_code for one in rejects] == ["missing_column"]
