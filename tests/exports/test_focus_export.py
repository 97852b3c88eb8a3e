"""The FOCUS export of a company that can be checked by hand, read back from its files."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
from conftest import Rows, read
from focus_company import FORMULA
from typer.testing import CliRunner
from warehouse_factory import Company

from ingest.errors import MeterhouseError
from pipelines.cli import app
from pipelines.exports.focus import export_focus
from pipelines.settings import Settings

# What fct_charges_hourly has too; the others are purchases, their rest and credits.
HOURLY = ("cloud_tokens", "cloud_idle", "own_gpu_allocated", "own_gpu_idle", "own_gpu_overhead")


def where(rows: Rows, **values: str) -> Rows:
    return [row for row in rows if all(row[name] == value for name, value in values.items())]


def total(rows: Iterable, column: str) -> Decimal:
    return sum((Decimal(row[column] or 0) for row in rows), Decimal(0))


def costs(rows: Rows) -> list[tuple[Decimal, ...]]:
    names = ("ListCost", "ContractedCost", "BilledCost", "EffectiveCost")
    return [tuple(Decimal(row[name]) for name in names) for row in rows]


def test_a_request_is_a_row_for_each_class_of_its_tokens(charges: Rows) -> None:
    # 300 tokens read from cache at 30 cents a million
    (row,) = where(
        charges,
        SkuPriceId="anthropic/claude-x/standard/cache_read_input/0",
        SubAccountId="red",
    )
    assert row["ChargePeriodStart"] == "2026-01-10T00:00:00Z"
    assert row["ChargePeriodEnd"] == "2026-01-11T00:00:00Z"
    assert row["ConsumedQuantity"] == "300.000000000000"
    assert row["ConsumedUnit"] == "Tokens"
    assert row["ListUnitPrice"] == "0.000000300000"
    assert costs([row]) == [(Decimal("0.00009"),) * 4]
    details = json.loads(row["SkuPriceDetails"])
    assert details["x_ModelId"] == "claude-x"
    assert (details["x_TokenDirection"], details["x_TokenCacheAction"]) == ("Input", "Read")
    assert json.loads(row["Tags"]) == {"team": "red", "cost_center": "R-1"}


def test_what_has_no_price_by_the_token_is_a_row_of_its_own(charges: Rows) -> None:
    # two web searches at a cent
    (row,) = where(charges, SkuPriceId="anthropic/claude-x/standard/rest/0")
    assert costs([row]) == [(Decimal("0.02"),) * 4]


def test_a_contract_lowers_the_cost_and_not_the_list(charges: Rows) -> None:
    # 100 output tokens: 8 dollars a million at list, 6 by contract
    rows = where(
        charges,
        SkuPriceId="openai/gpt-x/standard/output/0",
        ChargePeriodStart="2026-01-10T00:00:00Z",
        SubAccountId="red",
    )
    assert costs(rows) == [(Decimal("0.0008"), *[Decimal("0.0006")] * 3)]


def test_an_hour_of_an_own_gpu_is_split_to_teams_and_tokens(charges: Rows) -> None:
    # A dollar: 4,000 input tokens weigh 4,000, 400 output tokens 2.5 each. So input costs 80 cents,
    # and three quarters of it are red's; output 20 cents, likewise.
    rows = where(charges, ResourceId="GPU-hand", ChargePeriodStart="2026-01-10T00:00:00Z")
    tokens = where(rows, x_ChargeKind="own_gpu_allocated", ConsumedUnit="Tokens")
    found = {
        (row["AllocatedResourceId"], Decimal(row["ConsumedQuantity"])): Decimal(
            row["EffectiveCost"]
        )
        for row in tokens
    }
    assert found == {
        ("red/Input/Uncached", 3000): Decimal("0.60"),
        ("red/Input/Read", 500): Decimal(0),
        ("red/Output", 300): Decimal("0.15"),
        ("blue/Input/Uncached", 1000): Decimal("0.20"),
        ("blue/Output", 100): Decimal("0.05"),
    }
    assert total(tokens, "BilledCost") == 0
    # the rack's dollar is paid as it comes
    operation = where(rows, x_ChargeKind="own_gpu_allocated", ConsumedUnit="GPU-Hours")
    assert {
        (row["SubAccountId"], Decimal(row["ConsumedQuantity"]), Decimal(row["BilledCost"]))
        for row in operation
    } == {
        ("red", Decimal("0.75"), Decimal("0.75")),
        ("blue", Decimal("0.25"), Decimal("0.25")),
    }


def test_idle_is_unused_capacity(charges: Rows) -> None:
    unused = where(
        charges, ChargePeriodStart="2026-01-11T00:00:00Z", CapacityReservationStatus="Unused"
    )
    # a bought GPU's day costs 24 dollars that were paid before, a rented one's 48 that are paid
    by_sku = {
        (row["ResourceId"], row["SkuPriceId"]): (row["BilledCost"], row["EffectiveCost"])
        for row in unused
    }
    zero, day, rent = (f"{number}.000000000000" for number in (0, 24, 48))
    assert by_sku["GPU-hand", "gpu/H100/amortization"] == (zero, day)
    assert by_sku["GPU-leased", "gpu/H100/lease"] == (rent, rent)
    assert {row["x_ChargeKind"] for row in unused} == {"own_gpu_idle"}
    (reserved,) = where(charges, x_ChargeKind="cloud_idle")
    assert (reserved["CapacityReservationStatus"], Decimal(reserved["BilledCost"])) == ("Unused", 3)


def test_a_life_from_purchase_to_sale_bills_what_it_costs(charges: Rows) -> None:
    # bought for 1,000, 744 of it amortized in January, sold for 300 at a book value of 256
    life = [row for row in where(charges, ResourceId="GPU-sold") if row["SkuMeter"] != "GPU Hours"]
    hours = where(charges, ResourceId="GPU-sold", SkuPriceId="gpu/H100/amortization")
    assert costs(where(life, ChargeCategory="Purchase"))[0][2:] == (1000, 0)
    assert costs(where(life, ChargeCategory="Adjustment"))[0][2:] == (-300, -44)
    assert total([*life, *hours], "BilledCost") == 700
    assert total([*life, *hours], "EffectiveCost") == 700


def test_billed_less_effective_is_the_book_value_of_any_life(sold: Company, charges: Rows) -> None:
    booked = dict(
        sold.query(
            "select gpu_uuid, arg_max(closing_book_value_usd, month_start_date)"
            " from fct_gpu_amortization_schedule where month_start_date < date '2026-03-01'"
            " group by all"
        )
    )
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in charges:
        if row["ResourceType"] == "GPU" and row["ChargePeriodEnd"] <= "2026-03-01T00:00:00Z":
            found[row["ResourceId"]] += Decimal(row["BilledCost"]) - Decimal(row["EffectiveCost"])
    assert len(booked) == 14
    assert {name: found[name] for name in booked} == booked
    assert sum(value == 0 for value in booked.values()) >= 2
    assert sum(value > 0 for value in booked.values()) >= 5


def test_credits_are_a_virtual_currency(charges: Rows) -> None:
    rows = where(charges, PricingCurrency="ACME credits")
    # 100 for 50 dollars; 10 used, 90 expired
    assert {
        row["x_ChargeKind"]: (
            Decimal(row["BilledCost"]),
            Decimal(row["EffectiveCost"]),
            row["PricingCurrencyEffectiveCost"],
            row["CommitmentDiscountStatus"],
        )
        for row in rows
    } == {
        "credit_purchase": (50, 0, "0.000000000000", ""),
        "credit_use": (0, 5, "10.000000000000", "Used"),
        "credit_expiry": (0, 45, "90.000000000000", "Unused"),
    }


def test_each_month_and_kind_costs_what_the_books_say(sold: Company, charges: Rows) -> None:
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in charges:
        if row["x_ChargeKind"] in HOURLY:
            found[row["BillingPeriodStart"][:7], row["x_ChargeKind"]] += Decimal(
                row["EffectiveCost"]
            )
    booked = sold.query(
        "select strftime(usage_date, '%Y-%m'), charge_kind, sum(effective_cost_usd)"
        " from fct_charges_hourly where pricing_status != 'unpriced' group by all"
    )
    assert len(booked) > 8
    assert found == {(month, kind): cost for month, kind, cost in booked}


def test_each_models_tokens_are_those_of_the_books(sold: Company, charges: Rows) -> None:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in where(charges, ConsumedUnit="Tokens"):
        found[json.loads(row["SkuPriceDetails"])["x_ModelId"]] += Decimal(row["ConsumedQuantity"])
    booked = sold.query(
        "select model_name, sum(total_tokens) from fct_charges_hourly"
        " where pricing_status != 'unpriced' and total_tokens > 0 group by all"
    )
    assert found == dict(booked) == {"gpt-x": 4400, "claude-x": 1100, "qwen": 4900}


def test_tokens_without_a_price_are_told_and_have_no_row(
    settings: Settings, charges: Rows, tmp_path: Path
) -> None:
    assert not [row for row in charges if "nobody-knows" in row["ChargeDescription"]]
    answer = CliRunner().invoke(
        app, ["export", "focus", "--data", str(settings.data), str(tmp_path)]
    )
    assert "Left out   1,100 tokens without a known price" in answer.stdout


def test_no_text_is_a_formula_and_numbers_stay_numbers(folder: Path, charges: Rows) -> None:
    for path in folder.glob("*.csv"):
        for row in read(path):
            for name, cell in row.items():
                if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
                    assert Decimal(cell) < 0, (path.name, name)
    assert [row for row in charges if row["SubAccountId"] == f"'{FORMULA}"]
    assert where(charges, BilledCost="-300.000000000000")


def test_both_versions_have_the_same_costs(folder: Path, charges: Rows) -> None:
    older = read(folder / "focus_1.2_cost_and_usage.csv")
    assert len(older) == len(charges)
    assert total(older, "EffectiveCost") == total(charges, "EffectiveCost")
    assert not {"AllocatedTags", "InvoiceDetailId"} & set(older[0])
    assert {row["ProviderName"] for row in older} == {row["ServiceProviderName"] for row in charges}


def test_a_month_is_its_own(settings: Settings, tmp_path: Path, charges: Rows) -> None:
    export_focus(settings, tmp_path, version="1.4", file_format="csv", months=["2026-02"])
    rows = read(tmp_path / "focus_1.4_cost_and_usage.csv")
    assert {row["BillingPeriodStart"] for row in rows} == {"2026-02-01T00:00:00Z"}
    assert len(rows) == len(where(charges, BillingPeriodStart="2026-02-01T00:00:00Z"))
    commitments = {
        row["ContractCommitmentId"] for row in read(tmp_path / "focus_1.4_contract_commitment.csv")
    }
    assert "quota/red-tokens/2026-02-01" in commitments
    assert "quota/red-tokens/2026-03-01" not in commitments


def test_parquet_has_types_and_moments_in_utc(settings: Settings, tmp_path: Path) -> None:
    written = export_focus(
        settings, tmp_path, version="1.4", file_format="parquet", months=["2026-01"]
    )
    frame = pl.read_parquet(tmp_path / "focus_1.4_cost_and_usage.parquet")
    assert len(frame) == written.row_counts[tmp_path / "focus_1.4_cost_and_usage.parquet"]
    assert frame.schema["ChargePeriodStart"] == pl.Datetime("us", "UTC")
    assert frame.schema["BilledCost"] == pl.Decimal(38, 12)
    assert frame["ChargePeriodStart"].max() == datetime(2026, 1, 31, tzinfo=UTC)
    assert FORMULA in frame["SubAccountId"].to_list()


@pytest.mark.parametrize(
    ("version", "file_format", "months", "said"),
    [
        ("1.3", "csv", [], "FOCUS 1.3 is not written"),
        ("1.4", "xlsx", [], "not a format"),
        ("1.4", "csv", ["October"], "not a month"),
        ("1.4", "csv", ["2020-01"], "no charges in 2020-01"),
    ],
)
def test_what_cannot_be_written_is_said(
    settings: Settings,
    tmp_path: Path,
    version: str,
    file_format: str,
    months: list[str],
    said: str,
) -> None:
    with pytest.raises(MeterhouseError, match=said):
        export_focus(settings, tmp_path, version=version, file_format=file_format, months=months)
    assert not list(tmp_path.glob("*"))


def test_any_tool_reads_the_datasets_in_the_snapshot(settings: Settings, charges: Rows) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{settings.current.resolve()}' as books (read_only)")
        found = connection.execute("select count(*) from books.focus_cost_and_usage_1_2").fetchone()
    assert found == (len(charges),)
