"""One reading of a GPU through NVML: every field with its value, or with the error NVML gave."""

# The protocol below repeats NVML's own function names, which NVIDIA documents.
# ruff: noqa: D102, N802

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Protocol

ERROR_NAMES: Final[Mapping[int, str]] = {
    1: "NVML_ERROR_UNINITIALIZED",
    2: "NVML_ERROR_INVALID_ARGUMENT",
    3: "NVML_ERROR_NOT_SUPPORTED",
    4: "NVML_ERROR_NO_PERMISSION",
    6: "NVML_ERROR_NOT_FOUND",
    9: "NVML_ERROR_DRIVER_NOT_LOADED",
    10: "NVML_ERROR_TIMEOUT",
    12: "NVML_ERROR_LIBRARY_NOT_FOUND",
    13: "NVML_ERROR_FUNCTION_NOT_FOUND",
    15: "NVML_ERROR_GPU_IS_LOST",
    16: "NVML_ERROR_RESET_REQUIRED",
    18: "NVML_ERROR_LIB_RM_VERSION_MISMATCH",
    21: "NVML_ERROR_NO_DATA",
    25: "NVML_ERROR_ARGUMENT_VERSION_MISMATCH",
    999: "NVML_ERROR_UNKNOWN",
}
SAMPLER_ERRORS: Final = {1, 9, 12}  # no GPU can be read any more
DEVICE_ERRORS: Final = {15, 16}  # this GPU cannot be read any more

# nvml.h; numbers, because the names came into the Python module over several releases.
MEMORY_V2: Final = 0x02000028
TEMPERATURE_SENSOR: Final = 0
SM_CLOCK, MEMORY_CLOCK = 1, 2
FIELDS: Final = (82, 185, 186)  # memory temperature in C, average and instant power in mW
FIELD_MEMBERS: Final = ("dVal", "uiVal", "ulVal", "ullVal", "sllVal", "siVal", "usVal")
MIG_ENABLED: Final = 1

Record = dict[str, Any]


class Nvml(Protocol):
    """The part of nvidia-ml-py's `pynvml` that is used here; handles are opaque."""

    NVMLError: type[Exception]

    def nvmlInit(self) -> None: ...
    def nvmlShutdown(self) -> None: ...
    def nvmlSystemGetDriverVersion(self) -> str | bytes: ...
    def nvmlDeviceGetCount(self) -> int: ...
    def nvmlDeviceGetHandleByIndex(self, index: int) -> Any: ...
    def nvmlDeviceGetUUID(self, handle: Any) -> str | bytes: ...
    def nvmlDeviceGetName(self, handle: Any) -> str | bytes: ...
    def nvmlDeviceGetUtilizationRates(self, handle: Any) -> Any: ...
    def nvmlDeviceGetMemoryInfo(self, handle: Any, version: int) -> Any: ...
    def nvmlDeviceGetPowerUsage(self, handle: Any) -> int: ...
    def nvmlDeviceGetEnforcedPowerLimit(self, handle: Any) -> int: ...
    def nvmlDeviceGetTotalEnergyConsumption(self, handle: Any) -> int: ...
    def nvmlDeviceGetTemperature(self, handle: Any, sensor: int) -> int: ...
    def nvmlDeviceGetClockInfo(self, handle: Any, clock: int) -> int: ...
    def nvmlDeviceGetFieldValues(self, handle: Any, fields: list[int]) -> Any: ...
    def nvmlDeviceGetMigMode(self, handle: Any) -> list[int]: ...
    def nvmlDeviceGetMaxMigDeviceCount(self, handle: Any) -> int: ...
    def nvmlDeviceGetMigDeviceHandleByIndex(self, handle: Any, index: int) -> Any: ...
    def nvmlDeviceGetGpuInstanceId(self, handle: Any) -> int: ...
    def nvmlDeviceGetComputeInstanceId(self, handle: Any) -> int: ...


def error_code(error: Exception) -> int:
    """NVML's number of an error."""
    return int(getattr(error, "value", 999))


def failure(code: int) -> Record:
    """How an error stands in a record."""
    return {"error": code, "name": ERROR_NAMES.get(code, f"NVML_ERROR_{code}")}


