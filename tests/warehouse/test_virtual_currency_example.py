"""FOCUS' example of a virtual currency, and what lots of credits do, out of the real models."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from shutil import copy

import pytest
from warehouse_factory import Company, moment

from ingest.landing import land
from ingest.sources import SOURCES

# Of the tests of a model only those whose other models are built as well.
ALONE = ["--exclude-resource-type", "unit_test", "--indirect-selection", "cautious", "--select"]
PUBLISHED = Path(__file__).with_name("published")
APRIL = date(2025, 4, 1)
OCTOBER = date(2025, 10, 1)
LAST = date(2025, 10, 20)
# Credits that one use of a meter costs.
RATES = {"762343": Decimal(1), "12345": Decimal(2), "78314": Decimal(3)}


def lot(name: str, credit: str, units: int, billed: str, **columns: object) -> dict[str, object]:
    return {
        "purchase_id": name,
        "credit_id": credit,
        "purchased_date": APRIL,
        "unit_count": Decimal(units),
        "list_price_usd_per_unit": Decimal(2),
        "billed_cost_usd": Decimal(billed),
        **columns,
    }


def use(day: date, quantity: int) -> dict[str, object]:
    """A line of a bill whose provider's uses cost a credit each."""
    return {
        "bill_line_id": f"lots {day}",
        "charge_period_start": moment(str(day)),
        "billing_period_start": moment(str(day.replace(day=1))),
        "service_provider_name": "Lots",
        "charge_category": "Usage",
        "sku_id": "s",
        "consumed_quantity": Decimal(quantity),
        "billing_currency": "USD",
        "billed_cost": Decimal(0),
    }


@pytest.fixture(scope="module")
def credited(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Company:
    """The example's bill through its reader, its prices and rates as ledgers, one build."""
    folder = tmp_path_factory.mktemp("credits")
    (folder / "inputs/focus").mkdir(parents=True)
    copy(PUBLISHED / "focus_virtual_currency.csv", folder / "inputs/focus")
    company = Company.found(folder / "data", project)
    report = land(folder / "inputs", company.data / "landing", {"focus": SOURCES["focus"]})
    assert (report.rows_landed, report.rows_rejected) == (13, 0)
    uses = [use(date(2025, 10, 2), 10), use(date(2025, 10, 3), 10), use(LAST, 30)]
    company.land("bill_lines", "focus", "focus/lots.csv", uses)
    company.keep(
        "credit_purchases",
        [
            lot("a", "A", 100_000, "200000"),
            lot("b2", "B2", 100_000, "100000"),
            lot("b3", "B3", 100_000, "100000"),
            lot("c", "C", 25_000, "50000", purchased_date=OCTOBER),
            lot("c overage", "C", 1_500, "3000", purchased_date=OCTOBER),
            # of 15 and 12 credits the second lot ends first, and lives when the first one does not
            lot("early", "lots", 15, "10", purchased_date=date(2025, 10, 3)),
            lot(
                "late",
                "lots",
                12,
                "7.01",
                purchased_date=date(2025, 10, 2),
                expires_date=date(2025, 10, 19),
            ),
        ],
    )
    since = {"valid_from": APRIL}
    by_sku = [
        {"credit_id": credit, "service_provider_name": f"ACMECORP {credit}", "sku_id": sku, **since}
        | {"credits_per_unit": rate}
        for credit in ("A", "B2")
        for sku, rate in RATES.items()
    ]
    # the workflow's rate is discounted, the lines of the bill say to what
    as_stated = {"credit_id": "B3", "service_provider_name": "ACMECORP B3", **since}
    each = {"credit_id": "lots", "service_provider_name": "Lots", "credits_per_unit": Decimal(1)}
    company.keep("credit_rates", [*by_sku, as_stated, each | since])
    company.dbt("build", *ALONE, "+fct_credit_balance_daily")
    return company


def day(company: Company, credit: str, on: date, *columns: str) -> tuple[Decimal, ...]:
    (row,) = company.query(
        f"select {', '.join(columns)} from fct_credit_balance_daily"  # noqa: S608
        " where credit_id = ? and usage_date = ?",
        credit,
        on,
    )
    return row


@pytest.mark.parametrize(
    ("credit", "billed", "used", "effective"),
    [
        # A1 and A2: 245 x 1 + 5 x 2 + 120 x 3 tokens of 2 USD
        ("A", 200_000, 615, 1_230),
        # B1 and B2: the tokens at half their price
        ("B2", 100_000, 615, 615),
        # B3: a workflow for 2 tokens instead of 3
        ("B3", 100_000, 495, 495),
    ],
)
def test_a_purchase_is_billed_and_its_use_is_effective(
    credited: Company, credit: str, billed: int, used: int, effective: int
) -> None:
    columns = ("billed_cost_usd", "used_credits", "effective_cost_usd", "closing_credits")
    found = day(credited, credit, APRIL, *columns)
    assert found == (billed, used, effective, 100_000 - used)
    assert day(credited, credit, APRIL, "reported_effective_cost_usd") == (effective,)


def test_each_meter_costs_its_credits(credited: Company) -> None:
    assert credited.query(
        "select sku_id, used_credits, effective_cost_usd from intermediate.int_credit_burn"
        " where credit_id = 'A' order by effective_cost_usd"
    ) == [("12345", 10, 20), ("762343", 245, 490), ("78314", 360, 720)]


def test_a_lot_and_its_overage_are_two_purchases_without_effective_cost(credited: Company) -> None:
    columns = ("purchased_credits", "billed_cost_usd", "effective_cost_usd", "prepaid_balance_usd")
    assert day(credited, "C", OCTOBER, *columns) == (26_500, 53_000, 0, 53_000)


def test_use_draws_on_the_lot_that_expires_first_while_it_lives(credited: Company) -> None:
    assert credited.query(
        "select day(usage_date), purchase_id, used_credits, effective_cost_usd"
        " from intermediate.int_credit_burn where credit_id = 'lots'"
        " order by usage_date, purchase_id nulls last"
    ) == [
        # 7.01 x 10 / 12, cut at the pico-dollar, and the rest of it
        (2, "late", 10, Decimal("5.841666666666")),
        (3, "early", 8, Decimal("5.333333333333")),
        (3, "late", 2, Decimal("1.168333333334")),
        (20, "early", 7, Decimal("4.666666666667")),
        (20, None, 23, None),
    ]


def test_credits_beyond_the_balance_are_overdrawn_and_have_no_cost(credited: Company) -> None:
    columns = ("opening_credits", "used_credits", "closing_credits", "overdrawn_credits")
    assert day(credited, "lots", LAST, *columns) == (7, 7, 0, 23)


def test_money_of_credits_is_effective_expired_or_still_prepaid(credited: Company) -> None:
    assert (
        credited.query(
            "select credit_id from fct_credit_balance_daily group by credit_id"
            " having sum(billed_cost_usd) != sum(effective_cost_usd + expired_cost_usd)"
            " + arg_max(prepaid_balance_usd, usage_date)"
        )
        == []
    )
