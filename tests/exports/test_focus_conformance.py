"""The exported files against the rules of FOCUS 1.4, by focus-data-toolkit, without a network."""

from pathlib import Path

import pytest
from conftest import read
from focus_data_toolkit.model.capabilities import KNOWN_CONDITIONS
from focus_data_toolkit.model.validator import lint_focus_1_4_structure
from focus_data_toolkit.validate.bundle import validate_dataset_bundle

NAMES = {
    "Cost and Usage": "cost_and_usage",
    "Contract Commitment": "contract_commitment",
    "Billing Period": "billing_period",
    "Invoice Detail": "invoice_detail",
}


def rows_of(folder: Path, dataset: str) -> list[dict[str, str]]:
    return [dict(row) for row in read(folder / f"focus_1.4_{NAMES[dataset]}.csv")]


@pytest.mark.parametrize("dataset", NAMES)
def test_a_dataset_has_no_violation(folder: Path, dataset: str) -> None:
    rows = rows_of(folder, dataset)
    report = lint_focus_1_4_structure(dataset, rows, supported_conditions=KNOWN_CONDITIONS)
    assert report.row_count == len(rows) > 0
    # FOCUS allows names of virtual currencies since 1.2; the toolkit knows those of ISO 4217.
    virtual = {i for i, row in enumerate(rows) if row.get("PricingCurrency") == "ACME credits"}
    assert not [
        found
        for found in report.violations
        if not (found.column == "PricingCurrency" and found.row_index in virtual)
    ]


def test_the_datasets_refer_to_each_other_and_splits_are_whole(folder: Path) -> None:
    bundle = {dataset: rows_of(folder, dataset) for dataset in NAMES}
    report = validate_dataset_bundle(bundle, invoice_detail_authoritative=True)
    assert not report.diagnostics


def test_a_broken_row_is_found(folder: Path) -> None:
    rows = rows_of(folder, "Cost and Usage")[:5]
    rows[0]["BilledCost"] = "3e-06"
    rows[1]["ListCost"] = "7"
    found = {(v.column, v.row_index) for v in lint_focus_1_4_structure("cau", rows).violations}
    assert {("BilledCost", 0), ("ListCost", 1)} <= found
