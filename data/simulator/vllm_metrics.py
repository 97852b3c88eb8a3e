"""The engines' counters as a Prometheus server federates them: one scrape an hour, as text.

Each day's file has a scrape at every full hour and a last one at 23:59:59, before the file is
rotated, so that the differences inside one file are the whole day's traffic.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from data.simulator import company
from data.simulator.engine_load import COUNTERS, EngineDay
from data.simulator.period import DAY_MS, SLOTS_PER_DAY, IntArray

SLOTS_PER_HOUR = 4
KV_CACHE_SLOPE = 0.07  # share of the key-value cache that one running request takes
ABORTED_RATIO = 0.5  # of failed requests; the others ended in error
TTFT_SECONDS = 0.35
QUEUE_SECONDS = 0.04
CLUSTERS = {"h100-01": "h100", "h100-02": "h100", "h100-03": "h100", "a100-01": "a100"}


def go_float(value: float) -> str:
    """A number as Go and Python clients print it in text exposition: 1.250001e+06, 0.4312, 912."""
    text = repr(float(value)).removesuffix(".0")
    if abs(value) < 1e6 or "e" in text:
        return text
    whole, _, fraction = text.partition(".")
    digits = f"{whole}{fraction}".rstrip("0")
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{mantissa}e+{len(whole) - 1:02d}"


@dataclass(kw_only=True)
class EngineCounters:
    """Cumulative counters of each engine, carried from day to day; a new engine begins at 0."""

    totals: dict[str, IntArray] = field(default_factory=dict)
    started_ms: dict[str, int] = field(default_factory=dict)

    def scrapes(self, engine_day: EngineDay, offset: int, midnight_ms: int) -> Iterator[str]:
        """Advance one engine by one day and yield its 25 scrapes, each a block of lines."""
        engine = engine_day.deployment
        started = int(engine.started_at.timestamp()) * 1000
        before = self.totals.get(engine.deployment_id, np.zeros(len(COUNTERS), np.int64))
        process_start = self.started_ms.get(engine.deployment_id, started)
        counts = np.stack([engine_day.tokens[name] for name in COUNTERS])
        reset_slot = self._restart_slot(engine_day, offset)
        after = np.zeros((SLOTS_PER_DAY + 1, len(COUNTERS)), np.int64)
        after[0] = before
        after[1:] = before + counts.cumsum(axis=1).T
        for slot in (*range(0, SLOTS_PER_DAY, SLOTS_PER_HOUR), SLOTS_PER_DAY):
            values, begun = after[slot], process_start
            if reset_slot is not None and slot > reset_slot:
                values = values - after[reset_slot]
                begun = midnight_ms + reset_slot * DAY_MS // SLOTS_PER_DAY
            at = midnight_ms + min(slot * DAY_MS // SLOTS_PER_DAY, DAY_MS - 1000)
            running = engine_day.mean_running[min(slot, SLOTS_PER_DAY - 1)]
            yield _block(engine_day, values, float(running), begun, at)
        self.totals[engine.deployment_id] = values
        self.started_ms[engine.deployment_id] = begun

    def _restart_slot(self, engine_day: EngineDay, offset: int) -> int | None:
        """The slot at whose start the process restarted, just after a scrape: nothing is lost."""
        if engine_day.deployment.port == 8001 and engine_day.deployment.host_name == "h100-01":
            return None  # only the first replica restarted
        return company.RESTARTS.get((engine_day.deployment.model_name, offset))


def _block(
    engine_day: EngineDay, values: IntArray, running: float, started_ms: int, at_ms: int
) -> str:
    engine = engine_day.deployment
    model = company.MODELS[engine.model_name]
    prompt, cached, generation, finished, failed = (int(value) for value in values)
    uncached = prompt - cached
    aborted = int(failed * ABORTED_RATIO)
    length = finished // 20
    labels = f'engine="0",instance="{engine.instance}",job="vllm",model_name="{engine.model_name}"'
    samples: list[tuple[str, str, float]] = [
        ("vllm:num_requests_running", "", round(running, 3)),
        ("vllm:num_requests_waiting", "", float(running > 3)),
        ("vllm:kv_cache_usage_perc", "", round(min(0.97, running * KV_CACHE_SLOPE), 4)),
        ("vllm:num_preemptions_total", "", finished // 50_000),
        ("vllm:prompt_tokens_total", "", prompt),
        ("vllm:prompt_tokens_by_source_total", ',source="local_compute"', uncached),
        ("vllm:prompt_tokens_by_source_total", ',source="local_cache_hit"', cached),
        ("vllm:prompt_tokens_by_source_total", ',source="external_kv_transfer"', 0),
        ("vllm:prompt_tokens_cached_total", "", cached),
        ("vllm:generation_tokens_total", "", generation),
        ("vllm:request_success_total", ',finished_reason="stop"', finished - length),
        ("vllm:request_success_total", ',finished_reason="length"', length),
        ("vllm:request_success_total", ',finished_reason="abort"', aborted),
        ("vllm:request_success_total", ',finished_reason="error"', failed - aborted),
    ]
    histograms = (
        ("vllm:time_to_first_token_seconds", finished * TTFT_SECONDS),
        ("vllm:request_queue_time_seconds", finished * QUEUE_SECONDS),
        ("vllm:request_prefill_time_seconds", uncached / model.prefill_tokens_per_second),
        ("vllm:request_decode_time_seconds", generation * model.seconds_per_output_token),
    )
    for name, seconds in histograms:
        samples.append((f"{name}_count", "", finished))
        samples.append((f"{name}_sum", "", round(seconds, 3)))
    return _exposition(samples, labels, engine.instance, started_ms, at_ms)


def _exposition(
    samples: list[tuple[str, str, float]],
    labels: str,
    instance: str,
    started_ms: int,
    at_ms: int,
) -> str:
    lines = []
    previous = ""
    for name, more, value in samples:
        if name != previous:
            lines.append(f"# TYPE {name} untyped")  # federation loses the type
            previous = name
        lines.append(f"{name}{{{labels}{more}}} {go_float(value)} {at_ms}")
    lines.append("# TYPE process_start_time_seconds untyped")
    start = go_float(started_ms / 1000)
    lines.append(f'process_start_time_seconds{{instance="{instance}",job="vllm"}} {start} {at_ms}')
    return "\n".join(lines)
