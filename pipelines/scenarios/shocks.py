"""Shocks of a scenario: what each changes, from when, how fast, and how sure that is."""

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from ingest.errors import MeterhouseError
from pipelines.scenarios.drivers import Drivers, Floats, Mask

# Common random numbers: scenario and baseline meet the same futures, so that their difference is
# the shocks' and not chance.
SEED = 11
# Short-run price elasticity of AI demand and how sure it is: forecasting practice takes 1.1 +- 0.3.
ELASTICITY_SD = 0.3
# What a Change may multiply.
DriverName = Literal["requests", "input_tokens", "output_tokens", "price", "gpu_hours"]
REMEDY = "see docs/scenarios.md for the kinds of shocks and their keys"


class _Scoped(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What every shock states: whose demand, and from when."""

    team: str = ""
    provider: str = ""
    model: str = ""
    starts: date | None = None
    ramp_days: int = 0

    def rows(self, drivers: Drivers) -> Mask:
        return drivers.mask(team=self.team, provider=self.provider, model=self.model)

    def progress(self, drivers: Drivers) -> Floats:
        """From 0 before the shock to 1 when it is complete, by day."""
        start = 0 if self.starts is None else (self.starts - drivers.origin).days
        days = np.arange(drivers.requests.shape[2])
        return np.clip((days - start + 1) / max(self.ramp_days, 1), 0.0, 1.0)


class Change(_Scoped, tag="change"):
    """One driver times a number: users, context, output, price, GPU time."""

    driver: DriverName
    multiplier: float
    uncertainty_ratio: float = 0.0  # standard deviation of the log of the multiplier
    elasticity: float = 0.0  # of price: requests change by the price's factor to its negative power


class Adoption(_Scoped, tag="adoption"):
    """A model takes a share of requests, along a logistic curve, and brings new ones."""

    new_model: str
    new_provider: str
    share_ratio: float
    expansion_ratio: float = 0.0  # part of its requests that would not have been made without it
    input_multiplier: float = 1.0
    output_multiplier: float = 1.0
    input_usd_per_million: float | None = None
    output_usd_per_million: float | None = None


class NewTeam(_Scoped, tag="new_team"):
    """A team that works like another one."""

    new_team: str
    like_team: str
    multiplier: float = 1.0


class QuotaChange(
    msgspec.Struct, kw_only=True, forbid_unknown_fields=True, tag="quota", tag_field="kind"
):
    """Another limit of a quota."""

    quota_id: str
    limit_value: float


class PoolLoss(
    msgspec.Struct, kw_only=True, forbid_unknown_fields=True, tag="pool_loss", tag_field="kind"
):
    """Part of a pool of GPUs is gone: its quotas shrink."""

    gpu_pool: str
    lost_ratio: float


Shock = Change | Adoption | NewTeam | QuotaChange | PoolLoss


class Scenario(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A named list of shocks, applied in their order."""

    name: str
    shock: list[Shock] = []


def read_scenario(file: Path) -> Scenario:
    """Read a scenario.

    Args:
        file: TOML: `name`, and a `[[shock]]` table with a `kind` for each shock. Or CSV, whose name
            is the scenario's: a row for each shock, its keys as columns, empty where it has none.

    Raises:
        MeterhouseError: The file cannot be read; the message names the key.
    """
    try:
        if file.suffix == ".csv":
            return _from_table(file)
        return msgspec.toml.decode(file.read_bytes(), type=Scenario)
    except OSError as error:
        raise MeterhouseError(f"{file}: {error.strerror}", REMEDY) from error
    except (msgspec.MsgspecError, ValueError) as error:
        raise MeterhouseError(f"{file}: {error}", REMEDY) from error


def _from_table(file: Path) -> Scenario:
    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = [
            {str(key): value for key, value in row.items() if value} for row in csv.DictReader(text)
        ]
    return msgspec.convert({"name": file.stem, "shock": rows}, Scenario, strict=False)


def apply(drivers: Drivers, shocks: list[Shock]) -> Drivers:
    """The futures under shocks; those on quotas change none of them.

    Args:
        drivers: The baseline, which stays as it is.
        shocks: In the order in which they act.

    Raises:
        MeterhouseError: A shock concerns no series.
    """
    generator = np.random.default_rng(SEED)
    for shock in shocks:
        if isinstance(shock, Change):
            drivers = _changed(drivers, shock, generator)
        elif isinstance(shock, Adoption):
            drivers = _adopted(drivers, shock)
        elif isinstance(shock, NewTeam):
            drivers = _joined(drivers, shock)
    return drivers


def _changed(drivers: Drivers, shock: Change, generator: np.random.Generator) -> Drivers:
    rows = _some(drivers, shock, shock.rows(drivers))
    paths = drivers.requests.shape[1]
    # Drawn for every shock, certain or not: one shock's draws must not depend on another's.
    noise, sureness = generator.standard_normal((2, paths))
    progress = shock.progress(drivers)
    if shock.driver == "price":
        factor = _power(shock.multiplier, progress)
        for name in ("input_price_usd", "output_price_usd"):
            drivers = drivers.scaled(name, rows, factor)
        if shock.elasticity == 0:
            return drivers
        elasticity = shock.elasticity + ELASTICITY_SD * sureness
        rebound: Floats = np.power(factor[None, :], -elasticity[:, None])
        return drivers.scaled("requests", rows, rebound)
    if shock.uncertainty_ratio == 0:
        return drivers.scaled(shock.driver, rows, _power(shock.multiplier, progress))
    if shock.driver != "requests":
        raise MeterhouseError(
            f"uncertainty_ratio: only of the driver requests, not of {shock.driver}", REMEDY
        )
    power = np.log(shock.multiplier) + shock.uncertainty_ratio * noise
    return drivers.scaled("requests", rows, np.exp(power[:, None] * progress[None, :]))


def _power(multiplier: float, progress: Floats) -> Floats:
    """The multiplier as far as it has come, day by day."""
    return np.asarray(multiplier**progress, dtype=np.float64)


def _adopted(drivers: Drivers, shock: Adoption) -> Drivers:
    taken_from = drivers.mask(team=shock.team, provider=shock.provider, model=shock.model)
    is_new = drivers.mask(provider=shock.new_provider, model=shock.new_model)
    rows = _some(drivers, shock, taken_from & ~is_new)
    share = shock.share_ratio * _logistic(shock, drivers)
    keys = [
        (team, shock.new_provider, shock.new_model)
        for (team, _, _), is_taken in zip(drivers.keys, rows, strict=True)
        if is_taken
    ]
    new = drivers.only(rows, keys)
    everything = np.ones(len(keys), dtype=np.bool_)
    new = new.scaled("requests", everything, share)
    new = new.scaled("input_tokens", everything, np.full(share.size, shock.input_multiplier))
    new = new.scaled("output_tokens", everything, np.full(share.size, shock.output_multiplier))
    known = (shock.input_usd_per_million, shock.output_usd_per_million)
    prices = [np.nan if price is None else price / 1e6 for price in known]
    new = replace(
        new,
        input_price_usd=np.full_like(new.input_price_usd, prices[0]),
        output_price_usd=np.full_like(new.output_price_usd, prices[1]),
        gpu_hours=np.zeros_like(new.gpu_hours),
        fixed_cost_usd=np.zeros_like(new.fixed_cost_usd),
    )
    left = drivers.scaled("requests", rows, 1 - share * (1 - shock.expansion_ratio))
    return left.with_series(new)


def _logistic(shock: Adoption, drivers: Drivers) -> Floats:
    """Adoption is steep, then flat: half of it when half of the ramp is over."""
    start = 0 if shock.starts is None else (shock.starts - drivers.origin).days
    days = np.arange(drivers.requests.shape[2]) - start
    if shock.ramp_days == 0:
        return (days >= 0).astype(np.float64)
    # 10 / ramp lets the curve run from 0.7 % to 99.3 % of its end within the ramp.
    curve = 1 / (1 + np.exp(-(days - shock.ramp_days / 2) * 10 / shock.ramp_days))
    return np.where(days >= 0, curve, 0.0)


def _joined(drivers: Drivers, shock: NewTeam) -> Drivers:
    rows = _some(drivers, shock, drivers.mask(team=shock.like_team))
    keys = [
        (shock.new_team, provider, model)
        for (_, provider, model), is_like in zip(drivers.keys, rows, strict=True)
        if is_like
    ]
    new = drivers.only(rows, keys)
    everything = np.ones(len(keys), dtype=np.bool_)
    new = new.scaled("requests", everything, shock.multiplier * shock.progress(drivers))
    return drivers.with_series(replace(new, fixed_cost_usd=np.zeros_like(new.fixed_cost_usd)))


def _some(drivers: Drivers, shock: _Scoped, rows: Mask) -> Mask:
    if not rows.any():
        teams = ", ".join(sorted({team for team, _, _ in drivers.keys if team}))
        stated = ", ".join(
            f"{name} {value}"
            for name in ("team", "provider", "model", "like_team")
            if (value := getattr(shock, name, ""))
        )
        raise MeterhouseError(
            f"a shock on {stated or 'everything'}: nothing has been used there lately",
            f"teams in use are {teams}; models are in `meterhouse prices` and the dashboard",
        )
    return rows
