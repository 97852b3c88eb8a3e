"""NDJSON of `meterhouse sample-gpus`: raw NVML readings, one GPU or MIG instance a line."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any, Final

import msgspec
import polars as pl

from ingest.formats.gpu import NOT_UNDER_MIG, canonical_uuid
from ingest.formats.nvml_reading import ERROR_NAMES, MIG_ENABLED
from ingest.growing import whole_lines
from ingest.schema import GPU_SAMPLES
from ingest.source import Batch, InputFile, Reject, Source
from ingest.times import TimestampError, parse_utc

BATCH_ROWS: Final = 20_000
MIG_PROFILE: Final = re.compile(r"\bMIG (\S+)")  # "NVIDIA A100-SXM4-40GB MIG 1g.5gb"


class Reading(msgspec.Struct, omit_defaults=True):
    """A line; a field holds a value, or {"error": code, "name": ...}, or is absent."""

    sampled_at: str
    host_name: str
    gpu_index: int
    driver_version: str | None = None
    uuid: str | None = msgspec.field(name="nvmlDeviceGetUUID", default=None)
    name: str | None = msgspec.field(name="nvmlDeviceGetName", default=None)
    error: dict[str, Any] | None = None  # the GPU is lost
    utilization: dict[str, Any] = msgspec.field(
        name="nvmlDeviceGetUtilizationRates", default_factory=dict
    )
    memory: dict[str, Any] = msgspec.field(name="nvmlDeviceGetMemoryInfo_v2", default_factory=dict)
    fields: dict[str, Any] = msgspec.field(name="nvmlDeviceGetFieldValues", default_factory=dict)
    power: Any = msgspec.field(name="nvmlDeviceGetPowerUsage_mW", default=None)
    power_limit: Any = msgspec.field(name="nvmlDeviceGetEnforcedPowerLimit_mW", default=None)
    energy: Any = msgspec.field(name="nvmlDeviceGetTotalEnergyConsumption_mJ", default=None)
    temperature: Any = msgspec.field(name="nvmlDeviceGetTemperature_C", default=None)
    sm_clock: Any = msgspec.field(name="nvmlDeviceGetClockInfo_SM_MHz", default=None)
    memory_clock: Any = msgspec.field(name="nvmlDeviceGetClockInfo_MEM_MHz", default=None)
    mig_mode: Any = msgspec.field(name="nvmlDeviceGetMigMode", default=None)
    mig_name: Any = msgspec.field(name="nvmlDeviceGetMigName", default=None)
    gpu_instance: Any = msgspec.field(name="nvmlDeviceGetGpuInstanceId", default=None)
    compute_instance: Any = msgspec.field(name="nvmlDeviceGetComputeInstanceId", default=None)


_decoder = msgspec.json.Decoder(Reading)


def _measurements(reading: Reading) -> dict[str, Any]:
    """Raw value or error by canonical column, in NVML's unit."""
    utilization, memory, fields = reading.utilization, reading.memory, reading.fields
    average = fields.get("185")
    return {
        "gpu_utilization_ratio": _member(utilization, "gpu"),
        "memory_copy_utilization_ratio": _member(utilization, "memory"),
        "memory_used_bytes": _member(memory, "used"),
        "memory_reserved_bytes": _member(memory, "reserved"),
        "memory_free_bytes": _member(memory, "free"),
        "memory_total_bytes": _member(memory, "total"),
        "power_watts": average if _is_value(average) else reading.power,
        "power_limit_watts": reading.power_limit,
        "energy_joules_total": reading.energy,
        "gpu_temperature_celsius": reading.temperature,
        "memory_temperature_celsius": _member(fields, "82"),
        "sm_clock_mhz": reading.sm_clock,
        "memory_clock_mhz": reading.memory_clock,
    }


DIVISORS: Final[Mapping[str, int]] = {
    "gpu_utilization_ratio": 100,
    "memory_copy_utilization_ratio": 100,
    "power_watts": 1000,
    "power_limit_watts": 1000,
}


def _is_value(raw: object) -> bool:
    return isinstance(raw, int | float)


def _member(raw: Mapping[str, Any], name: str) -> Any:
    """A member of a structure, or the error that NVML gave instead of the structure."""
    return raw if "error" in raw else raw.get(name)


