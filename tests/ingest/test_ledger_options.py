# ruff: noqa: E501 - a case is a line
from pathlib import Path

import pytest
from translated import put

from ingest.ledgers import validate

OPTIONS = (
    "comparison_id,option_id,option_kind,purchase_price_usd,life_months,power_kilowatts,electricity_price_usd_per_kwh,"
    "hourly_opex_usd,hourly_price_usd,input_price_usd_per_million_tokens,output_price_usd_per_million_tokens,"
    "output_share_ratio,tokens_per_second,use_hours_per_month,use_hours_per_day"
)
PURCHASES = "purchase_id,credit_id,purchased_date,expires_date,unit_count,list_price_usd_per_unit,billed_cost_usd"
RATES = "credit_id,service_provider_name,sku_id,credits_per_unit,valid_from"


def faults(folder: Path, ledger: str, header: str, *rows: str) -> list[str]:
    put(folder, f"ledgers/{ledger}.csv", "\n".join([header, *rows, ""]).encode())
    return validate(folder / "ledgers")[1]


@pytest.mark.parametrize(
    ("ledger", "header", "row"),
    [
        ("tco_options", OPTIONS, "c,h100,own,250141.80,60,,,6.37,,,,,30576,,"),
        ("tco_options", OPTIONS, "c,h100,own,250141.80,60,2.9,0.12,,,,,,,176,"),
        ("tco_options", OPTIONS, "c,azure,cloud_instance,,,,,,98.32,,,,30576,,"),
        ("tco_options", OPTIONS, "c,gpt,api,,,,,,,1.25,10,0.666666666667,,,"),
        ("credit_purchases", PURCHASES, "1,omni,2025-04-01,2026-04-01,100000,2,200000.00"),
        ("credit_rates", RATES, "omni,Acme,762343,,2025-04-01"),
    ],
)  # fmt: skip
def test_options_and_credits_are_taken(tmp_path: Path, ledger: str, header: str, row: str) -> None:
    assert faults(tmp_path, ledger, header, row) == []


@pytest.mark.parametrize(
    ("ledger", "header", "row", "told"),
    [
        ("tco_options", OPTIONS, "c,h100,own,,60,,,6.37,,,,,,,", "purchase_price_usd: empty; an option of own states it"),
        ("tco_options", OPTIONS, "c,h100,own,250000,0,,,6.37,,,,,,,", "life_months: 0"),
        ("tco_options", OPTIONS, "c,h100,own,250000,60,,,,98.32,,,,,,", "hourly_price_usd: not of an option of own"),
        ("tco_options", OPTIONS, "c,h100,own,250000,60,2.9,,,,,,,,,", "electricity_price_usd_per_kwh: empty"),
        ("tco_options", OPTIONS, "c,h100,own,250000,60,2.9,0.12,6.37,,,,,,,", "power_kilowatts: part of hourly_opex_usd"),
        ("tco_options", OPTIONS, "c,h100,own,250000,60,,,,,,,,,176,8", "use_hours_per_day: state the hours"),
        ("tco_options", OPTIONS, "c,h100,own,250000,60,,,,,,,,,731,", "use_hours_per_month: write hours"),
        ("tco_options", OPTIONS, "c,azure,cloud_instance,,,,,,98.32,,,,,8,", "use_hours_per_month: not of an option of cloud_instance"),
        ("tco_options", OPTIONS, "c,azure,cloud_instance,,,,,,98.32,,,,0,,", "tokens_per_second: 0"),
        ("tco_options", OPTIONS, "c,gpt,api,,,,,,,1.25,10,,,,", "output_share_ratio: empty"),
        ("tco_options", OPTIONS, "c,gpt,api,,,,,,,1.25,10,2,,,", "output_share_ratio: more than 1"),
        ("credit_purchases", PURCHASES, "1,omni,2025-04-01,2025-04-01,1,2,2", "expires_date: not after purchased_date"),
        ("credit_purchases", PURCHASES, "1,omni,2025-04-01,,0,2,2", "unit_count: 0"),
    ],
)  # fmt: skip
def test_an_option_or_credit_that_cannot_be_computed_is_told(
    tmp_path: Path, ledger: str, header: str, row: str, told: str
) -> None:
    errors = faults(tmp_path, ledger, header, row)
    assert [error for error in errors if error.startswith(f"ledgers/{ledger}.csv:2: {told}")]


def test_an_option_is_named_once_in_its_comparison(tmp_path: Path) -> None:
    row = "{},azure,cloud_instance,,,,,,98.32,,,,,,"
    assert faults(tmp_path, "tco_options", OPTIONS, row.format("a"), row.format("b")) == []
    (fault,) = faults(tmp_path, "tco_options", OPTIONS, row.format("a"), row.format("a"))
    assert "the same as in row 2; remove one of them" in fault
