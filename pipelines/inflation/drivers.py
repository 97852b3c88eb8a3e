"""The change of a scope's cost and tokens from one period to another, by cause."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np

from pipelines.inflation.facts import COSTS, TOKEN_CLASSES, TOKENS
from pipelines.inflation.logarithmic_mean import Floats
from pipelines.inflation.periods import Period
from pipelines.inflation.two_stage import Causes, Demand, split_change

Model = tuple[str, str]
Use = Mapping[str, Any]

COUNTED: Final = ("active_users", "requests_per_user")
# Reports that tell tokens and not requests: their activity is the tokens themselves.
UNCOUNTED: Final = ("token_volume",)
CLOUD_FACTORS: Final = ("tokens_per_request", "unit_price")
OWN_FACTORS: Final = (
    "tokens_per_request",
    "gpu_hours_per_token",
    "gpu_hour_price",
    "gpu_idle",
    "gpu_overhead",
)
_CENT_FRACTIONS: Final = Decimal("1e-12")


@dataclass(frozen=True, kw_only=True)
class Driver:
    """One cause of a change.

    Attributes:
        driver: What moved, such as active_users; 'residual' is the rounding of the rest.
        provider_name: Of the model; '' for causes that no model has.
        model_name: The model, or ''.
        token_class: The class of tokens, or ''.
        change_usd: What it added to the cost.
        change_tokens: What it added to the tokens.
    """

    driver: str
    provider_name: str = ""
    model_name: str = ""
    token_class: str = ""
    change_usd: Decimal = Decimal(0)
    change_tokens: float = 0.0


def change_drivers(before: Period, after: Period) -> list[Driver]:
    """Every cause of the change, and what rounding leaves over.

    Args:
        before: The earlier period of a scope.
        after: The later one of the same scope.

    Returns:
        Drivers whose change_usd sum to the difference of cost_usd exactly, and whose
        change_tokens sum to that of total_tokens but for float rounding.
    """
    usd: dict[tuple[str, ...], float] = {}
    tokens: dict[tuple[str, ...], float] = {}
    for key, value in _cost_parts(before, after):
        usd[key] = usd.get(key, 0.0) + value
    for key, value in _token_parts(before, after):
        tokens[key] = tokens.get(key, 0.0) + value
    drivers = [
        Driver(
            driver=key[0],
            provider_name=key[1],
            model_name=key[2],
            token_class=key[3],
            change_usd=_exact(usd.get(key, 0.0)),
            change_tokens=tokens.get(key, 0.0),
        )
        for key in sorted(usd.keys() | tokens.keys())
    ]
    shown = [one for one in drivers if one.change_usd or one.change_tokens]
    return [*shown, _residual(before, after, shown)]


def _residual(before: Period, after: Period, drivers: Sequence[Driver]) -> Driver:
    spent = sum((one.change_usd for one in drivers), Decimal(0))
    asked = sum(one.change_tokens for one in drivers)
    return Driver(
        driver="residual",
        change_usd=after.cost_usd - before.cost_usd - spent,
        change_tokens=after.total_tokens - before.total_tokens - asked,
    )


def _exact(value: float) -> Decimal:
    return Decimal(value).quantize(_CENT_FRACTIONS)


Parts = Iterator[tuple[tuple[str, str, str, str], float]]


def _cost_parts(before: Period, after: Period) -> Parts:
    """Causes in USD: what has a price by model and class, and what has none as it is."""
    for activity, wanted in (
        (COUNTED, lambda use: use["is_priced"] and use["is_counted"]),
        (UNCOUNTED, lambda use: use["is_priced"] and not use["is_counted"]),
    ):
        tables = _Tables.of(before, after, wanted)
        sides = [
            _priced_demand(period, table, tables, activity)
            for period, table in ((before, tables.before), (after, tables.after))
        ]
        yield from _named(split_change(*_comparable(*sides)), tables, activity)
    for sign, period in ((-1, before), (1, after)):
        for other in period.others:
            name = (other["driver"], other["provider_name"], other["model_name"], "")
            yield name, sign * other["cost"]


def _token_parts(before: Period, after: Period) -> Parts:
    """Causes in tokens, whether or not they have a price."""
    for activity, wanted in (
        (COUNTED, lambda use: use["is_counted"]),
        (UNCOUNTED, lambda use: not use["is_counted"]),
    ):
        tables = _Tables.of(before, after, wanted)
        sides = []
        for period, table in ((before, tables.before), (after, tables.after)):
            requests, tokens = _asked(table, activity)
            sides.append(
                Demand(
                    activity=_activity(period, requests, activity),
                    requests=requests,
                    factors=_per(tokens, requests[:, None])[None],
                )
            )
        yield from _named(split_change(*sides), tables, activity)


@dataclass(frozen=True, kw_only=True)
class _Tables:
    """Both periods' models in one order: rows of requests, tokens, costs, idle and overhead."""

    models: Sequence[Model]
    is_own: Sequence[bool]
    before: Floats
    after: Floats

    @classmethod
    def of(cls, before: Period, after: Period, wanted: Callable[[Use], bool]) -> "_Tables":
        sides = [[use for use in period.uses if wanted(use)] for period in (before, after)]
        own = {
            (use["provider_name"], use["model_name"]): bool(use["is_self_hosted"])
            for side in sides
            for use in side
        }
        models = sorted(own)
        tables = []
        for side in sides:
            table = np.zeros((len(models), len(_COLUMNS)))
            for use in side:
                row = models.index((use["provider_name"], use["model_name"]))
                table[row] += [use[column] for column in _COLUMNS]
            tables.append(table)
        return cls(
            models=models,
            is_own=[own[model] for model in models],
            before=tables[0],
            after=tables[1],
        )


