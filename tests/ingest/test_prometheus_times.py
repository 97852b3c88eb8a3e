"""Samples in any order of time: a file too long to be held gives the rows of one that is held."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from reader_trials import read_all

from ingest.formats.prometheus_samples import LONG_SCHEMA, Readings, Samples
from ingest.formats.prometheus_times import whole_readings
from ingest.sources.dcgm_exporter import SOURCE

BEGIN = 1_780_272_000  # 2026-06-01
MINUTES = 60
METRICS = ("GPU_TEMP", "POWER_USAGE", "SM_CLOCK")
GPUS = ("GPU-a", "GPU-b")

Sample = tuple[str, str, int, str]  # metric, GPU, unix seconds, value


def stored() -> list[Sample]:
    """Series after series, two samples a minute; one contradicts itself, one is no number."""
    samples = [
        (metric, gpu, BEGIN + 30 * half, str(half))
        for metric in METRICS
        for gpu in GPUS
        for half in range(2 * MINUTES)
    ]
    samples.append(("GPU_TEMP", "GPU-a", BEGIN + 600, "99"))
    samples.append(("GPU_TEMP", "GPU-b", BEGIN + 615, "hot"))
    return samples


def dump(samples: list[Sample]) -> str:
    return "".join(
        f'DCGM_FI_DEV_{metric}{{UUID="{gpu}",Hostname="h"}} {value} {at}000\n'
        for metric, gpu, at, value in samples
    )


def answers(samples: list[Sample]) -> str:
    """One answer for each metric; pretty-printed, so that each takes many lines."""
    documents = []
    for metric in METRICS:
        result = [
            {
                "metric": {"__name__": f"DCGM_FI_DEV_{metric}", "UUID": gpu, "Hostname": "h"},
                "values": [
                    [at, value]
                    for its_metric, its_gpu, at, value in samples
                    if (its_metric, its_gpu) == (metric, gpu)
                ],
            }
            for gpu in GPUS
        ]
        data: dict[str, Any] = {"resultType": "matrix", "result": result}
        documents.append(json.dumps({"status": "success", "data": data}, indent=1))
    return "\n".join(documents)


@pytest.mark.parametrize("write", [dump, answers])
def test_rows_do_not_depend_on_how_much_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[list[Sample]], str]
) -> None:
    path = tmp_path / "stored.txt"
    path.write_text(write(stored()))
    whole, rejects = read_all(SOURCE, path)
    assert whole["gpu_samples"].height == 2 * MINUTES * len(GPUS)
    assert {one.reason_code for one in rejects} == {"conflicting_reading", "bad_value"}

    monkeypatch.setattr("ingest.formats.prometheus_text.BATCH_SAMPLES", 50)
    monkeypatch.setattr("ingest.formats.prometheus_api.BATCH_SAMPLES", 50)
    monkeypatch.setattr("ingest.formats.prometheus_times.HELD_SAMPLES", 200)
    monkeypatch.setattr("ingest.formats.prometheus_times.READING_SAMPLES", 60)
    in_stretches, same_rejects = read_all(SOURCE, path)
    monkeypatch.undo()
    for table, frame in whole.items():
        assert_frame_equal(in_stretches[table], frame)
    assert {(one.line_number, one.reason_code) for one in same_rejects} == {
        (one.line_number, one.reason_code) for one in rejects
    }
    assert len(same_rejects) == len(rejects)


def test_a_file_is_read_again_for_each_part_of_it_that_fits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ingest.formats.prometheus_times.HELD_SAMPLES", 200)
    monkeypatch.setattr("ingest.formats.prometheus_times.READING_SAMPLES", 60)
    times = pl.Series(range(600), dtype=pl.Int64) * 10_000_000  # six a minute
    frame = pl.DataFrame({"series_id": 0, "sampled_at": times, "value": "1", "line_number": 1})
    frame = frame.cast(LONG_SCHEMA)  # type: ignore[arg-type]
    begun = []

    def read() -> Iterator[Samples]:
        begun.append(1)
        yield from (Samples(frame=part, is_whole=False) for part in frame.iter_slices(50))

    heights = [one.frame.height for one in whole_readings(read, []) if isinstance(one, Readings)]
    assert heights == [60] * 10
    assert len(begun) == 1 + 4  # of 180, 180, 180 and 60


def test_an_answer_with_one_broken_series_keeps_the_others(tmp_path: Path) -> None:
    document = json.loads(answers(stored()).partition("\n}\n{")[0] + "\n}")
    document["data"]["result"][0]["values"] = [{"time": BEGIN}]
    path = tmp_path / "answers.json"
    path.write_text(json.dumps(document))
    tables, rejects = read_all(SOURCE, path)
    assert tables["gpu_samples"]["gpu_uuid"].unique().to_list() == ["GPU-b"]
    assert [(one.line_number, one.reason_code) for one in rejects if "series" in one.message] == [
        (1, "bad_json")
    ]
