"""The gateway's spend log: rows of LiteLLM_SpendLogs as its API returns them, one object a line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from data.simulator import company
from data.simulator.demand import Requests
from data.simulator.litellm_row import Row, RowWriter, as_uuid
from data.simulator.period import FloatArray, IntArray, Period


@dataclass(frozen=True, kw_only=True)
class Spend:
    """The gateway's own estimate in USD; arrays over requests."""

    uncached: FloatArray
    cache_read: FloatArray
    cache_write: FloatArray
    output: FloatArray

    @property
    def total(self) -> FloatArray:
        """What it writes into `spend`."""
        return _usd(self.uncached + self.cache_read + self.cache_write + self.output)


def spend_of(requests: Requests, day: date) -> Spend:
    """Price requests as the gateway does: at list price, 0 where it knows none."""
    stream = requests.stream
    prices = company.LIST_PRICES.get((stream.provider, stream.model), ())
    price = next((p for p in reversed(prices) if p.valid_from <= day), None)
    zero = np.zeros(len(requests.started_ms))
    if price is None:
        return Spend(uncached=zero, cache_read=zero, cache_write=zero, output=zero)
    is_above = requests.prompt_tokens > (price.threshold_tokens or 1 << 60)
    paid = np.where(requests.is_gateway_cache_hit, 0.0, 1e-6)
    input_factor = np.where(is_above, price.input_above_ratio, 1.0) * paid
    output_factor = np.where(is_above, price.output_above_ratio, 1.0) * paid
    cached, written = requests.cached_tokens, requests.cache_write_tokens
    return Spend(
        uncached=_usd((requests.prompt_tokens - cached - written) * price.uncached * input_factor),
        cache_read=_usd(cached * price.cache_read * input_factor),
        cache_write=_usd(written * (price.cache_write or 0.0) * input_factor),
        output=_usd(requests.completion_tokens * price.output * output_factor),
    )


def _usd(amount: FloatArray) -> FloatArray:
    """Without the noise of binary fractions: list prices of one token have 9 decimal places."""
    return np.round(amount, 9)


def day_rows(day_requests: Sequence[Requests], period: Period, offset: int) -> list[str]:
    """The day's lines in order of their start."""
    starts = np.concatenate([requests.started_ms for requests in day_requests])
    lines = [line for requests in day_requests for line in _stream_rows(requests, period, offset)]
    return [lines[index] for index in np.argsort(starts, kind="stable")]


def iso_utc(milliseconds: IntArray) -> list[str]:
    """2026-05-18T09:30:00.125Z, from milliseconds since 1970."""
    stamps = np.datetime_as_string(milliseconds.astype("datetime64[ms]"), unit="ms")
    return [f"{stamp}Z" for stamp in stamps.tolist()]


def _stream_rows(requests: Requests, period: Period, offset: int) -> list[str]:
    count = len(requests.started_ms)
    if not count:
        return []
    rng = period.rng(f"ids/{requests.stream.name}", offset)
    digits = rng.bytes(count * 16).hex()
    people = int(requests.user_number.max()) + 1
    sessions = [as_uuid(rng.bytes(16).hex()) for _ in range(people)]
    spend = spend_of(requests, period.day(offset))
    numbers = (
        requests.ended_ms - requests.started_ms,
        requests.user_number,
        requests.prompt_tokens,
        requests.cached_tokens,
        requests.cache_write_tokens,
        requests.completion_tokens,
        requests.reasoning_tokens,
        requests.request_count,
        requests.is_failed,
        requests.is_gateway_cache_hit,
        spend.uncached,
        spend.cache_read,
        spend.cache_write,
        spend.output,
        spend.total,
    )
    columns = (
        [digits[start : start + 32] for start in range(0, count * 32, 32)],
        [sessions[user] for user in requests.user_number.tolist()],
        iso_utc(requests.started_ms),
        iso_utc(requests.ended_ms),
        iso_utc(requests.first_token_ms),
        *(column.tolist() for column in numbers),
    )
    write = RowWriter(requests.stream).write
    return [write(Row._make(values)) for values in zip(*columns, strict=True)]
