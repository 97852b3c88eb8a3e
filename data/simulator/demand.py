"""What one stream asks for on one day: times, lengths, cached prefixes, failures."""

from dataclasses import dataclass

import numpy as np

from data.simulator import company
from data.simulator.distributions import hour_of_week, sample_reuse, token_sizes
from data.simulator.period import DAY_MS, BoolArray, FloatArray, IntArray, Period
from data.simulator.traffic import Stream

FAILURE_RATIO = 0.012
BATCH_REQUEST_TOKENS = 1_600  # mean size of the requests inside a batch
BATCH_TOKEN_RANGE = (1.0e6, 6.0e6)
BATCH_SPEED_SHARE = 0.6  # of an engine's speed, that one batch gets
LONGEST_BATCH_MS = 3_540_000  # batches end within the hour and before midnight
CONTEXT_LIMITS = {"openai": 390_000, "anthropic": 190_000, "self_hosted": 96_000}
OUTPUT_LIMIT = 24_000
CACHE_BLOCK_TOKENS = {"openai": 128, "anthropic": 1, "self_hosted": 16}
SMALLEST_CLOUD_CACHE_TOKENS = 1_024
NIGHT_HOURS_UTC = np.array([3.0] * 4 + [1.5] * 2 + [0.4] * 12 + [1.0] * 2 + [2.0] * 4)


@dataclass(frozen=True, kw_only=True)
class Requests:
    """The requests of one stream on one day, one array element each, in order of their start.

    Times are UTC milliseconds since 1970; every request ends on the day it started. Token classes
    nest as the gateway reports them: prompt includes cached and written, completion reasoning.
    """

    stream: Stream
    offset: int
    started_ms: IntArray
    ended_ms: IntArray
    first_token_ms: IntArray
    prompt_tokens: IntArray
    cached_tokens: IntArray
    cache_write_tokens: IntArray
    completion_tokens: IntArray
    reasoning_tokens: IntArray
    request_count: IntArray  # 1, or the finished requests of a batch
    user_number: IntArray
    is_failed: BoolArray
    is_gateway_cache_hit: BoolArray

    @property
    def reached_engine(self) -> BoolArray:
        """Requests that the model itself answered, or failed to."""
        return ~self.is_gateway_cache_hit


def users(offset: int, start: int = 18) -> int:
    """People of one team who use its key, growing through the period."""
    return round(start * (1 + company.USER_GROWTH_PER_DAY) ** offset)


