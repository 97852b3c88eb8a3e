import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from published_examples import (
    LMDI_ADDITIVE,
    LMDI_MULTIPLICATIVE,
    LMDI_YEARS,
    SHAPLEY_ADDITIVE,
)

from pipelines.inflation.lmdi import additive_lmdi, multiplicative_lmdi
from pipelines.inflation.logarithmic_mean import Floats, log_mean, log_ratio
from pipelines.inflation.two_stage import Causes, Demand, split_change

AMOUNTS = st.one_of(st.just(0.0), st.floats(1e-6, 1e6))
FACTORS = st.tuples(st.integers(1, 4), st.integers(1, 5)).flatmap(
    lambda shape: arrays(float, (2, *shape), elements=AMOUNTS)
)


def shapley(before: Floats, after: Floats) -> Floats:
    """Mean over all orders of changing one factor after the other, summed over items."""
    count = len(before)
    parts = np.zeros(count)
    for order in permutations(range(count)):
        now = before.copy()
        for factor in order:
            value = now.prod(axis=0).sum()
            now[factor] = after[factor]
            parts[factor] += now.prod(axis=0).sum() - value
    return parts / math.factorial(count)


def worked_case() -> tuple[Demand, Demand]:
    """Users 100 to 130, requests 2,000 to 3,900; A stays, B leaves, C comes; input and output."""
    million, nan = 1e-6, math.nan
    before = Demand(
        activity=np.array((100.0, 20.0)),
        requests=np.array((1500.0, 500.0, 0.0)),
        factors=np.array(
            (
                ((1000.0, 300.0), (800.0, 200.0), (nan, nan)),
                ((3 * million, 15 * million), (0.5 * million, 1.5 * million), (nan, nan)),
            )
        ),
    )
    after = Demand(
        activity=np.array((130.0, 30.0)),
        requests=np.array((2340.0, 0.0, 1560.0)),
        factors=np.array(
            (
                ((2000.0, 360.0), (nan, nan), (3000.0, 1200.0)),
                ((2.4 * million, 12 * million), (nan, nan), (5 * million, 25 * million)),
            )
        ),
    )
    return before, after


def test_the_worked_case_has_the_parts_that_the_method_gives() -> None:
    before, after = worked_case()
    assert before.total == pytest.approx(11.60)
    assert after.total == pytest.approx(91.5408)
    causes = split_change(before, after)
    assert causes.activity == pytest.approx([10.152878, 15.690543], abs=1e-6)
    tokens, prices = causes.factors
    assert tokens[0] == pytest.approx([5.485182, 1.661157], abs=1e-6)
    assert prices[0] == pytest.approx([-1.765834, -2.033091], abs=1e-6)
    assert causes.factors[:, 1:].any() == np.False_
    assert causes.mix == pytest.approx([2.9048, 0, 0], abs=5.1e-5)
    assert causes.exit == pytest.approx([0, 10.6652, 0], abs=5.1e-5)
    assert causes.entry == pytest.approx([0, 0, 37.18], abs=5.1e-5)
    assert causes.total == pytest.approx(79.9408, rel=1e-12)


def flat_worked_case() -> tuple[Floats, Floats]:
    """Users, requests per user, share, tokens per request and price, by model and class."""
    rows = []
    for demand in worked_case():
        shares = np.repeat(demand.shares, 2)
        activity = np.repeat(demand.activity[:, None], 6, axis=1)
        rows.append(np.vstack((activity, shares, demand.factors.reshape(2, 6))))
    return rows[0], rows[1]


def test_one_flat_split_hides_the_users_behind_a_new_model() -> None:
    parts = additive_lmdi(*flat_worked_case())
    assert parts.sum(axis=1) == pytest.approx(
        [4.112964, 6.356290, 66.351881, 6.617784, -3.498119], abs=1e-6
    )
    by_model = parts[2].reshape(3, 2).sum(axis=1)
    assert by_model == pytest.approx([-3.499, -0.35, 70.2], abs=1e-3)


