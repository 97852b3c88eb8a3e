"""Samples this machine's NVIDIA GPUs into NDJSON that the `nvml` source reads."""

import json
import math
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, Final

import pynvml

from ingest.errors import MeterhouseError
from ingest.formats.nvml_reading import Nvml, Record, error_code, failure, read_gpu, text

NO_GPU_REMEDY: Final = (
    "Run the sampler on a host with an NVIDIA GPU and driver (check: nvidia-smi), in containers "
    "with the NVIDIA runtime. Without one, bring dcgm-exporter or nvidia-smi files instead."
)
SHORTEST_INTERVAL_SECONDS: Final = 0.1


@dataclass(frozen=True, kw_only=True)
class _Gpu:
    index: int
    handle: Any = None
    uuid: str | None = None
    name: str | None = None
    error: Record | None = None  # why it has no handle

    def header(self) -> Record:
        return {
            "gpu_index": self.index,
            "nvmlDeviceGetUUID": self.uuid,
            "nvmlDeviceGetName": self.name,
        }


@dataclass(frozen=True, kw_only=True)
class _Host:
    nvml: Nvml
    name: str
    driver_version: str | None
    gpus: tuple[_Gpu, ...] = field(default=())

    def records(self, sampled_at: datetime) -> Iterator[Record]:
        head = {
            "sampled_at": sampled_at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "host_name": self.name,
            "driver_version": self.driver_version,
        }
        for gpu in self.gpus:
            if gpu.error is not None:
                yield head | gpu.header() | {"error": gpu.error}
                continue
            for record in read_gpu(self.nvml, gpu.handle):
                yield head | gpu.header() | record


def sample_gpus(
    out: Path,
    *,
    interval_seconds: float = 10.0,
    duration_seconds: float | None = None,
    host_name: str | None = None,
    nvml: Nvml = pynvml,
) -> int:
    """Append one line for each GPU and round to `<out>/nvml/<host>/nvml-YYYYMMDD.ndjson` (UTC).

    Runs until the duration is over, or SIGTERM or SIGINT comes; lines are whole in any case.

    Args:
        out: The inputs folder.
        interval_seconds: From the start of one round to the start of the next.
        duration_seconds: None: until stopped. 0: one round.
        host_name: Without it this machine's.
        nvml: The NVML bindings.

    Returns:
        How many lines were written.

    Raises:
        MeterhouseError: No driver, library or GPU; NVML fails while sampling; a parameter that
            cannot be used; the file cannot be written.
    """
    if not (math.isfinite(interval_seconds) and interval_seconds >= SHORTEST_INTERVAL_SECONDS):
        raise MeterhouseError(f"The interval must be {SHORTEST_INTERVAL_SECONDS} seconds or more.")
    name = host_name or socket.gethostname()
    folder = out / "nvml" / re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".")
    with _started(nvml), _stop_signals() as stop:
        try:
            return _rounds(_host(nvml, name), folder, interval_seconds, duration_seconds, stop)
        except nvml.NVMLError as error:
            raise _no_nvml(error) from error
        except OSError as error:
            raise MeterhouseError(f"Cannot write below {folder}: {error.strerror}.") from error


def _rounds(
    host: _Host, folder: Path, interval: float, duration: float | None, stop: threading.Event
) -> int:
    began, round_number, written = time.monotonic(), 0, 0
    while not stop.is_set():
        sampled_at = datetime.now(UTC)
        written += _append(folder / f"nvml-{sampled_at:%Y%m%d}.ndjson", host.records(sampled_at))
        elapsed = time.monotonic() - began
        # A round that took too long skips its successors instead of running after them.
        round_number = max(round_number + 1, math.ceil(elapsed / interval))
        due = round_number * interval
        if duration is not None and due >= duration:
            break
        stop.wait(max(0.0, due - elapsed))
    return written


def _append(path: Path, records: Iterator[Record]) -> int:
    lines = [json.dumps(record, separators=(",", ":")) + "\n" for record in records]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as stream:
        if stream.tell() and not _ends_with_newline(stream):
            stream.write(b"\n")  # a sampler was killed within a line: keep the damage to that line
        stream.write("".join(lines).encode())
    return len(lines)


def _ends_with_newline(stream: Any) -> bool:
    stream.seek(-1, 2)
    return bool(stream.read(1) == b"\n")


def _host(nvml: Nvml, name: str) -> _Host:
    count = nvml.nvmlDeviceGetCount()
    if count == 0:
        raise MeterhouseError("NVML found no GPU on this machine.", NO_GPU_REMEDY)
    return _Host(
        nvml=nvml,
        name=name,
        driver_version=text(nvml.nvmlSystemGetDriverVersion()),
        gpus=tuple(_gpu(nvml, index) for index in range(count)),
    )


def _gpu(nvml: Nvml, index: int) -> _Gpu:
    try:
        handle = nvml.nvmlDeviceGetHandleByIndex(index)
        return _Gpu(
            index=index,
            handle=handle,
            uuid=text(nvml.nvmlDeviceGetUUID(handle)),
            name=text(nvml.nvmlDeviceGetName(handle)),
        )
    except nvml.NVMLError as error:
        return _Gpu(index=index, error=failure(error_code(error)))


@contextmanager
def _started(nvml: Nvml) -> Iterator[None]:
    try:
        nvml.nvmlInit()
    except nvml.NVMLError as error:
        raise _no_nvml(error) from error
    try:
        yield
    finally:
        nvml.nvmlShutdown()


def _no_nvml(error: Exception) -> MeterhouseError:
    reason = failure(error_code(error))["name"]
    return MeterhouseError(f"NVML cannot read this machine's GPUs ({reason}).", NO_GPU_REMEDY)


@contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set. Only the main thread may hear signals."""
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    signals = (signal.SIGTERM, signal.SIGINT)
    former = [signal.signal(number, ask_to_stop) for number in signals]
    try:
        yield stop
    finally:
        for number, handler in zip(signals, former, strict=True):
            signal.signal(number, handler)
