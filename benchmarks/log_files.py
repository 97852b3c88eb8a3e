"""Logs of any size: the invented company's, and golden records repeated until there are enough."""

import gzip
import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec

from data.simulator import simulate
from ingest.landing_spans import SPAN_BYTES
from ingest.source import Batch, InputFile, Reject, Source
from ingest.sources import SOURCES

GOLDEN = Path(__file__).parents[1] / "tests" / "golden"
# Days of the company that are repeated; a day of the gateway's log is about 4 MB.
DAYS = 30
SIMULATED = {
    "litellm": "litellm/**/*.gz",
    "vllm": "vllm/h100/*.gz",
    "dcgm_exporter": "dcgm_exporter/h100/*.gz",
    "nvidia_smi": "nvidia_smi/**/*.gz",
}
REPEATED = {
    "openai_bodies": "input.ndjson",
    "openai_batch": "2026-05-04_output.jsonl",
    "anthropic_messages": "2026-05-04.jsonl",
    "claude_code": "session.jsonl",
    "codex": "new.jsonl",
    "otlp_spans": "input.jsonl",
    "bedrock_log": "input.ndjson",
    "vertex_log": "input.ndjson",
    "langfuse": "input.ndjson",
    "helicone": "input.ndjson",
    "sglang_requests": "sglang-request-metrics-20260504_16.log",
}
# What Prometheus stored, series after series: its whole length is read before a time is complete.
STORED = ("dcgm_exporter:answers", "dcgm_exporter:dump")
STORED_METRICS = ("GPU_UTIL", "FB_USED", "FB_FREE", "POWER_USAGE", "GPU_TEMP", "SM_CLOCK")
STORED_GPUS = 64
STORED_BEGIN = 1_780_272_000  # 2026-06-01
STORED_STEP_SECONDS = 15
STORED_POINTS = 11_000  # as many as Prometheus answers with
FORMATS = (*SIMULATED, *REPEATED, *STORED)
STAMP = re.compile(rb" (\d{13})$", re.MULTILINE)
MONTH_MILLISECONDS = DAYS * 86_400_000


def write_log(folder: Path, name: str, megabytes: int) -> Path:
    """Write a log of about this size, decompressed; its path."""
    if name in REPEATED:
        log = folder / REPEATED[name]
        content = _sound_lines(name)
        _fill(log, megabytes, lambda _: content)
        return log
    if name in STORED:
        log = folder / name.replace(":", "-")
        _write_stored(log, megabytes, is_dump=name.endswith("dump"))
        return log
    company = folder / "company"
    if not company.exists():
        simulate(company, days=DAYS)
    paths = sorted((company / "inputs").glob(SIMULATED[name]))
    days = [gzip.decompress(path.read_bytes()) for path in paths]
    if name == "nvidia_smi":  # one header
        days = [days[0], *(day.partition(b"\n")[2] for day in days[1:])]
    content = b"".join(days)
    log = folder / f"{name}.log"
    # A second reading of a series at the same time is one too many: each month has its own times.
    _fill(log, megabytes, lambda turn: _later(content, turn) if name == "vllm" else content)
    return log


def source_of(name: str) -> Source:
    """The source that reads a format; a colon parts its forms."""
    return SOURCES[name.partition(":")[0]]


def input_file(name: str, log: Path) -> InputFile:
    """What a reader gets of a log."""
    name = source_of(name).name
    options = {"time_zone": "UTC", "model_name": "m", "provider_name": "p"}
    return InputFile(
        path=log,
        name=f"{name}/{log.name}",
        instance="a",
        sha256="0" * 64,
        options=options,
    )


def rows_of(name: str, file: InputFile) -> int:
    """How many rows a reader makes of a file, or of a part of one."""
    items = source_of(name).read(file)
    return sum(item.frame.height for item in items if isinstance(item, Batch))


def spans_of(name: str, log: Path) -> list[InputFile]:
    """Parts of a log that end with a line."""
    size, ends = log.stat().st_size, []
    with log.open("rb") as file:
        for place in range(SPAN_BYTES, size, SPAN_BYTES):
            file.seek(place)
            file.readline()
            ends.append(file.tell())
    whole, cuts = input_file(name, log), [0, *ends, size]
    return [
        replace(whole, first_byte=start, first_line=1 + (start > 0), end_byte=end)
        for start, end in itertools.pairwise(cuts)
    ]


def _fill(log: Path, megabytes: int, content_of: Callable[[int], bytes]) -> None:
    with log.open("wb") as file:
        turn = 0
        while file.tell() < megabytes * 10**6:
            file.write(content_of(turn))
            turn += 1


def _write_stored(log: Path, megabytes: int, *, is_dump: bool) -> None:
    """One sample of each series every 15 seconds, for as long as fills the log."""
    series_count = STORED_GPUS * len(STORED_METRICS)
    sample_bytes = 128 if is_dump else 20
    steps = megabytes * 10**6 // (series_count * sample_bytes)
    times = [STORED_BEGIN + step * STORED_STEP_SECONDS for step in range(steps)]
    values = [str(20 + step % 77) for step in range(steps)]
    with log.open("wb") as file:
        for metric, gpu in itertools.product(STORED_METRICS, range(STORED_GPUS)):
            labels = {
                "gpu": str(gpu % 8),
                "UUID": f"GPU-{gpu:08d}-0000-4000-8000-000000000000",
                "Hostname": f"host-{gpu // 8}",
            }
            sample = f"DCGM_FI_DEV_{metric}"
            if is_dump:
                stated = ",".join(f'{key}="{value}"' for key, value in labels.items())
                head = f"{sample}{{{stated}}}"
                pairs = zip(times, values, strict=True)
                file.write("".join(f"{head} {value} {at}000\n" for at, value in pairs).encode())
                continue
            for place in range(0, steps, STORED_POINTS):
                part = slice(place, place + STORED_POINTS)
                found = {
                    "metric": {"__name__": sample, **labels},
                    "values": list(zip(times[part], values[part], strict=True)),
                }
                data = {"resultType": "matrix", "result": [found]}
                answer = {"status": "success", "data": data}
                file.write(msgspec.json.encode(answer) + b"\n")


def _later(content: bytes, months: int) -> bytes:
    return STAMP.sub(lambda m: b" %d" % (int(m[1]) + months * MONTH_MILLISECONDS), content)


def _sound_lines(name: str) -> bytes:
    """Lines of a golden file that are one JSON object each and not rejected."""
    path = GOLDEN / name / REPEATED[name]
    items = SOURCES[name].read(input_file(name, path))
    faulty = {item.line_number for item in items if isinstance(item, Reject)}
    lines = path.read_bytes().splitlines()
    return b"".join(
        line + b"\n"
        for number, line in enumerate(lines, 1)
        if number not in faulty and _is_object(line)
    )


def _is_object(line: bytes) -> bool:
    try:
        msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False
    return True