_COLUMNS: Final = ("request_count", *TOKENS, *COSTS, "idle_cost", "overhead_cost")
_COUNT: Final = len(TOKEN_CLASSES)


def _asked(table: Floats, activity: Sequence[str]) -> tuple[Floats, Floats]:
    """Requests by model, or what stands for them, and tokens by model and class."""
    tokens = table[:, 1 : 1 + _COUNT]
    return (table[:, 0] if activity == COUNTED else tokens.sum(axis=1)), tokens


def _activity(period: Period, requests: Floats, activity: Sequence[str]) -> Floats:
    total = requests.sum()
    if activity == UNCOUNTED:
        return np.array([total])
    users = float(period.user_count) if total or period.user_count else 0.0
    return np.array([users, total / users if users else np.nan])


def _priced_demand(
    period: Period, table: Floats, tables: _Tables, activity: Sequence[str]
) -> Demand:
    """Tokens per request, price, and for own GPUs what makes the price, by model and class."""
    requests, tokens = _asked(table, activity)
    costs = table[:, 1 + _COUNT : 1 + 2 * _COUNT]
    direct = costs.sum(axis=1)
    idle, overhead = table[:, -2], table[:, -1]
    own = np.array(tables.is_own, dtype=bool)
    prices = np.array([period.gpu_hour_prices.get(name, np.nan) for _, name in tables.models])
    one = np.ones_like(direct)
    loads = (
        np.where(own, prices, one),
        np.where(own, _per(direct + idle, direct), one),
        np.where(own, _per(direct + idle + overhead, direct + idle), one),
    )
    by_class = [np.repeat(load[:, None], _COUNT, axis=1) for load in loads]
    return Demand(
        activity=_activity(period, requests, activity),
        requests=requests,
        factors=np.stack((_per(tokens, requests[:, None]), _per(costs, tokens), *by_class)),
    )


def _comparable(before: Demand, after: Demand) -> tuple[Demand, Demand]:
    """Divide GPU hours per token out of the price, where both periods know what an hour costs."""
    hours = before.factors[2], after.factors[2]
    # A model of one period only is entry or exit as a whole: its hours need no price.
    is_known = np.isfinite(hours[0]) & np.isfinite(hours[1])
    return _with_hours(before, is_known), _with_hours(after, is_known)


def _with_hours(demand: Demand, is_known: np.ndarray[Any, np.dtype[np.bool_]]) -> Demand:
    factors = demand.factors.copy()
    factors[2] = np.where(is_known, factors[2], 1.0)
    factors[1] = factors[1] / factors[2]
    return Demand(activity=demand.activity, requests=demand.requests, factors=factors)


def _per(amounts: Floats, of: Floats) -> Floats:
    """A quotient; NaN where there is nothing to divide by."""
    shape = np.broadcast_shapes(amounts.shape, of.shape)
    divisors = np.broadcast_to(of, shape)
    quotients = np.full(shape, np.nan)
    np.divide(np.broadcast_to(amounts, shape), divisors, out=quotients, where=divisors != 0)
    return quotients


def _named(causes: Causes, tables: _Tables, activity: Sequence[str]) -> Parts:
    for name, value in zip(activity, causes.activity, strict=True):
        yield (name, "", "", ""), float(value)
    for row, (provider, model) in enumerate(tables.models):
        yield ("model_mix", provider, model, ""), float(causes.mix[row])
        yield ("model_entry", provider, model, ""), float(causes.entry[row])
        yield ("model_exit", provider, model, ""), float(causes.exit[row])
        names = OWN_FACTORS if tables.is_own[row] else CLOUD_FACTORS
        if activity == UNCOUNTED:
            names = ("token_class_mix", *names[1:])
        for factor, name in zip(causes.factors, names, strict=False):
            for column, token_class in enumerate(TOKEN_CLASSES):
                yield (name, provider, model, token_class), float(factor[row, column])
