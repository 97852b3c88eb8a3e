"""Causes in words and in cents, for people: what is shown adds up to what is shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from pipelines.inflation.drivers import Driver

CENT: Final = Decimal("0.01")
# In the order in which they are told: who asked, how much, at what price, of which model, the rest.
TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "active_users": "active users",
        "requests_per_user": "requests per user",
        "token_volume": "tokens of reports without requests",
        "tokens_per_request": "tokens per request",
        "token_class_mix": "kinds of tokens",
        "unit_price": "cloud prices",
        "gpu_hour_price": "price of a GPU hour",
        "gpu_hours_per_token": "GPU hours per token",
        "gpu_idle": "idle GPUs",
        "gpu_overhead": "GPU overhead",
        "model_mix": "mix of models",
        "model_entry": "new models",
        "model_exit": "models given up",
        "gpu_work_without_tokens": "GPU work without logged tokens",
        "reserved_idle": "idle reservations",
        "charges_without_tokens": "charges without tokens",
        "residual": "rounding",
    }
)
CLASS_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "uncached_input": "context, read anew",
        "cache_read_input": "context, read from cache",
        "cache_write_input": "context, written to cache",
        "other_output": "output",
        "reasoning_output": "reasoning",
    }
)
# What of a cause is told apart: by kind of token, or by model.
_BY_CLASS: Final = ("tokens_per_request", "token_class_mix")
_BY_MODEL: Final = ("unit_price", "model_entry", "model_exit", "gpu_work_without_tokens")
_MOST_LINES: Final = 6
# What one of these adds another often takes: requests move to a new model from those that stay.
_MODELS: Final = ("model_mix", "model_entry", "model_exit")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the story.

    Attributes:
        text: The cause.
        change_usd: In whole cents.
        change_tokens: Tokens.
        parts: Lines that sum to this one; none where it is not told apart.
    """

    text: str
    change_usd: Decimal
    change_tokens: float
    parts: tuple["Line", ...] = ()


def tell(drivers: Sequence[Driver], total_usd: Decimal) -> list[Line]:
    """Causes in the order of `TITLES`, in cents that sum to the total.

    Args:
        drivers: Of one comparison, residual included.
        total_usd: What they shall sum to, in whole cents.
    """
    leaves = _leaves(drivers)
    cents = in_cents([change for change, _ in leaves.values()], total_usd)
    shown = {
        key: (usd, tokens)
        for (key, (_, tokens)), usd in zip(leaves.items(), cents, strict=True)
        if usd or round(tokens)
    }
    told = [line for driver in TITLES for line in _lines(driver, _of(shown, driver))]
    return _with_models_together(told)


def _with_models_together(lines: Sequence[Line]) -> list[Line]:
    """Mix, new models and those given up as parts of one line: their net is what the choice did."""
    titles = [TITLES[driver] for driver in _MODELS]
    chosen = [line for line in lines if line.text in titles]
    if not chosen:
        return list(lines)
    place = lines.index(chosen[0])
    parts = [part for line in chosen for part in _flat(line)]
    together = _summed("choice of models", chosen, parts)
    return [*lines[:place], together, *lines[place + len(chosen) :]]


def _flat(line: Line) -> Iterable[Line]:
    """A line of one kind of choice as parts that name it."""
    for part in line.parts or (line,):
        text = line.text if part is line else f"{line.text}: {part.text}"
        yield Line(text=text, change_usd=part.change_usd, change_tokens=part.change_tokens)


def in_cents(amounts: Sequence[Decimal], total: Decimal) -> list[Decimal]:
    """Round amounts to cents so that they sum to the total: the nearest to the next cent gives.

    Args:
        amounts: USD; their sum is the total but for less than a cent each.
        total: USD, in whole cents.
    """
    cents = [amount.quantize(CENT) for amount in amounts]
    missing = int((total - sum(cents, Decimal(0))) / CENT)
    step = CENT if missing > 0 else -CENT
    # The largest amounts hide a cent best, and a line of nothing stays nothing.
    order = sorted(range(len(amounts)), key=lambda place: -abs(amounts[place]))
    for place in (order * (abs(missing) // max(len(order), 1) + 1))[: abs(missing)]:
        cents[place] += step
    return cents


Key = tuple[str, str]
Amounts = tuple[Decimal, float]


def _leaves(drivers: Sequence[Driver]) -> dict[Key, Amounts]:
    leaves: dict[Key, Amounts] = {}
    for one in drivers:
        key = one.driver, _part(one)
        usd, tokens = leaves.get(key, (Decimal(0), 0.0))
        leaves[key] = usd + one.change_usd, tokens + one.change_tokens
    return leaves


def _part(driver: Driver) -> str:
    if driver.driver in _BY_CLASS:
        return CLASS_TITLES.get(driver.token_class, "")
    if driver.driver in _BY_MODEL:
        return " ".join(filter(None, (driver.provider_name, driver.model_name)))
    return ""


def _of(shown: Mapping[Key, Amounts], driver: str) -> dict[str, Amounts]:
    return {part: amounts for (name, part), amounts in shown.items() if name == driver}


def _lines(driver: str, parts: Mapping[str, Amounts]) -> Iterable[Line]:
    if not parts:
        return
    lines = [
        Line(text=part, change_usd=usd, change_tokens=tokens)
        for part, (usd, tokens) in sorted(parts.items(), key=lambda item: -abs(item[1][0]))
        if part
    ]
    if len(lines) > _MOST_LINES:
        rest = lines[_MOST_LINES - 1 :]
        lines = [*lines[: _MOST_LINES - 1], _summed(f"{len(rest)} more", rest)]
    yield Line(
        text=TITLES[driver],
        change_usd=sum((usd for usd, _ in parts.values()), Decimal(0)),
        change_tokens=sum(tokens for _, tokens in parts.values()),
        parts=tuple(lines),
    )


def _summed(text: str, lines: Sequence[Line], parts: Sequence[Line] = ()) -> Line:
    return Line(
        text=text,
        change_usd=sum((line.change_usd for line in lines), Decimal(0)),
        change_tokens=sum(line.change_tokens for line in lines),
        parts=tuple(parts),
    )
