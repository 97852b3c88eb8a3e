from decimal import Decimal

import pytest

from pipelines.dashboard import text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "not priced"),
        (Decimal("0"), "$0.00"),
        (Decimal("1234567.895000000000"), "$1,234,567.90"),
        (Decimal("90071992547409931234.560000000000"), "$90,071,992,547,409,931,234.56"),
        (Decimal("0.000075000000"), "$0.000075"),
        (Decimal("-12.5"), "\N{MINUS SIGN}$12.50"),
    ],
)
def test_money_is_neither_rounded_away_nor_made_up(value: Decimal | None, shown: str) -> None:
    assert text.money(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "not priced"), (0.1 + 0.2, "$0.300"), (0.00123456, "$0.00123"), (1234.5, "$1,234.50")],
)
def test_a_unit_price_keeps_three_digits(value: float | None, shown: str) -> None:
    assert text.rate(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(999_999, "999,999"), (8_950_209_345, "8.95 billion"), (1_500_000, "1.50 million")],
)
def test_large_counts_keep_their_size(value: int, shown: str) -> None:
    assert text.short_count(value) == shown


def test_a_change_from_nothing_is_not_infinite() -> None:
    assert text.change(Decimal(5), Decimal(0), "before") == "nothing before to compare"
    assert text.change(None, Decimal(1), "before") == "nothing before to compare"


def test_a_change_says_its_direction() -> None:
    assert text.change(Decimal("110"), Decimal("100"), "before").startswith("+10.0%")
    assert text.change(Decimal("90"), Decimal("100"), "before").startswith("\N{MINUS SIGN}10.0%")


def test_a_change_in_money_or_percent_has_a_sign_unless_it_is_none() -> None:
    assert text.signed_money(Decimal("12.5")) == "+$12.50"
    assert text.signed_money(Decimal("-12.5")) == "\N{MINUS SIGN}$12.50"
    assert text.signed_money(Decimal(0)) == "$0.00"
    assert text.signed_percent(-0.4) == "\N{MINUS SIGN}40.0%"
    assert text.signed_percent(0.1) == "+10.0%"
    assert text.signed_percent(None) == "not reported"


def test_a_chance_that_nobody_foretold_says_so() -> None:
    assert text.chance(None) == "no forecast"
    assert text.chance(0.934) == "93.4%"


def test_one_row_is_not_rows() -> None:
    assert [text.rows(count) for count in (0, 1, 2000)] == ["0 rows", "1 row", "2,000 rows"]
