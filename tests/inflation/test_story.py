from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.inflation.drivers import Driver
from pipelines.inflation.story import CENT, TITLES, in_cents, tell

AMOUNTS = st.lists(
    st.decimals(-1000, 1000, places=6, allow_nan=False, allow_infinity=False), min_size=1
)


@given(AMOUNTS)
def test_cents_sum_to_the_total_and_stray_no_further_than_a_cent(amounts: list[Decimal]) -> None:
    total = sum(amounts, Decimal(0)).quantize(CENT)
    cents = in_cents(amounts, total)
    assert sum(cents, Decimal(0)) == total
    assert all(abs(c - a) <= CENT * 3 / 2 for c, a in zip(cents, amounts, strict=True))


def test_a_cause_is_told_by_kind_of_token_or_by_model() -> None:
    drivers = [
        Driver(driver="active_users", change_usd=Decimal("10.004"), change_tokens=5.0),
        Driver(
            driver="tokens_per_request",
            model_name="a",
            token_class="uncached_input",  # noqa: S106 - a kind of token
            change_usd=Decimal("3.004"),
        ),
        Driver(
            driver="tokens_per_request",
            model_name="b",
            token_class="uncached_input",  # noqa: S106
            change_usd=Decimal("1.003"),
        ),
        Driver(driver="model_entry", provider_name="p", model_name="b", change_usd=Decimal("7")),
        Driver(driver="residual", change_usd=Decimal("0.000000000001")),
    ]
    users, tokens, entry = tell(drivers, Decimal("21.01"))
    assert (users.text, users.parts) == ("active users", ())
    assert users.change_tokens == 5
    assert [(part.text, part.change_usd) for part in tokens.parts] == [
        ("context, read anew", Decimal("4.01"))
    ]
    assert entry.text == "choice of models"
    assert [part.text for part in entry.parts] == ["new models: p b"]
    assert sum(line.change_usd for line in (users, tokens, entry)) == Decimal("21.01")


def test_more_models_than_fit_are_summed_in_one_line() -> None:
    drivers = [
        Driver(driver="unit_price", provider_name="p", model_name=str(n), change_usd=Decimal(n))
        for n in range(1, 21)
    ]
    (line,) = tell(drivers, Decimal(210))
    assert len(line.parts) == 6
    assert line.parts[-1].text == "15 more"
    assert sum(part.change_usd for part in line.parts) == line.change_usd == 210


def test_mix_new_models_and_those_given_up_are_told_with_their_net() -> None:
    drivers = [
        Driver(driver="unit_price", provider_name="p", model_name="a", change_usd=Decimal(1)),
        Driver(driver="model_mix", provider_name="p", model_name="a", change_usd=Decimal(50)),
        Driver(driver="model_entry", provider_name="p", model_name="b", change_usd=Decimal(-60)),
        Driver(driver="model_exit", provider_name="p", model_name="c", change_usd=Decimal(4)),
        Driver(driver="reserved_idle", change_usd=Decimal(5)),
    ]
    prices, models, idle = tell(drivers, Decimal(0))
    assert (prices.text, idle.text) == ("cloud prices", "idle reservations")
    assert models.change_usd == -6
    assert [(part.text, part.change_usd) for part in models.parts] == [
        ("mix of models", 50),
        ("new models: p b", -60),
        ("models given up: p c", 4),
    ]


def test_nothing_changed_tells_nothing() -> None:
    assert tell([Driver(driver="residual")], Decimal("0.00")) == []


@pytest.mark.parametrize("driver", TITLES)
def test_every_cause_has_words_that_are_not_its_name(driver: str) -> None:
    assert "_" not in TITLES[driver]
