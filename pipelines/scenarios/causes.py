"""Why a scenario costs more than the baseline: the causes that explain the past explain it, too.

Where shocks meet, as twice the users with twice the context, none of them alone is the cause of
what they do together; the two-stage split shares it, without an order among them.
"""

from dataclasses import dataclass

import numpy as np

from pipelines.inflation.two_stage import Causes, Demand, split_change
from pipelines.scenarios.drivers import Drivers, Floats

NAMES = (
    "requests",
    "model mix",
    "model entry",
    "model exit",
    "tokens per request",
    "price",
)


@dataclass(frozen=True, kw_only=True)
class Cause:
    """What one cause adds to the mean total of all days."""

    name: str
    usd: float
    tokens: float


def causes_of(baseline: Drivers, scenario: Drivers) -> list[Cause]:
    """Split the change of cost and of tokens by cause; each sums to the difference of the means.

    Models are those of providers; which team asks is not told apart. Own GPUs cost the same in
    both, so that they have no part. A price that is not known adds nothing.
    """
    models = sorted({key[1:] for key in (*baseline.keys, *scenario.keys)})
    sides = [_amounts(drivers, models) for drivers in (baseline, scenario)]
    usd = _named(split_change(*(_demand(side, with_price=True) for side in sides)))
    tokens = _named(split_change(*(_demand(side, with_price=False) for side in sides)))
    return [Cause(name=name, usd=usd[name], tokens=tokens.get(name, 0.0)) for name in NAMES]


def _amounts(drivers: Drivers, models: list[tuple[str, str]]) -> Floats:
    """By model: requests, tokens in and out, cost of both; means over the futures."""
    asked = drivers.requests.mean(axis=1)
    tokens = asked * drivers.input_tokens, asked * drivers.output_tokens
    prices = np.nan_to_num(drivers.input_price_usd), np.nan_to_num(drivers.output_price_usd)
    costs = [amount * price for amount, price in zip(tokens, prices, strict=True)]
    amounts = np.zeros((len(models), 5))
    for row, series in enumerate(zip(asked, *tokens, *costs, strict=True)):
        amounts[models.index(drivers.keys[row][1:])] += [days.sum() for days in series]
    return amounts


def _demand(amounts: Floats, *, with_price: bool) -> Demand:
    requests, tokens, costs = amounts[:, 0], amounts[:, 1:3], amounts[:, 3:]
    factors = [_per(tokens, requests[:, None])]
    if with_price:
        factors.append(_per(costs, tokens))
    return Demand(activity=np.array([requests.sum()]), requests=requests, factors=np.stack(factors))


def _per(amounts: Floats, of: Floats) -> Floats:
    """A quotient; NaN where there is nothing to divide by."""
    divisors = np.broadcast_to(of, amounts.shape)
    quotients = np.full(amounts.shape, np.nan)
    np.divide(amounts, divisors, out=quotients, where=divisors > 0)
    return quotients


def _named(causes: Causes) -> dict[str, float]:
    parts = (causes.activity, causes.mix, causes.entry, causes.exit, *causes.factors)
    return {name: float(part.sum()) for name, part in zip(NAMES, parts, strict=False)}
