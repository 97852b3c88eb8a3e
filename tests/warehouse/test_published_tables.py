"""Published tables of total cost of ownership, out of the models that users run."""

import csv
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from shutil import copy

import pytest
from warehouse_factory import Company

from ingest.ledgers import land_ledgers

# Of the tests of a model only those whose other models are built as well.
ALONE = ["--exclude-resource-type", "unit_test", "--indirect-selection", "cautious", "--select"]
PUBLISHED = Path(__file__).with_name("published")
# They print what their own inputs do not give: see published/README.md.
ERRATUM = "Gemini 2.5 Pro"
CLOSE = Decimal("0.06")  # months


def table(name: str) -> list[dict[str, str]]:
    with (PUBLISHED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


LENOVO = table("lenovo_lp2368.csv")
PAN = table("pan_2025.csv")
APIS = [name for name in PAN[0] if name not in ("model", "capacity_million_tokens")]


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Company:
    """The published inputs as a user's ledger, through validation, landing and dbt."""
    folder = tmp_path_factory.mktemp("published")
    company = Company.found(folder / "data", project)
    (folder / "ledgers").mkdir()
    copy(PUBLISHED / "tco_options.csv", folder / "ledgers")
    land_ledgers(folder / "ledgers", company.data / "landing")
    company.dbt("build", *ALONE, "+fct_tco_comparisons")
    return company


def ours(company: Company, row: Mapping[str, str]) -> Decimal:
    if row["model"] == "fct_tco_comparisons":
        sql = (
            f"select {row['measure']} from fct_tco_comparisons where is_whole_life"  # noqa: S608
            " and comparison_id = ? and own_option_id = ? and other_option_id = ?"
        )
        names = ("comparison_id", "option_id", "other_option_id")
    else:
        sql = (
            f"select {row['measure']} from intermediate.int_tco_option_costs"  # noqa: S608
            " where comparison_id = ? and option_id = ?"
        )
        names = ("comparison_id", "option_id")
    return Decimal(str(company.value(sql, *(row[name] for name in names))))


@pytest.mark.parametrize(
    "row", LENOVO, ids=lambda row: f"{row['option_id']} {row['measure']} {row['published']}"
)
def test_lenovo_lp2368_is_reproduced_but_for_its_errata(
    compared: Company, row: dict[str, str]
) -> None:
    difference = abs(ours(compared, row) - Decimal(row["published"]))
    assert (difference <= Decimal(row["tolerance"])) is (row["status"] != "erratum")


def test_the_hour_that_lenovo_misprints_makes_its_price_per_million(compared: Company) -> None:
    hour, tokens = (row for row in LENOVO if row["status"] == "erratum")
    assert round(ours(compared, hour), 3) == Decimal("23.138")
    scale = Decimal(hour["published"]) / ours(compared, hour)
    assert round(ours(compared, tokens) * scale, 2) == Decimal(tokens["published"])


def months(company: Company, model: str, api: str) -> Decimal:
    return Decimal(
        str(
            company.value(
                "select break_even_months from fct_tco_comparisons where is_whole_life"
                " and comparison_id = 'pan' and own_option_id = ? and other_option_id = ?",
                model,
                api,
            )
        )
    )


def last_digit(printed: str) -> Decimal:
    """One unit of the last digit that is printed."""
    return Decimal(1).scaleb(int(Decimal(printed).as_tuple().exponent))


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("row", PAN, ids=lambda row: row["model"])
def test_pan_et_al_break_even_when_they_say_but_for_gemini(
    compared: Company, row: dict[str, str], api: str
) -> None:
    printed = row[api]
    difference = abs(months(compared, row["model"], api) - Decimal(printed))
    assert (difference <= last_digit(printed)) is (api != ERRATUM)
    assert (difference < CLOSE) is (api != ERRATUM)


@pytest.mark.parametrize("row", PAN, ids=lambda row: row["model"])
def test_geminis_months_are_those_of_an_output_price_of_11(
    compared: Company, row: dict[str, str]
) -> None:
    found = months(compared, row["model"], "Gemini at 11 out")
    assert abs(found - Decimal(row[ERRATUM])) < CLOSE


@pytest.mark.parametrize("row", PAN, ids=lambda row: row["model"])
def test_pan_et_al_capacities_are_those_of_176_hours(
    compared: Company, row: dict[str, str]
) -> None:
    tokens = compared.value(
        "select distinct tokens / horizon_months from fct_tco_comparisons where is_whole_life"
        " and comparison_id = 'pan' and own_option_id = ?",
        row["model"],
    )
    printed = row["capacity_million_tokens"]
    assert round(Decimal(str(tokens)) / 10**6, 1) == Decimal(printed)