def _reason(raw: Mapping[str, Any]) -> str:
    """not_supported, no_permission, gpu_is_lost, ..."""
    code = raw.get("error")
    name = ERROR_NAMES.get(code, "unknown") if isinstance(code, int) else "unknown"
    return name.removeprefix("NVML_ERROR_").lower()


def _converted(column: str, raw: Any) -> int | float | Decimal | None:
    if not isinstance(raw, int | float):
        return None
    if column == "energy_joules_total":
        return Decimal(raw) / 1000
    return raw / DIVISORS[column] if column in DIVISORS else raw


def _row(number: int, reading: Reading) -> dict[str, Any]:
    """A gpu_samples row.

    Raises:
        TimestampError: The line has no UTC time.
    """
    measured = _measurements(reading)
    reasons = {name: _reason(raw) for name, raw in measured.items() if isinstance(raw, dict)}
    if reading.error is not None:
        reasons = dict.fromkeys(measured, _reason(reading.error))
    is_instance = _is_value(reading.gpu_instance)
    if is_instance or (isinstance(reading.mig_mode, list) and reading.mig_mode[0] == MIG_ENABLED):
        measured |= dict.fromkeys(NOT_UNDER_MIG)
        reasons |= dict.fromkeys(NOT_UNDER_MIG, "mig")
    kind = "average" if _is_value(reading.fields.get("185")) else "unknown"
    return {
        "line_number": number,
        "sampled_at": parse_utc(reading.sampled_at, None),
        "host_name": reading.host_name,
        "gpu_uuid": canonical_uuid(reading.uuid or ""),
        "gpu_index": reading.gpu_index,
        "gpu_model": reading.name,
        "driver_version": reading.driver_version,
        "mig_profile": _mig_profile(reading),
        "mig_instance_id": _mig_instance_id(reading) if is_instance else None,
        **{name: _converted(name, raw) for name, raw in measured.items()},
        "power_kind": kind if _is_value(measured["power_watts"]) else None,
        "null_reasons": msgspec.json.encode(reasons, order="sorted").decode() if reasons else None,
    }


def _mig_profile(reading: Reading) -> str | None:
    found = MIG_PROFILE.search(reading.mig_name) if isinstance(reading.mig_name, str) else None
    return found and found[1]


def _mig_instance_id(reading: Reading) -> str:
    """As dcgm-exporter: the GPU instance; further compute instances in it are told apart."""
    compute = reading.compute_instance if _is_value(reading.compute_instance) else 0
    return f"{reading.gpu_instance}/{compute}" if compute else str(reading.gpu_instance)


def _translated(number: int, line: bytes) -> dict[str, Any] | Reject:
    try:
        reading = _decoder.decode(line)
        if reading.uuid is None:
            return _rejected(number, "gpu_unreachable", "NVML could not tell which GPU this is")
        return _row(number, reading)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _rejected(number, "bad_json", "not a reading of `meterhouse sample-gpus`, or cut")
    except TimestampError as error:
        return error.reject(number, "sampled_at")


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate readings of `meterhouse sample-gpus` into gpu_samples.

    Yields:
        gpu_samples in batches, and rejects with line numbers. A GPU that was lost is a row whose
        measurements are NULL with that reason.
    """
    rows = whole_lines(file)
    while block := list(islice(rows, BATCH_ROWS)):
        good: list[dict[str, Any]] = []
        for row in block:
            found = row if isinstance(row, Reject) else _translated(*row)
            if isinstance(found, Reject):
                yield found
            else:
                good.append(found)
        if good:
            schema = {name: GPU_SAMPLES[name] for name in good[0]}
            yield Batch(table="gpu_samples", frame=pl.DataFrame(good, schema=schema, strict=False))


def _rejected(number: int, code: str, message: str) -> Reject:
    return Reject(
        line_number=number,
        column_name=None,
        reason_code=code,
        message=message,
        remedy="run nvidia-smi on the host; a line cut by a killed sampler cannot be mended",
    )


SOURCE = Source(
    name="nvml",
    role="telemetry",
    tables=("gpu_samples",),
    version=1,
    description="`meterhouse sample-gpus`: NVML readings of a host's own GPUs",
    docs="https://docs.nvidia.com/deploy/nvml-api/",
    record_lines=True,
    read=read,
)
