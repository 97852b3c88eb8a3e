"""docs/focus.md says of every column of FOCUS whether it is supported, how, or why not."""

import re

import pytest
from focus_data_toolkit.model.validator import load_model

from pipelines.exports.focus_page import PAGE, SUPPORT, columns_of, written

MODELS = {
    "Cost and Usage": "focus_cost_and_usage_1_4",
    "Contract Commitment": "focus_contract_commitment",
    "Billing Period": "focus_billing_period",
    "Invoice Detail": "focus_invoice_detail",
}
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_page_is_up_to_date() -> None:
    assert written(PAGE) == TEXT, "run: python -m pipelines.exports.focus_page"


@pytest.mark.parametrize("dataset", MODELS)
def test_every_column_of_focus_is_accounted_for(dataset: str) -> None:
    section = TEXT.split(f"### FOCUS 1.4: {dataset}\n")[1].split("\n### ")[0]
    named = set(re.findall(r"`(\w+)`", section.split("<!-- /")[0]))
    expected = load_model()["datasets"][dataset]["columns"]
    assert set(expected) <= named
    written_columns = columns_of()[MODELS[dataset]]
    mandatory = {
        name for name, column in expected.items() if column["feature_level"] == "Mandatory"
    }
    assert mandatory <= set(written_columns)
    assert {n for n in written_columns if not n.startswith("x_")} <= set(expected)


def test_every_column_says_whether_it_is_supported() -> None:
    for columns in columns_of().values():
        for name, text in columns.items():
            assert text.split(". ")[0] in SUPPORT, name