def test_shapley_says_of_the_worked_case_what_it_said_before() -> None:
    before, after = flat_worked_case()
    before, after = (
        np.where(np.isnan(before), after, before),
        np.where(np.isnan(after), before, after),
    )
    assert shapley(before, after) == pytest.approx(
        [11.514695, 17.420395, 47.982820, 6.732570, -3.709680], abs=1e-6
    )


@pytest.mark.parametrize("year", LMDI_ADDITIVE)
def test_lmdi_is_that_of_the_public_example(year: int) -> None:
    before, after = LMDI_YEARS[year - 1], LMDI_YEARS[year]
    assert additive_lmdi(before, after).sum(axis=1) == pytest.approx(
        LMDI_ADDITIVE[year], rel=5.1e-9
    )
    assert multiplicative_lmdi(before, after) == pytest.approx(LMDI_MULTIPLICATIVE[year], rel=1e-8)
    assert shapley(before, after) == pytest.approx(SHAPLEY_ADDITIVE[year], abs=1e-6)


@given(FACTORS)
def test_parts_sum_to_the_change_of_every_item(tables: Floats) -> None:
    before, after = tables
    change = after.prod(axis=0) - before.prod(axis=0)
    scale = np.maximum(after.prod(axis=0), before.prod(axis=0))
    assert (np.abs(additive_lmdi(before, after).sum(axis=0) - change) <= 1e-9 * scale).all()


@given(FACTORS)
def test_parts_of_the_way_back_are_those_of_the_way_there_negated(tables: Floats) -> None:
    before, after = tables
    there, back = additive_lmdi(before, after), additive_lmdi(after, before)
    scale = np.maximum(np.abs(there).max(axis=0), 1e-300)
    assert (np.abs(there + back) <= 1e-9 * scale).all()


@given(FACTORS, st.randoms(use_true_random=False))
def test_parts_do_not_depend_on_the_order_of_the_factors(tables: Floats, random: object) -> None:
    before, after = tables
    order = list(range(len(before)))
    random.shuffle(order)  # type: ignore[attr-defined]
    expected = additive_lmdi(before, after)[order]
    found = additive_lmdi(before[order], after[order])
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(FACTORS, st.floats(1e-3, 1e3))
def test_parts_scale_with_the_unit(tables: Floats, unit: float) -> None:
    before, after = tables
    scaling = np.ones((len(before), 1))
    scaling[0] = unit
    expected = unit * additive_lmdi(before, after)
    found = additive_lmdi(before * scaling, after * scaling)
    tolerance = 1e-9 * np.maximum(np.abs(expected).max(axis=0), 1e-300)
    assert (np.abs(found - expected) <= tolerance).all()


def test_a_tiny_number_in_place_of_zero_would_give_other_parts() -> None:
    """Wood & Lenzen (2006): 1e-10 or 1e-20 for 0 moves the parts, the limit does not."""
    before, after = np.array(((0.0,), (5.0,), (2.0,))), np.array(((3.0,), (7.0,), (4.0,)))
    exact = additive_lmdi(before, after)
    assert exact[:, 0].tolist() == [84.0, 0.0, 0.0]
    replaced = additive_lmdi(np.where(before == 0, 1e-10, before), after)
    assert abs(replaced[0, 0] - exact[0, 0]) > 1


def test_zero_on_both_sides_is_no_change() -> None:
    zeros = np.zeros((3, 2))
    assert not additive_lmdi(zeros, zeros).any()
    assert not additive_lmdi(zeros, np.array(((0.0, 1.0), (2.0, 0.0), (3.0, 4.0)))).any()


@given(st.floats(1e-300, 1e300), st.floats(1e-300, 1e300))
def test_the_logarithmic_mean_lies_between_both(a: float, b: float) -> None:
    mean = float(log_mean(a, b))
    assert min(a, b) * (1 - 1e-9) <= mean <= max(a, b) * (1 + 1e-9)
    assert mean == pytest.approx(float(log_mean(b, a)), rel=1e-12)


