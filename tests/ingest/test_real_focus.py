"""The FOCUS 1.0 sample bill: money to the last digit."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from sample_folders import SAMPLES, land_sample, landed, raw_rows

BILL = SAMPLES / "focus_1_0/inputs/focus/focus_sample.csv.zst"
TOTALS = {
    "billed_cost": ("BilledCost", "18.0066386184"),
    "effective_cost": ("EffectiveCost", "13"),
    "list_cost": ("ListCost", "18.1493176406"),
    "contracted_cost": ("ContractedCost", "13"),
}


@pytest.mark.parametrize("column", TOTALS)
def test_each_amount_of_the_sample_bill_sums_to_its_total(tmp_path: Path, column: str) -> None:
    land_sample("focus_1_0", tmp_path)
    found = landed(tmp_path, "bill_lines", "focus")
    name, total = TOTALS[column]
    assert sum(Decimal(row[name]) for row in raw_rows(BILL)) == Decimal(total)
    assert found[column].sum() == Decimal(total)


def test_every_charge_lands_once_under_its_category(tmp_path: Path) -> None:
    land_sample("focus_1_0", tmp_path)
    found = landed(tmp_path, "bill_lines", "focus")
    assert (found.height, found["bill_line_id"].n_unique()) == (942, 942)
    wanted: dict[str, Decimal] = defaultdict(Decimal)
    for row in raw_rows(BILL):
        wanted[row["ChargeCategory"]] += Decimal(row["BilledCost"])
    sums = found.group_by("charge_category").agg(pl.col("billed_cost").sum())
    assert dict(sums.iter_rows()) == wanted
    assert wanted == {"Usage": Decimal("20.6203386184"), "Credit": Decimal("-2.6137")}
    assert set(found["billing_currency"]) == {"USD"}
