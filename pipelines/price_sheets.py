"""genai-prices as sheets of the price book: every class, tier, context and time of day it knows."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from genai_prices.types import (
    ModelInfo,
    ModelPrice,
    Provider,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
)

from ingest.ledger_prices import PRICED_CLASSES
from pipelines.price_book import ALWAYS, DAY_MINUTES, unit_price

# Class -> the units of genai-prices that price it, the first known one. What is not in it is not
# sold by the token or the request.
UNITS: Final[Mapping[str, tuple[str, ...]]] = {
    "uncached_input": ("input_text_mtok", "input_mtok"),
    "uncached_audio_input": ("input_audio_mtok",),
    "uncached_image_input": ("input_image_mtok",),
    "uncached_video_input": ("input_video_mtok",),
    "tool_use_input": ("input_tool_mtok",),
    "cache_read_input": ("cache_text_read_mtok", "cache_read_mtok"),
    "cache_read_audio_input": ("cache_audio_read_mtok",),
    "cache_read_image_input": ("cache_image_read_mtok",),
    "cache_read_video_input": ("cache_video_read_mtok",),
    "cache_write_input": ("cache_write_5m_mtok", "cache_write_mtok"),
    "cache_write_1h_input": ("cache_write_1h_mtok",),
    "output": ("output_text_mtok", "output_mtok"),
    "reasoning_output": ("output_reasoning_mtok",),
    "audio_output": ("output_audio_mtok",),
    "image_output": ("output_image_mtok",),
    "request": ("requests_kcount",),
    "web_search": ("web_searches_kcount",),
}
PER: Final = {"mtok": Decimal("0.000001"), "kcount": Decimal("0.001")}
# Tier of the book -> how genai-prices asks for it.
TIERS: Final[Mapping[str, Mapping[str, str]]] = {
    "batch": {"processing": "batch"},
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
    "fast": {"service_tier": "fast", "speed": "fast"},
}

Value = Decimal | TieredPrices
Prices = Mapping[
    str, tuple[Value, bool]
]  # class -> price, and whether a tier keeps the standard one


@dataclass(frozen=True, kw_only=True)
class _Segment:
    valid_from: date
    valid_to: date | None
    windows: tuple[tuple[int, int, Prices], ...]


def sheets_of(providers: Iterable[Provider]) -> Iterator[dict[str, Any]]:
    """Rows of every model: one per tier, period, context tier and window of the day.

    A context tier applies to all tokens of a request whose input exceeds it (a cliff).
    """
    for provider in providers:
        for model in provider.models:
            for tier in ("standard", *TIERS):
                key = {"provider_name": provider.id, "model_name": model.id, "service_tier": tier}
                for segment in _segments(model, tier):
                    for row in _rows(segment):
                        yield {**key, **row}


def rows_of_contexts(prices: Prices) -> Iterator[dict[str, Any]]:
    """One row per context tier that any class has."""
    starts = {0} | {
        tier.start
        for value, _ in prices.values()
        if isinstance(value, TieredPrices)
        for tier in value.tiers
    }
    kept = " ".join(name for name in PRICED_CLASSES if name in prices and prices[name][1])
    for start in sorted(starts):
        yield {
            "context_threshold_tokens": start,
            "standard_classes": kept or None,
            **{
                f"{name}_unit_price_usd": unit_price(_at_context(value, start))
                for name, (value, _) in prices.items()
            },
        }


def _segments(model: ModelInfo, tier: str) -> Iterator[_Segment]:
    """Days on which a model has one sheet; equal neighbors are one."""
    days = _first_days(model)
    found = [
        _Segment(valid_from=start, valid_to=end, windows=_windows(model, tier, start))
        for start, end in itertools.pairwise([*days, None])
        if start is not None
    ]
    for windows, group in itertools.groupby(found, key=lambda segment: segment.windows):
        same = list(group)
        if windows:
            yield _Segment(
                valid_from=same[0].valid_from, valid_to=same[-1].valid_to, windows=windows
            )


def _first_days(model: ModelInfo) -> list[date]:
    """Days on which something may change; a model whose every price has a start begins there."""
    listed = model.prices if isinstance(model.prices, list) else []
    starts = {
        item.constraint.start_date
        for item in [*listed, *(model.price_variants or ())]
        if isinstance(item.constraint, StartDateConstraint)
    }
    is_dated = listed and all(isinstance(p.constraint, StartDateConstraint) for p in listed)
    first = min(p.constraint.start_date for p in listed) if is_dated else ALWAYS  # type: ignore[union-attr]
    return sorted({first} | {start for start in starts if start > first})


def _windows(model: ModelInfo, tier: str, day: date) -> tuple[tuple[int, int, Prices], ...]:
    """What holds in each part of that day; neighbors that ask the same are one."""
    listed = model.prices if isinstance(model.prices, list) else []
    constraints = [item.constraint for item in [*listed, *(model.price_variants or ())]]
    edges = {0, DAY_MINUTES} | {
        moment.hour * 60 + moment.minute
        for constraint in constraints
        if isinstance(constraint, TimeOfDateConstraint)
        for moment in (constraint.start_time, constraint.end_time)
    }
    parts = [
        (start, end, _prices(model, tier, datetime.combine(day, time(start // 60, start % 60))))
        for start, end in itertools.pairwise(sorted(edges))
    ]
    merged = [
        (same[0][0], same[-1][1], prices)
        for prices, same in ((p, list(g)) for p, g in itertools.groupby(parts, lambda p: p[2]))
    ]
    return tuple(window for window in merged if window[2])


def _prices(model: ModelInfo, tier: str, moment: datetime) -> Prices:
    """Prices of a tier at a moment (UTC); none where the list does not know the tier."""
    standard = model.get_prices(moment)
    if tier == "standard":
        return _own(standard, None)
    asked = [model.get_prices(moment, {name: value}) for name, value in TIERS[tier].items()]
    changed = next((p for p in asked if p != standard), None)
    return {} if changed is None else _own(changed, standard)


def _own(prices: ModelPrice, standard: ModelPrice | None) -> Prices:
    """Class -> its price, where it has one of its own; no class is billed as another here."""
    found: dict[str, tuple[Value, bool]] = {}
    for name, units in UNITS.items():
        unit = next((unit for unit in units if getattr(prices, unit) is not None), None)
        if unit is not None:
            value = getattr(prices, unit)
            # what a variant does not name is the very object of the standard prices
            is_kept = standard is not None and value is getattr(standard, unit)
            found[name] = (_scaled(value, PER[unit.rpartition("_")[2]]), is_kept)
    return found


def _scaled(value: Value, per: Decimal) -> Value:
    if not isinstance(value, TieredPrices):
        return value * per
    tiers = [type(tier)(start=tier.start, price=tier.price * per) for tier in value.tiers]
    return TieredPrices(base=value.base * per, tiers=tiers)


def _at_context(value: Value, start: int) -> Decimal:
    if not isinstance(value, TieredPrices):
        return value
    reached = [tier.price for tier in value.tiers if tier.start <= start]
    return reached[-1] if reached else value.base


def _rows(segment: _Segment) -> Iterator[dict[str, Any]]:
    for start, end, prices in segment.windows:
        for row in rows_of_contexts(prices):
            yield {
                "valid_from": segment.valid_from,
                "valid_to": segment.valid_to,
                "window_start_minute": start,
                "window_end_minute": end,
                **row,
            }
