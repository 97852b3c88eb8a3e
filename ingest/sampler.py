"""Samples this machine's NVIDIA GPUs into NDJSON that the `nvml` source reads."""

import json
import math
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
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
LONGEST_PAUSE_SECONDS: Final = 300.0


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

    def with_gpus_found(self) -> "_Host":
        """The same, with those GPUs that had no handle and have one now."""
        if all(gpu.error is None for gpu in self.gpus):
            return self
        found = (gpu if gpu.error is None else _gpu(self.nvml, gpu.index) for gpu in self.gpus)
        return replace(self, gpus=tuple(found))

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
    warn: Callable[[str], None] = lambda _: None,
) -> int:
    """Append one line for each GPU and round to `<out>/nvml/<host>/nvml-YYYYMMDD.ndjson` (UTC).

    Runs until the duration is over, or SIGTERM or SIGINT comes; lines are whole in any case.
    Without a duration a driver that goes away or a disk that is full ends nothing: it is tried
    again after pauses that double, up to five minutes.

    Args:
        out: The inputs folder.
        interval_seconds: From the start of one round to the start of the next.
        duration_seconds: None: until stopped. 0: one round.
        host_name: Without it this machine's.
        nvml: The NVML bindings.
        warn: Called with a line when sampling fails, and when it goes on.

    Returns:
        How many lines were written.

    Raises:
        MeterhouseError: No driver, library or GPU at the start; a parameter that cannot be used;
            with a duration also what fails while sampling.
    """
    if not (math.isfinite(interval_seconds) and interval_seconds >= SHORTEST_INTERVAL_SECONDS):
        raise MeterhouseError(f"The interval must be {SHORTEST_INTERVAL_SECONDS} seconds or more.")
    name = host_name or socket.gethostname()
    folder = out / "nvml" / re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".")
    sampling = _Sampling(nvml, name, folder)
    with _stop_signals() as stop:
        try:
            sampling.open()
            return _rounds(sampling, interval_seconds, duration_seconds, stop, warn)
        finally:
            sampling.close()


class _Sampling:
    """Readings of one host, and NVML, which is opened and may have to be opened again."""

    def __init__(self, nvml: Nvml, host_name: str, folder: Path) -> None:
        self._nvml = nvml
        self._host_name = host_name
        self._folder = folder
        self._host: _Host | None = None

    def open(self) -> None:
        """Find the GPUs, unless they are found."""
        if self._host is not None:
            self._host = self._host.with_gpus_found()
            return
        try:
            self._nvml.nvmlInit()
        except self._nvml.NVMLError as error:
            raise _no_nvml(error) from error
        try:
            self._host = _host(self._nvml, self._host_name)
        except self._nvml.NVMLError as error:
            raise _no_nvml(error) from error
        finally:
            if self._host is None:
                self._shut_down()

    def close(self) -> None:
        """Let go of NVML, if it is held."""
        if self._host is not None:
            self._host = None
            self._shut_down()

    def _shut_down(self) -> None:
        with suppress(self._nvml.NVMLError):  # a driver that is gone has shut down by itself
            self._nvml.nvmlShutdown()

    def append(self, sampled_at: datetime) -> int:
        """Write a round; how many lines.

        Raises:
            MeterhouseError: NVML or the disk fails; NVML is to be opened anew.
        """
        self.open()
        host = self._host
        path = self._folder / f"nvml-{sampled_at:%Y%m%d}.ndjson"
        try:
            return _append(path, host.records(sampled_at)) if host else 0
        except self._nvml.NVMLError as error:
            self.close()
            raise _no_nvml(error) from error
        except OSError as error:
            raise MeterhouseError(
                f"Cannot write below {self._folder}: {error.strerror}."
            ) from error


def _rounds(
    sampling: _Sampling,
    interval: float,
    duration: float | None,
    stop: threading.Event,
    warn: Callable[[str], None],
) -> int:
    began, round_number, written, failures = time.monotonic(), 0, 0, 0
    while not stop.is_set():
        try:
            written += sampling.append(datetime.now(UTC))
        except MeterhouseError as error:
            if duration is not None:
                raise
            pause = min(interval * 2**failures, max(interval, LONGEST_PAUSE_SECONDS))
            failures += 1
            warn(f"{error.lines[0]} Trying again in {pause:g} s.")
            stop.wait(pause)
            continue
        if failures:
            warn("Sampling goes on.")
            failures = 0
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
