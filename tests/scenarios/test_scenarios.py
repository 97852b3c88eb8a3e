"""Shocks and quotas on futures that can be computed by hand."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.errors import MeterhouseError
from pipelines.forecasting.quotas import Quota
from pipelines.scenarios import Drivers, Limit, apply, outlook_of, read_scenario
from pipelines.scenarios.limits import changed_limits
from pipelines.scenarios.shocks import (
    Adoption,
    Change,
    NewTeam,
    PoolLoss,
    QuotaChange,
    Shock,
)

ORIGIN = date(2026, 6, 21)
DAYS, PATHS = 40, 200
KEYS = (("red", "openai", "gpt-x"), ("red", "self_hosted", "qwen"), ("blue", "openai", "gpt-x"))


def drivers(requests: Any = 10.0) -> Drivers:
    """Ten requests a day of each series: 30 tokens in at $2, 10 out at $10 a million."""
    own = np.array([[0.0], [1.0], [0.0]]).repeat(DAYS, axis=1)
    cloud = 1 - own
    return Drivers(
        keys=KEYS,
        origin=ORIGIN,
        requests=np.broadcast_to(np.asarray(requests, dtype=float), (3, PATHS, DAYS)).copy(),
        input_tokens=np.full((3, DAYS), 30.0),
        output_tokens=np.full((3, DAYS), 10.0),
        input_price_usd=2e-6 * cloud,
        output_price_usd=1e-5 * cloud,
        gpu_hours=0.001 * own,
        fixed_cost_usd=5.0 * own,
    )


def limit(value: float, measure: str = "tokens", used: float = 0.0, **changes: Any) -> Limit:
    """Team blue's quota of June, as it stands on the evening before ORIGIN."""
    shares = changes.pop("pool_share", {})
    names = {
        "quota_id": "q",
        "scope_kind": "team",
        "scope_id": "blue",
        "only_provider_name": None,
        "only_model_name": None,
        "measure": measure,
        "period_kind": "month",
    }
    quota = Quota(
        names=names | changes,
        is_rate=False,
        start=date(2026, 6, 1),
        end=date(2026, 7, 1),
        last_day=ORIGIN - timedelta(days=1),
        used=used,
        limit=value,
        base_limit=value,
        past=np.zeros(20),
    )
    return Limit(quota=quota, pool_share=shares)


def total(futures: Drivers, measure: str) -> float:
    return float(futures.amount(measure, np.ones(len(futures.keys))).sum(axis=1).mean())


def test_constant_use_uses_it_up_on_the_very_day() -> None:
    # 400 tokens a day on top of 600: nothing is left of 1,000 after the first
    found = outlook_of(limit(1000, used=600), drivers())
    assert found.median_date == ORIGIN
    assert outlook_of(limit(1001, used=600), drivers()).exceeded_by_day[:2].tolist() == [0, 1]
    # ten days are left of June: 4,600 in all
    assert (found.expected_overrun_value, found.needed_value) == (3600, 4600)
    assert found.running_ratio == 1


def test_the_count_begins_anew_with_each_period() -> None:
    # ten days of June on top of 500 stay below, July's thirteenth day does not
    found = outlook_of(limit(5000, used=500), drivers())
    assert found.running_ratio == 0
    assert found.median_date == date(2026, 7, 13)
    assert outlook_of(limit(20_000), drivers()).median_date is None
    contract = limit(5000, period_kind="contract", used=500)
    assert outlook_of(contract, drivers()).running_ratio == 0


def test_first_passage_of_random_days_is_that_of_their_law() -> None:
    # Sums of normal days: P(sum of 10 days > limit) is known.
    generator = np.random.default_rng(1)
    requests = generator.normal(10, 3, (3, PATHS * 50, DAYS))
    many = drivers()
    futures = Drivers(**{**many.__dict__, "requests": requests})
    found = outlook_of(limit(40 * (100 + 3 * np.sqrt(10))), futures)
    assert found.running_ratio == pytest.approx(0.1587, abs=0.01)


def test_twice_the_context_is_twice_the_input() -> None:
    changed = apply(drivers(), [Change(driver="input_tokens", multiplier=2, team="blue")])
    assert total(changed, "input_tokens") - total(drivers(), "input_tokens") == 30 * 10 * DAYS
    assert total(changed, "output_tokens") == total(drivers(), "output_tokens")


def test_a_ramp_rises_day_by_day_from_its_start() -> None:
    starts = ORIGIN + timedelta(days=10)
    shock = Change(driver="requests", multiplier=16, starts=starts, ramp_days=4)
    found = apply(drivers(), [shock]).requests[0, 0, 8:16]
    assert found.tolist() == pytest.approx([10, 10, 20, 40, 80, 160, 160, 160])


def test_own_gpus_cost_the_same_however_much_they_serve() -> None:
    shock = Change(driver="requests", multiplier=3, provider="self_hosted")
    assert total(apply(drivers(), [shock]), "usd") == pytest.approx(total(drivers(), "usd"))
    assert total(apply(drivers(), [shock]), "gpu_hours") == pytest.approx(
        3 * total(drivers(), "gpu_hours")
    )


def test_quantization_takes_fewer_gpu_hours_for_the_same_tokens() -> None:
    shock = Change(driver="gpu_hours", multiplier=0.6, model="qwen")
    changed = apply(drivers(), [shock])
    assert total(changed, "gpu_hours") == pytest.approx(0.6 * total(drivers(), "gpu_hours"))
    assert total(changed, "tokens") == total(drivers(), "tokens")