def test_the_logarithmic_mean_keeps_its_digits_where_both_are_almost_equal() -> None:
    near = 1 + 2**-50
    assert float(log_mean(near, 1.0)) == pytest.approx(1 + 2**-51, rel=1e-15)
    assert float(log_ratio(near, 1.0)) == pytest.approx(2**-50, rel=1e-12)
    assert float(log_mean(3.0, 3.0)) == 3.0
    assert float(log_mean(3.0, 0.0)) == float(log_mean(0.0, 0.0)) == 0.0


@st.composite
def demands(draw: st.DrawFn) -> tuple[Demand, Demand]:
    """Two periods with models that come and go, classes nobody used, and free tokens."""
    models, classes, factors = (draw(st.integers(low, 3)) for low in (1, 1, 2))

    def one() -> Demand:
        requests = draw(arrays(float, models, elements=st.sampled_from((0.0, 1.0, 7.0, 1e4))))
        users = draw(st.sampled_from((1.0, 3.0, 250.0))) if requests.any() else 0.0
        activity = np.array((users, requests.sum() / users if users else math.nan))
        values = draw(arrays(float, (factors, models, classes), elements=AMOUNTS))
        values[:, requests == 0] = math.nan
        values[1:] = np.where(values[0] == 0, math.nan, values[1:])
        return Demand(activity=activity, requests=requests, factors=values)

    return one(), one()


def parts(causes: Causes) -> Floats:
    return np.concatenate(
        [
            causes.activity,
            causes.factors.ravel(),
            causes.mix,
            causes.entry + causes.exit,
        ]
    )


@given(demands())
def test_causes_sum_to_the_change_of_the_total(both: tuple[Demand, Demand]) -> None:
    before, after = both
    scale = max(before.total, after.total)
    assert abs(split_change(before, after).total - (after.total - before.total)) <= 1e-9 * scale


@given(demands())
def test_causes_of_the_way_back_are_negated(both: tuple[Demand, Demand]) -> None:
    before, after = both
    there, back = parts(split_change(before, after)), parts(split_change(after, before))
    assert (np.abs(there + back) <= 1e-9 * max(np.abs(there).max(), 1e-300)).all()


@given(demands())
def test_nothing_changes_between_a_period_and_itself(both: tuple[Demand, Demand]) -> None:
    causes = split_change(both[0], both[0])
    assert np.abs(parts(causes)).max() == 0


def test_the_first_use_of_a_scope_is_its_users() -> None:
    empty = Demand(
        activity=np.array((0.0, math.nan)),
        requests=np.zeros(1),
        factors=np.full((2, 1, 1), math.nan),
    )
    used = Demand(
        activity=np.array((2.0, 5.0)),
        requests=np.array((10.0,)),
        factors=np.array((((100.0,),), ((0.01,),))),
    )
    assert split_change(empty, used).activity.tolist() == [10.0, 0.0]
    assert split_change(used, empty).activity.tolist() == [-10.0, 0.0]
    assert parts(split_change(empty, empty)).any() == np.False_


def test_a_single_model_has_neither_mix_nor_entry() -> None:
    before = Demand(
        activity=np.array((1.0, 10.0)),
        requests=np.array((10.0,)),
        factors=np.array((((100.0,),), ((0.01,),))),
    )
    after = Demand(
        activity=np.array((1.0, 10.0)),
        requests=np.array((10.0,)),
        factors=np.array((((400.0,),), ((0.01,),))),
    )
    causes = split_change(before, after)
    assert causes.factors.ravel() == pytest.approx([30.0, 0.0])
    assert np.abs(np.concatenate((causes.mix, causes.entry, causes.exit))).max() == 0


def test_free_tokens_that_get_a_price_are_a_price_change() -> None:
    before = Demand(
        activity=np.array((1.0, 10.0)),
        requests=np.array((10.0,)),
        factors=np.array((((100.0,),), ((0.0,),))),
    )
    after = Demand(
        activity=np.array((2.0, 10.0)),
        requests=np.array((20.0,)),
        factors=np.array((((100.0,),), ((0.01,),))),
    )
    causes = split_change(before, after)
    assert causes.factors.ravel() == pytest.approx([0.0, 20.0])