def text(value: str | bytes) -> str:
    """Old releases give bytes."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def read_gpu(nvml: Nvml, handle: Any) -> Iterator[Record]:
    """Read a GPU and, where it is partitioned, its MIG instances.

    Yields:
        One record for the GPU and one for each MIG instance. Keys are NVML's function names, with
        the unit where it is not a byte or a percent; a field that NVML refused holds
        {"error": code, "name": ...}. A GPU that is lost has the key `error` and no fields.

    Raises:
        nvml.NVMLError: NVML itself is gone.
    """
    record: Record = {}
    try:
        for name, call in _fields(nvml, handle).items():
            record[name] = _attempt(nvml, call)
    except nvml.NVMLError as error:
        if error_code(error) not in DEVICE_ERRORS:
            raise
        yield {"error": failure(error_code(error))}
        return
    yield record
    mode = record["nvmlDeviceGetMigMode"]
    if isinstance(mode, list) and mode[0] == MIG_ENABLED:
        yield from _mig_instances(nvml, handle)


def _fields(nvml: Nvml, handle: Any) -> dict[str, Callable[[], Any]]:
    return {
        "nvmlDeviceGetUtilizationRates": lambda: _members(
            nvml.nvmlDeviceGetUtilizationRates(handle), "gpu", "memory"
        ),
        "nvmlDeviceGetMemoryInfo_v2": lambda: _memory(nvml, handle),
        "nvmlDeviceGetPowerUsage_mW": lambda: nvml.nvmlDeviceGetPowerUsage(handle),
        "nvmlDeviceGetEnforcedPowerLimit_mW": lambda: nvml.nvmlDeviceGetEnforcedPowerLimit(handle),
        "nvmlDeviceGetTotalEnergyConsumption_mJ": lambda: nvml.nvmlDeviceGetTotalEnergyConsumption(
            handle
        ),
        "nvmlDeviceGetTemperature_C": lambda: nvml.nvmlDeviceGetTemperature(
            handle, TEMPERATURE_SENSOR
        ),
        "nvmlDeviceGetClockInfo_SM_MHz": lambda: nvml.nvmlDeviceGetClockInfo(handle, SM_CLOCK),
        "nvmlDeviceGetClockInfo_MEM_MHz": lambda: nvml.nvmlDeviceGetClockInfo(handle, MEMORY_CLOCK),
        "nvmlDeviceGetFieldValues": lambda: _field_values(nvml, handle),
        "nvmlDeviceGetMigMode": lambda: list(nvml.nvmlDeviceGetMigMode(handle)),
    }


def _attempt(nvml: Nvml, call: Callable[[], Any]) -> Any:
    try:
        return call()
    except nvml.NVMLError as error:
        if error_code(error) in SAMPLER_ERRORS | DEVICE_ERRORS:
            raise
        return failure(error_code(error))


def _members(value: Any, *names: str) -> Record:
    return {name: int(getattr(value, name)) for name in names}


def _memory(nvml: Nvml, handle: Any) -> Record:
    memory = nvml.nvmlDeviceGetMemoryInfo(handle, MEMORY_V2)
    return _members(memory, "total", "reserved", "free", "used")


def _field_values(nvml: Nvml, handle: Any) -> Record:
    """Each field has its own return code and says which member of the union holds its value."""
    return {
        str(int(found.fieldId)): failure(int(found.nvmlReturn))
        if found.nvmlReturn
        else getattr(found.value, FIELD_MEMBERS[int(found.valueType)])
        for found in nvml.nvmlDeviceGetFieldValues(handle, list(FIELDS))
    }


def _mig_instances(nvml: Nvml, handle: Any) -> Iterator[Record]:
    count = _attempt(nvml, lambda: nvml.nvmlDeviceGetMaxMigDeviceCount(handle))
    for index in range(count if isinstance(count, int) else 0):
        try:
            mig = nvml.nvmlDeviceGetMigDeviceHandleByIndex(handle, index)
        except nvml.NVMLError as error:
            if error_code(error) in SAMPLER_ERRORS:
                raise
            continue  # an empty slot
        yield _mig_instance(nvml, mig)


def _mig_instance(nvml: Nvml, mig: Any) -> Record:
    calls: dict[str, Callable[[], Any]] = {
        "nvmlDeviceGetMigUUID": lambda: text(nvml.nvmlDeviceGetUUID(mig)),
        "nvmlDeviceGetMigName": lambda: text(nvml.nvmlDeviceGetName(mig)),
        "nvmlDeviceGetGpuInstanceId": lambda: nvml.nvmlDeviceGetGpuInstanceId(mig),
        "nvmlDeviceGetComputeInstanceId": lambda: nvml.nvmlDeviceGetComputeInstanceId(mig),
        "nvmlDeviceGetMemoryInfo_v2": lambda: _memory(nvml, mig),
    }
    return {name: _attempt(nvml, call) for name, call in calls.items()}
