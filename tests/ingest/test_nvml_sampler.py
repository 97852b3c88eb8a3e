"""The sampler: one clear error without a GPU, whole lines always, lost GPUs that harm no others.

`MemoryNvml` is a hand-written NVML that lives in memory, because reading a lost or partitioned GPU
cannot be had on demand. The real library is proved by the test without a driver and, where there
is a GPU, by the last test.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pynvml
import pytest

from ingest.errors import MeterhouseError
from ingest.sampler import sample_gpus
from ingest.source import Batch, InputFile
from ingest.sources.nvml import SOURCE

REPOSITORY = Path(__file__).parents[2]


class RefusedError(Exception):
    def __init__(self, value: int) -> None:
        super().__init__(value)
        self.value = value


def has_gpu() -> bool:
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return False
    count = pynvml.nvmlDeviceGetCount()
    pynvml.nvmlShutdown()
    return bool(count)


class MemoryNvml:
    """GPUs by index: a dictionary of function name to its value, or to an error number."""

    NVMLError: type[Exception] = RefusedError

    def __init__(self, *gpus: dict[str, Any]) -> None:
        self.gpus = gpus
        self.is_open = False

    def nvmlInit(self) -> None:  # noqa: N802
        self.is_open = True

    def nvmlShutdown(self) -> None:  # noqa: N802
        self.is_open = False

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return len(self.gpus)

    def nvmlSystemGetDriverVersion(self) -> bytes:  # noqa: N802
        return b"570.133.20"

    def nvmlDeviceGetHandleByIndex(self, index: int) -> dict[str, Any]:  # noqa: N802
        if "unreachable" in self.gpus[index]:
            raise RefusedError(self.gpus[index]["unreachable"])
        return self.gpus[index]

    def nvmlDeviceGetMigDeviceHandleByIndex(self, gpu: Any, index: int) -> Any:  # noqa: N802
        if gpu["slots"][index] is None:
            raise RefusedError(6)
        return gpu["slots"][index]

    def __getattr__(self, name: str) -> Any:
        def call(handle: dict[str, Any], *_arguments: Any) -> Any:
            value = handle.get(name, 3)
            if isinstance(value, int) and name not in handle:
                raise RefusedError(value)
            if isinstance(value, RefusedError):
                raise value
            return value

        return call


def gpu(uuid: str, **calls: Any) -> dict[str, Any]:
    return {
        "nvmlDeviceGetUUID": uuid.encode(),
        "nvmlDeviceGetName": b"NVIDIA H100",
        "nvmlDeviceGetUtilizationRates": SimpleNamespace(gpu=93, memory=61),
        "nvmlDeviceGetMemoryInfo": SimpleNamespace(total=100, reserved=1, free=9, used=90),
        "nvmlDeviceGetPowerUsage": 612_340,
        "nvmlDeviceGetTotalEnergyConsumption": 5_231_844_712_331,
        "nvmlDeviceGetMigMode": [0, 0],
        **calls,
    }


def records(folder: Path) -> list[dict[str, Any]]:
    (path,) = folder.glob("nvml/*/nvml-*.ndjson")
    return [json.loads(line) for line in path.read_text().splitlines()]


def sampled(folder: Path, *gpus: dict[str, Any]) -> list[dict[str, Any]]:
    sample_gpus(folder, duration_seconds=0, host_name="node-a", nvml=MemoryNvml(*gpus))
    return records(folder)


def landed(folder: Path) -> list[dict[str, Any]]:
    (path,) = folder.glob("nvml/*/nvml-*.ndjson")
    file = InputFile(path=path, name=f"nvml/{path.name}", instance="node-a", sha256="0" * 64)
    return [
        row for one in SOURCE.read(file) if isinstance(one, Batch) for row in one.frame.to_dicts()
    ]


@pytest.mark.skipif(has_gpu(), reason="this machine has a GPU: the error cannot be provoked")
def test_without_driver_the_real_library_gives_one_clear_error_and_no_file(tmp_path: Path) -> None:
    with pytest.raises(MeterhouseError, match="NVML") as error:
        sample_gpus(tmp_path, duration_seconds=0)
    assert len(error.value.lines) == 2
    assert "nvidia-smi" in error.value.lines[1]
    assert list(tmp_path.iterdir()) == []


def test_a_machine_with_a_driver_and_no_gpu_gives_one_clear_error(tmp_path: Path) -> None:
    nvml = MemoryNvml()
    with pytest.raises(MeterhouseError, match="no GPU"):
        sample_gpus(tmp_path, duration_seconds=0, nvml=nvml)
    assert not nvml.is_open


def test_a_reading_keeps_nvmls_units_and_the_error_of_each_refused_field(tmp_path: Path) -> None:
    fields = [
        SimpleNamespace(fieldId=82, nvmlReturn=0, valueType=1, value=SimpleNamespace(uiVal=71)),
        SimpleNamespace(fieldId=185, nvmlReturn=3, valueType=0, value=None),
    ]
    refused = {"nvmlDeviceGetPowerUsage": RefusedError(4), "nvmlDeviceGetFieldValues": fields}
    (record,) = sampled(tmp_path, gpu("GPU-a", **refused))
    assert record["nvmlDeviceGetUUID"] == "GPU-a"
    assert record["driver_version"] == "570.133.20"
    assert record["nvmlDeviceGetTotalEnergyConsumption_mJ"] == 5_231_844_712_331
    assert record["nvmlDeviceGetPowerUsage_mW"] == {"error": 4, "name": "NVML_ERROR_NO_PERMISSION"}
    assert record["nvmlDeviceGetTemperature_C"]["name"] == "NVML_ERROR_NOT_SUPPORTED"
    assert record["nvmlDeviceGetFieldValues"]["82"] == 71
    assert record["nvmlDeviceGetFieldValues"]["185"]["error"] == 3


@pytest.mark.parametrize("code", [15, 16])
def test_a_lost_gpu_does_not_stop_the_others(tmp_path: Path, code: int) -> None:
    lost = gpu("GPU-a", nvmlDeviceGetPowerUsage=RefusedError(code))
    found = sampled(tmp_path, lost, {"unreachable": code}, gpu("GPU-c"))
    assert [record.get("error", {}).get("error") for record in found] == [code, code, None]
    assert [record["gpu_index"] for record in found] == [0, 1, 2]
    assert {row["gpu_uuid"]: row["power_watts"] for row in landed(tmp_path)} == {
        "GPU-a": None,
        "GPU-c": 612.34,
    }


def test_mig_instances_are_lines_of_their_own_and_empty_slots_are_passed(tmp_path: Path) -> None:
    instance = {
        "nvmlDeviceGetUUID": "MIG-1",
        "nvmlDeviceGetName": "NVIDIA A100 MIG 1g.5gb",
        "nvmlDeviceGetGpuInstanceId": 7,
        "nvmlDeviceGetComputeInstanceId": 0,
        "nvmlDeviceGetMemoryInfo": SimpleNamespace(total=50, reserved=0, free=40, used=10),
    }
    split = {"nvmlDeviceGetMigMode": [1, 1], "nvmlDeviceGetMaxMigDeviceCount": 2}
    sampled(tmp_path, gpu("GPU-a", slots=[None, instance], **split))
    rows = landed(tmp_path)
    assert [(row["mig_instance_id"], row["memory_used_bytes"]) for row in rows] == [
        (None, 90),
        ("7", 10),
    ]
    assert [row["gpu_utilization_ratio"] for row in rows] == [None, None]


@pytest.mark.parametrize("code", [1, 9])
def test_a_driver_that_goes_away_ends_a_bounded_sampler_with_one_error(
    tmp_path: Path, code: int
) -> None:
    nvml = MemoryNvml(gpu("GPU-a", nvmlDeviceGetPowerUsage=RefusedError(code)))
    with pytest.raises(MeterhouseError, match="cannot read"):
        sample_gpus(tmp_path, duration_seconds=5, nvml=nvml)
    assert not nvml.is_open


class ComingBack(MemoryNvml):
    """Its driver is gone after the first round and comes back after some tries; then all stops."""

    def __init__(self, *gpus: dict[str, Any], tries: int) -> None:
        super().__init__(*gpus)
        self.tries_left = tries
        self.pid = os.getpid()
        self.rounds = 0

    def nvmlInit(self) -> None:  # noqa: N802
        if self.rounds and self.tries_left:
            self.tries_left -= 1
            raise RefusedError(9)
        super().nvmlInit()

    def nvmlDeviceGetPowerUsage(self, handle: dict[str, Any]) -> int:  # noqa: N802
        self.rounds += 1
        if self.rounds == 2:
            raise RefusedError(9)
        if self.rounds == 4:
            os.kill(self.pid, signal.SIGTERM)
        return int(handle["nvmlDeviceGetPowerUsage"])


def test_a_driver_that_comes_back_is_sampled_again_after_growing_pauses(tmp_path: Path) -> None:
    nvml, lines = ComingBack(gpu("GPU-a"), tries=2), list[str]()
    written = sample_gpus(tmp_path, interval_seconds=0.1, nvml=nvml, warn=lines.append)
    assert written == len(records(tmp_path)) == 3
    pauses = [line.partition("Trying again in ")[2] for line in lines[:-1]]
    assert pauses == ["0.1 s.", "0.2 s.", "0.4 s."]
    assert lines[-1] == "Sampling goes on."
    assert not nvml.is_open


def test_a_full_disk_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "nvml").write_text("in the way")
    lines: list[str] = []

    def warn(line: str) -> None:
        lines.append(line)
        if (tmp_path / "nvml").is_file():
            (tmp_path / "nvml").unlink()

    nvml = ComingBack(gpu("GPU-a"), tries=0)
    sample_gpus(tmp_path, interval_seconds=0.1, nvml=nvml, warn=warn)
    assert lines[0].startswith("Cannot write below ")
    assert records(tmp_path)


def test_a_gpu_that_is_found_later_is_sampled_from_then_on(tmp_path: Path) -> None:
    nvml = MemoryNvml(gpu("GPU-a"), gpu("GPU-b", unreachable=15))
    found_late = MemoryNvml.nvmlDeviceGetHandleByIndex

    class Late(MemoryNvml):
        tries = 0

        def nvmlDeviceGetHandleByIndex(self, index: int) -> dict[str, Any]:  # noqa: N802
            self.tries += index
            if self.tries == 2:
                self.gpus[1].pop("unreachable", None)
            return found_late(self, index)

    nvml = Late(*nvml.gpus)
    sample_gpus(tmp_path, interval_seconds=0.1, duration_seconds=0.15, nvml=nvml)
    second = [record for record in records(tmp_path) if record["gpu_index"] == 1]
    assert [record["nvmlDeviceGetUUID"] for record in second][-1] == "GPU-b"


def test_a_line_cut_by_a_killed_sampler_does_not_spoil_the_next_one(tmp_path: Path) -> None:
    sampled(tmp_path, gpu("GPU-a"))
    (path,) = tmp_path.glob("nvml/node-a/*.ndjson")
    path.write_bytes(path.read_bytes()[:-40])
    sample_gpus(tmp_path, duration_seconds=0, host_name="node-a", nvml=MemoryNvml(gpu("GPU-b")))
    assert [row["gpu_uuid"] for row in landed(tmp_path)] == ["GPU-b"]


def test_rounds_keep_to_the_interval_until_the_duration_is_over(tmp_path: Path) -> None:
    began = time.monotonic()
    written = sample_gpus(
        tmp_path, interval_seconds=0.1, duration_seconds=0.35, nvml=MemoryNvml(gpu("GPU-a"))
    )
    assert written == len(records(tmp_path)) == 4
    assert 0.25 < time.monotonic() - began < 3


@pytest.mark.parametrize("interval", [0.0, -1.0, float("nan"), float("inf")])
def test_an_interval_that_cannot_be_is_refused(tmp_path: Path, interval: float) -> None:
    with pytest.raises(MeterhouseError, match="interval"):
        sample_gpus(tmp_path, interval_seconds=interval, nvml=MemoryNvml(gpu("GPU-a")))


def test_a_host_name_cannot_lead_out_of_the_inputs_folder(tmp_path: Path) -> None:
    sample_gpus(tmp_path, duration_seconds=0, host_name="../../x", nvml=MemoryNvml(gpu("GPU-a")))
    assert [path.parts[-3] for path in tmp_path.rglob("*.ndjson")] == ["nvml"]


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_sampler_at_once_with_whole_lines(tmp_path: Path, stop: int) -> None:
    program = (
        "import sys; from pathlib import Path; from test_nvml_sampler import MemoryNvml, gpu;"
        "from ingest.sampler import sample_gpus;"
        "print(sample_gpus(Path(sys.argv[1]), interval_seconds=60, nvml=MemoryNvml(gpu('GPU-a'))))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{Path(__file__).parent}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 20
    while not list(tmp_path.rglob("*.ndjson")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(stop)
    output, _ = process.communicate(timeout=10)
    assert (process.returncode, output) == (0, "1\n")
    assert len(records(tmp_path)) == 1


@pytest.mark.skipif(not has_gpu(), reason="NVML finds no GPU on this machine")
def test_a_real_gpu_is_sampled_and_its_readings_are_plausible(tmp_path: Path) -> None:
    sample_gpus(tmp_path, duration_seconds=0)
    rows = landed(tmp_path)
    assert rows
    for row in rows:
        assert row["gpu_uuid"].startswith("GPU-")
        assert 0 < row["memory_total_bytes"] < 2**40
        assert row["power_watts"] is None or 0 <= row["power_watts"] < 3000
