"""Which process served which tokens in which quarter of an hour."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.simulator import company
from data.simulator.demand import Requests
from data.simulator.deployments import Deployment
from data.simulator.period import SLOT_SECONDS, SLOTS_PER_DAY, FloatArray, IntArray, Period

COUNTERS = ("prompt", "cached", "generation", "finished", "failed")
SLOT_MS = SLOT_SECONDS * 1000


@dataclass(frozen=True, kw_only=True)
class EngineDay:
    """What one engine did on one day.

    Attributes:
        deployment: The engine.
        tokens: By name in COUNTERS, what the engine counted in each of the day's 96 slots.
        mean_running: Requests in flight, mean of each slot.
    """

    deployment: Deployment
    tokens: dict[str, IntArray]
    mean_running: FloatArray

    @property
    def load_ratio(self) -> FloatArray:
        """How busy the engine was in each slot, 0 to 0.98."""
        speed = company.MODELS[self.deployment.model_name].tokens_per_second
        computed = self.tokens["prompt"] - self.tokens["cached"] + self.tokens["generation"]
        return np.minimum(computed / (speed * SLOT_SECONDS), 0.98)


def engine_days(
    day_requests: Sequence[Requests], engines: Sequence[Deployment], period: Period, offset: int
) -> list[EngineDay]:
    """Share the day's self-hosted requests among the replicas of their models.

    Args:
        day_requests: All streams of the day; cloud streams are passed over.
        engines: Inference deployments that stand all day.
        period: The simulated period.
        offset: The day.

    Returns:
        One element per engine, in the order given.
    """
    return [
        _engine_day(
            engine,
            [
                (r, _assigned(r, engine, engines, period, offset))
                for r in day_requests
                if r.stream.model == engine.model_name
            ],
            period.midnight_ms(offset),
        )
        for engine in engines
    ]


def _assigned(
    requests: Requests,
    engine: Deployment,
    engines: Sequence[Deployment],
    period: Period,
    offset: int,
) -> IntArray:
    replicas = [e.deployment_id for e in engines if e.model_name == engine.model_name]
    rng = period.rng(f"replica/{requests.stream.name}", offset)
    chosen = rng.integers(0, len(replicas), len(requests.started_ms))
    mine = (chosen == replicas.index(engine.deployment_id)) & requests.reached_engine
    return np.flatnonzero(mine)


def _engine_day(
    engine: Deployment, parts: Sequence[tuple[Requests, IntArray]], midnight_ms: int
) -> EngineDay:
    totals = {name: np.zeros(SLOTS_PER_DAY) for name in COUNTERS}
    running = np.zeros(SLOTS_PER_DAY)
    for requests, rows in parts:
        cumulative, in_flight = _spread(requests, rows, midnight_ms)
        running += in_flight
        for name, slots in cumulative.items():
            totals[name] += slots
    tokens = {name: values.astype(np.int64) for name, values in totals.items()}
    if engine.model_name == company.DIRECT_TRAFFIC_MODEL:
        for name in ("prompt", "cached", "generation"):
            tokens[name] += (tokens[name] * company.DIRECT_TRAFFIC_RATIO).astype(np.int64)
    return EngineDay(deployment=engine, tokens=tokens, mean_running=running)


def _spread(
    requests: Requests, rows: IntArray, midnight_ms: int
) -> tuple[dict[str, FloatArray], FloatArray]:
    """Whole tokens per slot: each request's work advances evenly from its start to its end.

    Cumulative counts are rounded down and then differenced, so a request's slots add up to it.
    """
    edges = np.arange(1, SLOTS_PER_DAY + 1) * SLOT_MS
    start = (requests.started_ms[rows] - midnight_ms)[:, None]
    length = np.maximum(requests.ended_ms[rows] - requests.started_ms[rows], 1)[:, None]
    done = np.clip((edges - start) / length, 0.0, 1.0)
    failed = requests.is_failed[rows]
    counts = {
        "prompt": requests.prompt_tokens[rows],
        "cached": requests.cached_tokens[rows],
        "generation": requests.completion_tokens[rows],
        "finished": np.where(failed, 0, requests.request_count[rows]),
        "failed": np.where(failed, requests.request_count[rows], 0),
    }
    busy = np.diff(done, axis=1, prepend=0.0).T @ length[:, 0] / SLOT_MS
    cumulative = {
        name: np.floor(done * values[:, None]).sum(axis=0) for name, values in counts.items()
    }
    return {name: np.diff(c, prepend=0.0) for name, c in cumulative.items()}, busy