def test_a_price_cut_is_eaten_by_what_it_invites() -> None:
    cut = Change(driver="price", multiplier=0.5, provider="openai", elasticity=1.0)
    changed = apply(drivers(), [cut])
    spent = changed.amount("usd", np.array([1.0, 0.0, 1.0])).sum(axis=1)
    before = drivers().amount("usd", np.array([1.0, 0.0, 1.0])).sum(axis=1)
    assert np.median(spent / before) == pytest.approx(1, abs=0.05)
    assert np.std(spent / before) > 0.1
    plain = apply(drivers(), [Change(driver="price", multiplier=0.5, provider="openai")])
    assert plain.amount("usd", np.array([1.0, 0, 1.0])).sum() == pytest.approx(before.sum() / 2)


def test_an_adopted_model_takes_requests_and_brings_new_ones() -> None:
    shock = Adoption(
        model="gpt-x",
        new_model="gpt-z",
        new_provider="openai",
        share_ratio=0.5,
        expansion_ratio=0.2,
        output_multiplier=3,
        input_usd_per_million=4.0,
        output_usd_per_million=None,
    )
    changed = apply(drivers(), [shock])
    new = changed.mask(model="gpt-z")
    assert new.sum() == 2
    assert changed.requests[new].mean() == pytest.approx(5)
    assert changed.requests[changed.mask(model="gpt-x")].mean() == pytest.approx(6)
    assert changed.output_tokens[new].mean() == 30
    assert np.isnan(changed.output_price_usd[new]).all()  # unknown, not free
    assert changed.requests[changed.mask(model="qwen")].mean() == 10


def test_adoption_is_slow_then_steep_then_done() -> None:
    shock = Adoption(
        team="blue",
        new_model="m",
        new_provider="p",
        share_ratio=1.0,
        ramp_days=20,
        starts=ORIGIN + timedelta(days=10),
    )
    share = apply(drivers(), [shock]).requests[-1, 0] / 10
    assert share[:10].max() == 0
    assert share[10] < 0.01
    assert share[20] == pytest.approx(0.5)
    assert share[31] > 0.99


def test_a_new_team_works_like_the_old_one() -> None:
    changed = apply(drivers(), [NewTeam(new_team="green", like_team="red", multiplier=2)])
    green = changed.mask(team="green").astype(float)
    assert changed.amount("tokens", green).mean() == 2 * 2 * 10 * 40
    assert changed.amount("usd", green).mean() == pytest.approx(2 * 10 * (30 * 2e-6 + 1e-4))


def test_a_raised_quota_and_a_lost_pool_move_their_limits_only() -> None:
    pool = limit(
        100,
        "gpu_hours",
        quota_id="p",
        scope_kind="gpu_pool",
        scope_id="H100",
        pool_share={"qwen": 0.5},
    )
    limits = [limit(1000), pool]
    shocks: list[Shock] = [
        QuotaChange(quota_id="q", limit_value=3000),
        PoolLoss(gpu_pool="H100", lost_ratio=0.25),
    ]
    raised, shrunk = changed_limits(limits, shocks)
    assert (raised.limit_value, shrunk.limit_value) == (3000, 75)
    # half of the 0.4 GPU hours a day of qwen run in the pool
    assert outlook_of(shrunk, drivers()).needed_value == pytest.approx(0.4 / 2 * 10)
    assert apply(drivers(), shocks).requests.sum() == drivers().requests.sum()


def test_the_same_scenario_gives_the_same_futures_and_leaves_the_baseline_alone() -> None:
    shocks: list[Shock] = [Change(driver="requests", multiplier=2, uncertainty_ratio=0.3)]
    base = drivers()
    first, second = apply(base, shocks), apply(base, shocks)
    assert first.requests.tobytes() == second.requests.tobytes()
    assert base.requests.tobytes() == drivers().requests.tobytes()
    assert np.median(first.requests) == pytest.approx(20, rel=0.05)
    # a certain shock before it changes none of its draws
    certain: list[Shock] = [Change(driver="output_tokens", multiplier=1.0)]
    assert not np.array_equal(apply(base, certain + shocks).requests, base.requests)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('name = "x"\n[[shock]]\nkind = "chang"\n', "chang"),
        ('name = "x"\n[[shock]]\nkind = "change"\ndriver = "users"\nmultiplier = 2\n', "driver"),
        ('name = "x"\n[[shock]]\nkind = "change"\ndriver = "price"\n', "multiplier"),
        ('name = "x"\n[[shock]]\nkind = "quota"\nquota_id = "q"\nlimit = 3\n', "limit"),
        ("[[shock]]\n", "kind"),
        ("name = ", "a.toml"),
    ],
)
def test_a_wrong_scenario_is_told_by_file_and_key(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(MeterhouseError, match=r"a\.toml") as raised:
        read_scenario(tmp_path / "a.toml")
    assert told in str(raised.value)


def test_a_shock_on_nobody_is_told() -> None:
    with pytest.raises(MeterhouseError, match=r"team green.*lately"):
        apply(drivers(), [Change(driver="requests", multiplier=2, team="green")])


def test_a_table_says_the_same_as_toml(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        'name = "b"\n[[shock]]\nkind = "change"\ndriver = "price"\nmultiplier = 0.5\n'
        "starts = 2026-12-01\nramp_days = 7\n"
        '[[shock]]\nkind = "quota"\nquota_id = "q"\nlimit_value = 3000\n'
    )
    (tmp_path / "b.csv").write_text(
        "kind,driver,multiplier,starts,ramp_days,quota_id,limit_value\n"
        "change,price,0.5,2026-12-01,7,,\nquota,,,,,q,3000\n"
    )
    assert read_scenario(tmp_path / "b.csv") == read_scenario(tmp_path / "a.toml")
    (tmp_path / "c.csv").write_text("kind,driver,multiplier\nchange,users,2\n")
    with pytest.raises(MeterhouseError, match=r"c\.csv.*driver"):
        read_scenario(tmp_path / "c.csv")
