"""GPU telemetry as its tools write it: dcgm-exporter through Prometheus and as text, nvidia-smi."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from data.simulator import company
from data.simulator.gpu_load import RESERVED_MIB, TOTAL_MIB, HostDay
from data.simulator.period import SLOT_SECONDS, SLOTS_PER_DAY, Period

DRIVER_VERSION = "570.133.20"
UNREAD_RATIO = 0.001  # power values that nvidia-smi could not read
SM_OF_LOAD = 0.88
TENSOR_OF_LOAD = 0.41


def _texts(values: Sequence[Sequence[float]], form: str) -> list[list[str]]:
    return [[format(value, form) for value in row] for row in values]


# Metric name: help text, type, and the readings as text, GPU by slot.
METRICS: dict[str, tuple[str, str, Callable[[HostDay], list[list[str]]]]] = {
    "DCGM_FI_DEV_GPU_UTIL": (
        "GPU utilization (in %).",
        "gauge",
        lambda day: _texts(day.utilization_percent.tolist(), "d"),
    ),
    "DCGM_FI_DEV_FB_USED": (
        "Framebuffer memory used (in MiB).",
        "gauge",
        lambda day: _texts(day.memory_used_mib.tolist(), "d"),
    ),
    "DCGM_FI_DEV_FB_FREE": (
        "Framebuffer memory free (in MiB).",
        "gauge",
        lambda day: _texts((TOTAL_MIB - RESERVED_MIB - day.memory_used_mib).tolist(), "d"),
    ),
    "DCGM_FI_DEV_POWER_USAGE": (
        "Power draw (in W).",
        "gauge",
        lambda day: _texts(day.power_watts.tolist(), ".2f"),
    ),
    "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION": (
        "Total energy consumption since boot (in mJ).",
        "counter",
        lambda day: _texts(day.energy_mj.tolist(), "d"),
    ),
    "DCGM_FI_PROF_SM_ACTIVE": (
        "The ratio of cycles an SM has at least 1 warp assigned.",
        "gauge",
        lambda day: _texts((day.load_ratio * SM_OF_LOAD).tolist(), ".4f"),
    ),
    "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE": (
        "Ratio of cycles the tensor (HMMA) pipe is active.",
        "gauge",
        lambda day: _texts((day.load_ratio * TENSOR_OF_LOAD).tolist(), ".4f"),
    ),
}


def query_range_documents(days: Sequence[HostDay], midnight_ms: int) -> Iterator[str]:
    """The day's answers of `GET /api/v1/query_range` at a step of 15 minutes, one per metric."""
    heads = [f'[{midnight_ms // 1000 + slot * SLOT_SECONDS},"' for slot in range(SLOTS_PER_DAY)]
    for name, (_, _, readings) in METRICS.items():
        series = [
            f'{{"metric":{{"__name__":"{name}",{_json_labels(day, index)}}},"values":['
            + ",".join([f'{head}{value}"]' for head, value in zip(heads, values, strict=True)])
            + "]}"
            for day in days
            for index, values in enumerate(readings(day))
        ]
        yield (
            '{"status":"success","data":{"resultType":"matrix","result":['
            + ",".join(series)
            + "]}}"
        )


def _json_labels(day: HostDay, index: int) -> str:
    return (
        f'"UUID":"{company.gpu_uuid(day.host.name, index)}","gpu":"{index}",'
        f'"device":"nvidia{index}","Hostname":"{day.host.name}",'
        f'"modelName":"{day.host.gpu_model}","DCGM_FI_DRIVER_VERSION":"{DRIVER_VERSION}",'
        f'"instance":"{day.host.name}:9400","job":"dcgm-exporter"'
    )


def text_scrapes(day: HostDay, midnight_ms: int) -> Iterator[str]:
    """The exporter's own answers, each below a comment that says when it was asked."""
    labels = [
        f'{{gpu="{index}",UUID="{company.gpu_uuid(day.host.name, index)}",device="nvidia{index}",'
        f'modelName="{day.host.gpu_model}",Hostname="{day.host.name}",'
        f'DCGM_FI_DRIVER_VERSION="{DRIVER_VERSION}"}}'
        for index in range(day.host.gpu_count)
    ]
    readings = {name: texts(day) for name, (_, _, texts) in METRICS.items()}
    for slot in range(SLOTS_PER_DAY):
        at = datetime.fromtimestamp(midnight_ms / 1000 + slot * SLOT_SECONDS, UTC)
        yield f"# scraped_at {at:%Y-%m-%dT%H:%M:%SZ}"
        for name, (description, kind, _) in METRICS.items():
            yield f"# HELP {name} {description}"
            yield f"# TYPE {name} {kind}"
            for index, label in enumerate(labels):
                yield f"{name}{label} {readings[name][index][slot]}"


SMI_HEADER = (
    "timestamp, index, uuid, name, utilization.gpu [%], utilization.memory [%], "
    "memory.used [MiB], memory.total [MiB], power.draw [W], power.limit [W], "
    "temperature.gpu, clocks.current.sm [MHz]"
)


def nvidia_smi_lines(day: HostDay, period: Period, offset: int) -> Iterator[str]:
    """`nvidia-smi --query-gpu=… --format=csv -l 900`: local times without a zone."""
    zone = ZoneInfo(company.A100_TIME_ZONE)
    unread = period.rng("nvidia_smi/unread", offset).random(day.power_watts.shape) < UNREAD_RATIO
    clock = np.where(day.load_ratio > 0.002, 1410, 210).tolist()
    uuids = [company.gpu_uuid(day.host.name, index) for index in range(day.host.gpu_count)]
    midnight = period.midnight_ms(offset) // 1000
    limit = f"{day.host.rated_power_watts:.2f} W"
    yield SMI_HEADER
    for slot in range(SLOTS_PER_DAY):
        at = datetime.fromtimestamp(midnight + slot * SLOT_SECONDS, zone)
        for index, uuid in enumerate(uuids):
            power = "[N/A]" if unread[index, slot] else f"{day.power_watts[index, slot]:.2f} W"
            yield (
                f"{at:%Y/%m/%d %H:%M:%S}.{index * 4:03d}, {index}, {uuid}, {day.host.gpu_model}, "
                f"{day.utilization_percent[index, slot]} %, "
                f"{round(55 * day.load_ratio[index, slot])} %, "
                f"{day.memory_used_mib[index, slot]} MiB, {TOTAL_MIB + 361} MiB, {power}, {limit}, "
                f"{day.temperature_celsius[index, slot]}, {clock[index][slot]} MHz"
            )
