"""What the GPUs did: load, power, energy and memory of each GPU in each quarter of an hour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np

from data.simulator import company
from data.simulator.company import Host
from data.simulator.deployments import Deployment, instant
from data.simulator.engine_load import EngineDay
from data.simulator.period import (
    SLOT_SECONDS,
    SLOTS_PER_DAY,
    BoolArray,
    FloatArray,
    IntArray,
    Period,
)

TRAINING_LOAD = 0.94
LOADED_MIB = 73_600  # what vLLM reserves of 80 GiB at its default of 0.9
TRAINING_MIB = 69_200
EMPTY_MIB = 4
TOTAL_MIB = 81_559
RESERVED_MIB = 551
DRIVER_LOADED_MJ = 41_000_000_000  # energy already counted when the first GPU's log begins


@dataclass(frozen=True, kw_only=True)
class HostDay:
    """The GPUs of one host on one day; arrays are GPU by slot, `energy_mj` at each slot's start."""

    host: Host
    load_ratio: FloatArray
    utilization_percent: IntArray
    power_watts: FloatArray
    energy_mj: IntArray
    memory_used_mib: IntArray
    temperature_celsius: IntArray


@dataclass(kw_only=True)
class EnergyMeters:
    """Millijoules each host's GPUs have counted so far, carried from day to day."""

    totals: dict[str, IntArray] = field(default_factory=dict)

    def advance(self, host: Host, power_watts: FloatArray) -> IntArray:
        """Add a day of mean power and return the counters at the start of each slot."""
        steps = np.round(power_watts * (SLOT_SECONDS * 1000)).astype(np.int64)
        first = DRIVER_LOADED_MJ + 1_000_003 * np.arange(host.gpu_count, dtype=np.int64)
        before = self.totals.get(host.name, first)
        after = before[:, None] + steps.cumsum(axis=1)
        self.totals[host.name] = after[:, -1]
        return np.concatenate([before[:, None], after[:, :-1]], axis=1)


def host_day(
    host: Host,
    deployments: Sequence[Deployment],
    engines: Mapping[str, EngineDay],
    meters: EnergyMeters,
    period: Period,
    offset: int,
) -> HostDay:
    """Derive one host's telemetry of one day from what ran on it.

    Args:
        host: The host; it must be in service.
        deployments: All deployments, of any host.
        engines: The day's load by deployment_id.
        meters: The energy counters; advanced by the day.
        period: The simulated period.
        offset: The day.
    """
    load, loaded, training = _load(host, deployments, engines, period, offset)
    rng = period.rng(f"gpu/{host.name}", offset)
    noise = rng.normal(0, 1, load.shape)
    is_busy = load > 0.002
    power = np.where(loaded, host.idle_power_watts, host.empty_power_watts) * (1 + 0.02 * noise)
    power += np.where(is_busy, (host.busy_power_watts - host.idle_power_watts) * load**0.8, 0.0)
    power = np.minimum(power, host.busy_power_watts + 6)
    reading = power * (1 + 0.01 * rng.normal(0, 1, load.shape))
    memory = np.where(training, TRAINING_MIB, np.where(loaded, LOADED_MIB, EMPTY_MIB))
    return HostDay(
        host=host,
        load_ratio=load,
        utilization_percent=np.minimum(np.round(100 * load**0.5), 100).astype(np.int64),
        power_watts=reading,
        energy_mj=meters.advance(host, power),
        memory_used_mib=(memory + (rng.random(load.shape) * 3).astype(np.int64)).astype(np.int64),
        temperature_celsius=np.round(29 + 0.055 * power + noise).astype(np.int64),
    )


def _load(
    host: Host,
    deployments: Sequence[Deployment],
    engines: Mapping[str, EngineDay],
    period: Period,
    offset: int,
) -> tuple[FloatArray, BoolArray, BoolArray]:
    shape = (host.gpu_count, SLOTS_PER_DAY)
    load, loaded, training = np.zeros(shape), np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    for deployment in deployments:
        if deployment.host_name != host.name:
            continue
        slots = _slots(deployment, period, offset)
        gpus = np.array(deployment.gpu_indices)[:, None]
        loaded[gpus, slots] = True
        if deployment.workload == "training":
            training[gpus, slots] = True
            load[gpus, slots] = TRAINING_LOAD
        elif deployment.deployment_id in engines:
            load[gpus, slots] = engines[deployment.deployment_id].load_ratio[slots]
    return load, loaded, training


def _slots(deployment: Deployment, period: Period, offset: int) -> IntArray:
    midnight = instant(period, offset)
    slot = timedelta(seconds=SLOT_SECONDS)
    first = -((midnight - deployment.started_at) // slot)
    last = SLOTS_PER_DAY
    if deployment.ended_at is not None:
        last = (deployment.ended_at - midnight) // slot
    return np.arange(max(first, 0), max(min(last, SLOTS_PER_DAY), max(first, 0)))


def hosts_in_service(offset: int) -> list[Host]:
    """The hosts that report telemetry on a day."""
    return [host for host in company.HOSTS if host.in_service_day <= offset]
