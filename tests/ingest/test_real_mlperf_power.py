"""Wall power of eight published MLPerf runs: the mean of what landed is what was published.

MLPerf Inference v5.1 closed, results 5.1-0061 and 5.1-0062, retrieved from
mlcommons/inference_results_v5.1. The MLPerf name and logo are trademarks of MLCommons.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from sample_folders import SAMPLES, land_sample, landed, raw_lines, raw_rows

FOLDER = SAMPLES / "mlperf_power_v5_1"
PUBLISHED = raw_rows(FOLDER / "published_power.csv")
NAMES = ["{result_id} {benchmark_name} {scenario_name}".format_map(row) for row in PUBLISHED]
SAMPLES_LANDED = 2787 + 2991 + 2790 + 758 + 781 + 4674 + 3605


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    folder = tmp_path_factory.mktemp("mlperf")
    land_sample(FOLDER.name, folder)
    return landed(folder, "power_samples", "ptdaemon")


def within(window: dict[str, str]) -> pl.Expr:
    begin, end = (
        datetime.fromisoformat(window[name]) for name in ("power_begin_at", "power_end_at")
    )
    return pl.col("sampled_at").is_between(begin, end, closed="both")


@pytest.mark.parametrize("run", PUBLISHED, ids=NAMES)
def test_the_mean_power_of_the_window_is_the_published_result(
    samples: pl.DataFrame, run: dict[str, str]
) -> None:
    found = samples.filter(pl.col("file_name") == run["file_name"], within(run))
    assert found["host_name"].unique().to_list() == [run["system_name"]]
    mean = found["power_watts"].mean()
    assert mean == pytest.approx(float(run["published_power_watts"]), rel=1e-12)


def test_every_sample_landed_once_a_second(samples: pl.DataFrame) -> None:
    assert samples.height == SAMPLES_LANDED
    assert len(PUBLISHED) == 8
    gaps = samples.sort("file_name", "sampled_at").select(
        pl.col("sampled_at").diff().over("file_name").alias("gap")
    )["gap"]
    assert gaps.drop_nulls().min() > timedelta(seconds=0.9)
    assert gaps.drop_nulls().median() == timedelta(seconds=1)


def test_the_total_of_a_line_is_landed_and_not_its_channels(samples: pl.DataFrame) -> None:
    for name in samples["file_name"].unique():
        lines = raw_lines(FOLDER / "inputs" / name)
        cells = [line.split(",") for line in lines]
        totals = sum(Decimal(cell[3]) for cell in cells)
        found = samples.filter(pl.col("file_name") == name)["power_watts"].sum()
        assert found == pytest.approx(float(totals), rel=1e-12), name


def test_a_pdu_with_three_outlets_tells_the_same_power_through_a_mapping(tmp_path: Path) -> None:
    land_sample("mlperf_power_outlets", tmp_path)
    outlets = landed(tmp_path, "power_samples", "pdu")
    assert outlets["meter_name"].unique().sort().to_list() == ["outlet 1", "outlet 2", "outlet 3"]
    run = PUBLISHED[NAMES.index("5.1-0062 llama3.1-8b Offline")]
    means = (outlets.filter(within(run)).group_by("meter_name").agg(pl.col("power_watts").mean()))[
        "power_watts"
    ]
    assert means.sum() == pytest.approx(float(run["published_power_watts"]), rel=1e-12)


def test_the_outlets_are_the_channels_of_the_log_they_are_taken_from() -> None:
    log = "SR780a_V3_B200SXMx8_TRT/llama3.1-8b-offline.spl.txt.zst"
    channels = [
        (f"outlet {cells[place][2:]}", Decimal(cells[place + 2]))
        for line in raw_lines(FOLDER / "inputs/ptdaemon" / log)
        if (cells := line.split(","))
        for place in (12, 21, 30)
    ]
    outlets = raw_rows(SAMPLES / "mlperf_power_outlets/inputs/pdu/pdu_outlets.csv.zst")
    assert len(outlets) == 3 * 781
    assert channels == [
        (row["Outlet"], Decimal(row["Active Power (kW)"]) * 1000) for row in outlets
    ]
