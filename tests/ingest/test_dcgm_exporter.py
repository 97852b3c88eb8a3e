"""dcgm-exporter: one physical reading each, whoever uses the GPU and however it is partitioned."""

# Times in this project are naive UTC.
# ruff: noqa: DTZ001

import json
from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.schema import conform
from ingest.source import Batch, InputFile, Reject
from ingest.sources.dcgm_exporter import SOURCE

GOLDEN = Path(__file__).parents[1] / "golden" / "dcgm_exporter"
Tables = dict[str, list[dict[str, Any]]]
NOON = "# scraped_at 2026-06-01T12:00:00Z\n"


def read(path: Path, **options: str) -> tuple[Tables, list[Reject]]:
    file = InputFile(
        path=path, name=f"dcgm/{path.name}", instance="rack", sha256="0" * 64, options=options
    )
    tables: Tables = defaultdict(list)
    rejects = []
    for one in SOURCE.read(file):
        if isinstance(one, Batch):
            tables[one.table] += conform(one.frame, one.table).to_dicts()
        else:
            rejects.append(one)
    return tables, rejects


def read_text(folder: Path, text: str, name: str = "m.prom") -> tuple[Tables, list[Reject]]:
    (folder / name).write_text(text)
    return read(folder / name)


def reported(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def answer(metric: dict[str, str], values: list[Any], kind: str = "matrix") -> str:
    key = "values" if kind == "matrix" else "value"
    data = {"resultType": kind, "result": [{"metric": metric, key: values}]}
    return json.dumps({"status": "success", "data": data})


def test_percent_mebibytes_and_millijoules_become_canonical_units() -> None:
    tables, rejects = read(GOLDEN / "scrape-20260601T000000Z.prom")
    assert rejects == []
    assert reported(tables["gpu_samples"][0]) == {
        "sampled_at": datetime(2026, 6, 1),
        "host_name": "node-a",
        "gpu_uuid": "GPU-aaaa",
        "gpu_index": 0,
        "gpu_model": "NVIDIA H100 80GB HBM3",
        "driver_version": "570.133.20",
        "gpu_utilization_ratio": 0.93,
        "memory_copy_utilization_ratio": 0.61,
        "tensor_active_ratio": 0.4021,
        "memory_used_bytes": 71234 * 2**20,
        "memory_free_bytes": 9789 * 2**20,
        "memory_reserved_bytes": 536 * 2**20,
        "memory_total_bytes": 81559 * 2**20,
        "power_watts": 612.34,
        "power_kind": "unknown",
        "energy_joules_total": Decimal("5231844712.331"),
        "last_xid_code": 31,
        "line_number": 2,
    }


def test_the_power_of_a_partitioned_gpu_stands_once_and_its_utilization_is_null_not_zero() -> None:
    tables, _ = read(GOLDEN / "scrape-20260601T000000Z.prom")
    rows = {row["mig_instance_id"]: row for row in tables["gpu_samples"][1:]}
    assert set(rows) == {None, "3", "7"}
    assert [rows[key]["power_watts"] for key in (None, "3", "7")] == [250.0, None, None]
    assert [rows[key]["memory_used_bytes"] for key in (None, "3", "7")] == [
        None,
        9000 * 2**20,
        4310 * 2**20,
    ]
    assert [rows[key]["mig_profile"] for key in (None, "3", "7")] == [None, "2g.20gb", "1g.10gb"]
    for row in rows.values():
        assert row["gpu_uuid"] == "GPU-bbbb"
        assert row["gpu_utilization_ratio"] is None
        assert json.loads(row["null_reasons"])["gpu_utilization_ratio"] == "mig"


def test_who_used_a_gpu_is_told_once_for_each_time_apart_from_the_values() -> None:
    tables, _ = read(GOLDEN / "scrape-20260601T000000Z.prom")
    users = [
        (row["gpu_uuid"], row["mig_instance_id"], row["namespace_name"], row["pod_name"])
        for row in tables["gpu_attributions"]
    ]
    assert sorted(users, key=str) == [
        ("GPU-aaaa", None, "serving", "vllm-0"),
        ("GPU-bbbb", "3", "serving", "embed-1"),
        ("GPU-bbbb", "7", "serving", "embed-0"),
    ]


def test_a_gpu_shared_by_two_jobs_does_not_draw_its_power_twice(tmp_path: Path) -> None:
    series = 'DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-a",hostname="n",hpc_job="%s"} 301.5\n'
    tables, _ = read_text(tmp_path, NOON + series % 4711 + series % 4712)
    assert [(row["power_watts"], row["host_name"]) for row in tables["gpu_samples"]] == [
        (301.5, "n")
    ]
    assert [row["job_id"] for row in tables["gpu_attributions"]] == ["4711", "4712"]


@pytest.mark.parametrize(
    "blank",
    [
        "9223372036854775792",
        "9223372036854775794",
        "9.223372036854776e+18",
        "2147483632",
        "2147483636",
        "140737488355328",
        "140737488355330.0",
    ],
)
def test_a_blank_of_dcgm_is_null_with_its_reason(tmp_path: Path, blank: str) -> None:
    text = f'{NOON}DCGM_FI_DEV_FB_USED{{UUID="GPU-a"}} {blank}\n'
    text += 'DCGM_FI_DEV_POWER_USAGE{UUID="GPU-a"} 0\n'
    (row,) = read_text(tmp_path, text)[0]["gpu_samples"]
    assert (row["memory_used_bytes"], row["power_watts"]) == (None, 0.0)
    assert json.loads(row["null_reasons"]) == {"memory_used_bytes": "sentinel"}


@pytest.mark.parametrize(
    ("millijoules", "joules"),
    [
        ("2147483632", Decimal("2147483.632")),
        ("140737488355328", Decimal("140737488355.328")),
        ("5.231844712331e+12", Decimal("5231844712.331")),
        ("9223372036854775794", None),
    ],
)
def test_an_energy_counter_may_pass_the_smaller_blanks(
    tmp_path: Path, millijoules: str, joules: Decimal | None
) -> None:
    text = f'{NOON}DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{{UUID="GPU-a"}} {millijoules}\n'
    (row,) = read_text(tmp_path, text)[0]["gpu_samples"]
    assert row["energy_joules_total"] == joules


def test_one_blank_series_of_a_shared_gpu_does_not_hide_the_others_value(tmp_path: Path) -> None:
    text = NOON + (
        'DCGM_FI_DEV_POWER_USAGE{UUID="GPU-a",hpc_job="1"} 140737488355328\n'
        'DCGM_FI_DEV_POWER_USAGE{UUID="GPU-a",hpc_job="2"} 80\n'
    )
    (row,) = read_text(tmp_path, text)[0]["gpu_samples"]
    assert (row["power_watts"], row["null_reasons"]) == (80.0, None)


def test_query_range_values_keep_their_times_exact_energy_and_missing_values() -> None:
    tables, rejects = read(GOLDEN / "query_range.json")
    assert rejects == []
    rows = [row for row in tables["gpu_samples"] if row["gpu_uuid"] == "GPU-aaaa"]
    assert [
        (row["sampled_at"], row["power_watts"], row["energy_joules_total"]) for row in rows
    ] == [
        (datetime(2026, 6, 1), 612.34, Decimal("9007199254740993.123")),
        (datetime(2026, 6, 1, 0, 0, 30), None, Decimal("5231863058")),
        (datetime(2026, 6, 1, 0, 1, 0, 500000), 601.0, Decimal(15020)),
    ]
    assert json.loads(rows[1]["null_reasons"]) == {"power_watts": "not_a_number"}


def test_the_exporters_own_pod_is_not_taken_for_the_user_of_a_gpu() -> None:
    tables, _ = read(GOLDEN / "query_range.json")
    assert {(row["gpu_uuid"], row["pod_name"]) for row in tables["gpu_attributions"]} == {
        ("GPU-aaaa", "vllm-0")
    }


def test_one_answer_a_line_gives_one_row_of_several_metrics(tmp_path: Path) -> None:
    text = "\n".join(
        answer({"__name__": f"DCGM_FI_DEV_{name}", "UUID": "GPU-a"}, [[1780272000, value]])
        for name, value in (("POWER_USAGE", "80"), ("GPU_UTIL", "50"))
    )
    tables, rejects = read_text(tmp_path, text, "answers.json")
    assert rejects == []
    assert [
        (row["power_watts"], row["gpu_utilization_ratio"]) for row in tables["gpu_samples"]
    ] == [(80.0, 0.5)]


def test_an_instant_vector_is_read_and_overlapping_exports_are_one_reading(tmp_path: Path) -> None:
    metric = {"__name__": "DCGM_FI_DEV_POWER_USAGE", "UUID": "GPU-a"}
    text = answer(metric, [1780272000, "80"], "vector") + "\n"
    tables, rejects = read_text(tmp_path, text * 2, "answers.json")
    assert (len(tables["gpu_samples"]), rejects) == (1, [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"status":"success","data":{"resultType":"matrix","result":[{"met', "bad_json"),
        ('{"status":"error","errorType":"timeout","error":"x"}', "failed_query"),
        ('{"status":"success","data":{"resultType":"string","result":[]}}', "bad_result_type"),
    ],
)
def test_a_bad_answer_costs_that_answer_only(tmp_path: Path, line: str, reason: str) -> None:
    good = answer({"__name__": "DCGM_FI_DEV_GPU_TEMP", "UUID": "GPU-a"}, [[1780272000, "40"]])
    tables, rejects = read_text(tmp_path, f"{good}\n{line}\n", "answers.json")
    assert [row["gpu_temperature_celsius"] for row in tables["gpu_samples"]] == [40.0]
    assert [(one.line_number, one.reason_code) for one in rejects] == [(2, reason)]


def test_a_cut_pretty_printed_answer_is_one_reject(tmp_path: Path) -> None:
    text = (GOLDEN / "query_range.json").read_text()
    tables, rejects = read_text(tmp_path, text[: len(text) // 2], "answers.json")
    assert tables == {}
    assert [one.reason_code for one in rejects] == ["bad_json"]


def test_a_reading_without_uuid_is_rejected_and_foreign_metrics_are_not(tmp_path: Path) -> None:
    text = NOON + 'DCGM_FI_DEV_POWER_USAGE{gpu="0"} 80\nDCGM_FI_DEV_NVSWITCH{nvswitch="1"} 2\n'
    tables, rejects = read_text(tmp_path, text)
    assert tables == {}
    assert [(one.line_number, one.column_name) for one in rejects] == [(2, "gpu_uuid")]


def test_labels_of_old_releases_are_read(tmp_path: Path) -> None:
    labels = 'uuid="GPU-A",pod_name="p",pod_namespace="n",container_name="c"'
    tables, _ = read_text(tmp_path, f"{NOON}DCGM_FI_DEV_GPU_TEMP{{{labels}}} 40\n")
    (user,) = tables["gpu_attributions"]
    assert (user["pod_name"], user["namespace_name"], user["container_name"]) == ("p", "n", "c")
    assert (user["gpu_uuid"], user["host_name"]) == ("GPU-a", "rack")


def test_a_file_of_more_than_one_batch_loses_no_scrape(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.formats.prometheus_text.BATCH_SAMPLES", 100)
    scrapes = "".join(
        f"# scraped_at 2026-06-01T00:{minute:02d}:00Z\n"
        + "".join(
            f'DCGM_FI_DEV_{name}{{UUID="GPU-{gpu}"}} {minute}\n'
            for name in ("GPU_TEMP", "POWER_USAGE", "SM_CLOCK")
            for gpu in range(8)
        )
        for minute in range(60)
    )
    tables, rejects = read_text(tmp_path, scrapes)
    assert rejects == []
    rows = tables["gpu_samples"]
    assert len(rows) == len({(row["sampled_at"], row["gpu_uuid"]) for row in rows}) == 60 * 8
    assert all(row["power_watts"] == row["sm_clock_mhz"] for row in rows)