def requests_of(stream: Stream, period: Period, offset: int) -> Requests:
    """Draw one stream's day; the same for the same seed, stream and date."""
    rng = period.rng(f"demand/{stream.name}", offset)
    count = int(rng.poisson(expected_count(stream, period, offset)))
    prompt, completion = (
        _batch_sizes(stream, rng, count)
        if stream.batch_tokens
        else _sizes(stream, rng, count, offset)
    )
    is_batch = stream.batch_tokens is not None
    failed = rng.random(count) < (0.0 if is_batch else FAILURE_RATIO)
    hit = ~failed & (rng.random(count) < stream.gateway_cache_ratio)
    prompt, completion = np.where(failed, 0, prompt), np.where(failed, 0, completion)
    cached, written = _cached(stream, rng, prompt)
    duration = _duration_ms(stream, rng, prompt - cached, completion)
    duration = np.where(hit, 12, np.where(failed, 400, duration))
    started = _starts_ms(stream, rng, period, offset, duration)
    order = np.argsort(started, kind="stable")
    wait = np.minimum(duration, (120 + (prompt - cached) * 0.05).astype(np.int64))
    reasoning = (completion * _reasoning_ratio(stream) * rng.random(count) * 2).astype(np.int64)
    n = prompt + completion
    counts = np.maximum(1, n // BATCH_REQUEST_TOKENS) if is_batch else np.ones(count, np.int64)
    return Requests(
        stream=stream,
        offset=offset,
        started_ms=started[order],
        ended_ms=(started + duration)[order],
        first_token_ms=(started + wait)[order],
        prompt_tokens=prompt[order],
        cached_tokens=cached[order],
        cache_write_tokens=written[order],
        completion_tokens=completion[order],
        reasoning_tokens=np.minimum(reasoning, completion)[order],
        request_count=counts[order],
        user_number=rng.integers(0, users(offset), count)[order],
        is_failed=failed[order],
        is_gateway_cache_hit=hit[order],
    )


def expected_count(stream: Stream, period: Period, offset: int) -> float:
    """Mean number of requests of the stream on that day."""
    if not stream.is_active(offset):
        return 0.0
    is_weekend = period.day(offset).weekday() >= 5
    growth = (1 + company.USER_GROWTH_PER_DAY) ** offset
    if stream.batch_tokens is not None:
        return stream.per_day * growth * (company.WEEKEND_BATCH_LEVEL if is_weekend else 1.0)
    level = company.WEEKEND_LEVEL if is_weekend else 1.0
    return stream.per_day * growth * level * period.scale


def _sizes(
    stream: Stream, rng: np.random.Generator, count: int, offset: int
) -> tuple[IntArray, IntArray]:
    prompt, completion = token_sizes(stream.size).sample(rng, count)
    growth = (1 + company.CONTEXT_GROWTH_PER_DAY) ** offset
    limit = CONTEXT_LIMITS[stream.provider]
    prompt = np.clip(prompt * stream.size_factor * growth, 1, limit)
    completion = np.clip(completion * stream.output_factor, 1, OUTPUT_LIMIT)
    return prompt.astype(np.int64), completion.astype(np.int64)


def _batch_sizes(stream: Stream, rng: np.random.Generator, count: int) -> tuple[IntArray, IntArray]:
    total = np.exp(rng.normal(np.log(stream.batch_tokens or 0.0), 0.35, count))
    total = np.clip(total, *BATCH_TOKEN_RANGE)
    output = total * rng.beta(8, 52, count)
    return (total - output).astype(np.int64), output.astype(np.int64)


def _cached(
    stream: Stream, rng: np.random.Generator, prompt: IntArray
) -> tuple[IntArray, IntArray]:
    """Cached prompt tokens and, where the provider charges for it, tokens written to its cache."""
    block = CACHE_BLOCK_TOKENS[stream.provider]
    ratio = np.minimum(sample_reuse(rng, len(prompt)) * stream.reuse_factor, 0.99)
    cached = (prompt * ratio).astype(np.int64) // block * block
    if stream.provider != "self_hosted":
        cached = np.where(cached < SMALLEST_CLOUD_CACHE_TOKENS, 0, cached)
    if stream.provider != "anthropic" or stream.size == "chat":
        return cached, np.zeros_like(cached)
    written = ((prompt - cached) * rng.uniform(0.5, 0.95, len(prompt))).astype(np.int64)
    return cached, np.where(prompt < SMALLEST_CLOUD_CACHE_TOKENS, 0, written)


def _reasoning_ratio(stream: Stream) -> float:
    own = company.MODELS.get(stream.model)
    return own.reasoning_ratio if own else stream.reasoning_ratio


def _duration_ms(
    stream: Stream, rng: np.random.Generator, uncached: IntArray, completion: IntArray
) -> IntArray:
    own = company.MODELS.get(stream.model)
    if stream.batch_tokens is not None and own is not None:
        seconds = (uncached + completion) / (own.tokens_per_second * BATCH_SPEED_SHARE)
        return np.minimum(
            seconds * 1000 * rng.uniform(0.9, 1.2, len(uncached)), LONGEST_BATCH_MS
        ).astype(np.int64)
    per_token = own.seconds_per_output_token if own else 0.012
    seconds = 0.15 + uncached * 0.00005 + completion * per_token
    return (seconds * 1000 * rng.lognormal(0, 0.2, len(uncached))).astype(np.int64) + 1


def _starts_ms(
    stream: Stream,
    rng: np.random.Generator,
    period: Period,
    offset: int,
    duration: IntArray,
) -> IntArray:
    hours = rng.choice(24, len(duration), p=_hour_shares(stream, period, offset))
    within = (hours + rng.random(len(duration))) * 3_600_000
    latest = DAY_MS - 1 - duration
    return period.midnight_ms(offset) + np.minimum(within.astype(np.int64), latest)


def _hour_shares(stream: Stream, period: Period, offset: int) -> FloatArray:
    if stream.batch_tokens is not None:
        weights = NIGHT_HOURS_UTC if stream.is_nightly else np.ones(24)
    else:
        first = period.day(offset).weekday() * 24 + company.WORKING_UTC_OFFSET_HOURS
        weights = hour_of_week()[np.arange(first, first + 24) % 168]
    return np.asarray(weights / weights.sum(), dtype=np.float64)
