"""What engines' counters grew by does not depend on how their samples were delivered."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from warehouse_factory import TEN, Company

COUNTERS = ("prompt_tokens", "generation_tokens")
Samples = list[tuple[datetime, int]]
Rows = list[dict[str, Any]]


def at(minutes: float) -> datetime:
    return TEN + timedelta(minutes=minutes)


def rows_of(model: str, series: dict[str, Sequence[tuple[datetime, Any]]]) -> Rows:
    """One row for each moment at which one of the columns was sampled."""
    found: dict[datetime, dict[str, Any]] = defaultdict(dict)
    for column, samples in series.items():
        for moment, value in samples:
            found[moment][column] = value
    engine = {"instance_name": "a:8000", "model_name": model}
    return [{"sampled_at": moment, **engine, **columns} for moment, columns in found.items()]


def history(source: random.Random) -> tuple[dict[str, Samples], list[datetime]]:
    """Two counters, each sampled at times of its own, and when their process started."""
    starts = sorted([at(-60), *(at(source.uniform(0, 170)) for _ in range(source.randrange(3)))])
    counters = {}
    for name in COUNTERS:
        step, offset = source.choice([0.25, 1, 7, 40]), source.choice([0, 0, 0.1, 0.5])
        moments = [at(offset + step * number) for number in range(int(180 / step))]
        kept = [one for one in moments if source.random() > 0.3]
        # 3 a second since the process started, or 2: higher than before soon after a restart too
        rate = source.choice([2, 3])
        counters[name] = [(one, int(rate * (one - begun(one, starts)).seconds)) for one in kept]
    return counters, starts


def begun(moment: datetime, starts: list[datetime]) -> datetime:
    return max(start for start in starts if start <= moment)


def apart(name: str, counters: dict[str, Samples], starts: list[datetime]) -> Iterator[Rows]:
    """Each counter as if it came alone, with the start of the process in each row."""
    for column, samples in counters.items():
        started = [(moment, begun(moment, starts)) for moment, _ in samples]
        series = {f"{column}_total": samples, "process_started_at": started}
        yield rows_of(f"{name} {column}", series)


def together(name: str, counters: dict[str, Samples], starts: list[datetime]) -> Rows:
    """Both, and the start of the process sampled once a minute, in rows of their own."""
    minutes = [at(minute + 0.3) for minute in range(200)]
    started = [(moment, begun(moment, starts)) for moment in minutes]
    series = {f"{column}_total": samples for column, samples in counters.items()}
    return rows_of(f"{name} together", {**series, "process_started_at": started})


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Company:
    company = Company.found(tmp_path_factory.mktemp("engines"), project)
    grids: dict[str, tuple[float, float]] = {"one grid": (0, 0), "two grids": (0, 1 / 60)}
    for name, offsets in grids.items():
        series = {
            f"{column}_total": [(at(offset + k / 4), size * k) for k in range(20)]
            for column, offset, size in zip(COUNTERS, offsets, (1000, 100), strict=True)
        }
        company.land("engine_samples", "vllm", name, rows_of(name, series))
    stale: Samples | list[tuple[datetime, int | None]]
    stale = [(at(0), 100), (at(1), 150), (at(2), None), (at(3), 180), (at(59), 200), (at(120), 900)]
    company.land(
        "engine_samples", "vllm", "stale", rows_of("stale", {"prompt_tokens_total": stale})
    )
    told_later = {
        "prompt_tokens_total": [(at(0), 100), (at(1), 150)],
        "process_started_at": [(at(0.3), at(-60)), (at(1.3), at(0.5))],
    }
    company.land("engine_samples", "vllm", "told", rows_of("told later", told_later))
    source = random.Random(11)  # noqa: S311 - the same histories each time
    for number in range(30):
        counters, starts = history(source)
        parts = [together(f"{number}", counters, starts), *apart(f"{number}", counters, starts)]
        for place, rows in enumerate(parts):
            company.land("engine_samples", "vllm", f"{number} {place}", rows)
    company.dbt("run", "--select", "+int_engine_activity_by_source", "--full-refresh")
    return company


def test_counters_sampled_a_second_apart_measure_what_they_do_on_one_grid(engines: Company) -> None:
    found = engines.query(
        "select prompt_tokens, generation_tokens from intermediate.int_engine_activity_by_source"
        " where model_name like '%grid%'"
    )
    assert found == [(19_000, 1_900), (19_000, 1_900)]


def test_a_stale_marker_costs_no_interval_and_a_gap_measures_nothing(engines: Company) -> None:
    query = "select sum(prompt_tokens) from intermediate.int_engine_activity_by_source"
    assert engines.value(f"{query} where model_name = 'stale'") == 100


def test_a_restart_is_known_from_a_later_sample_of_another_series(engines: Company) -> None:
    query = "select sum(prompt_tokens) from intermediate.int_engine_activity_by_source"
    assert engines.value(f"{query} where model_name = 'told later'") == 150


@pytest.mark.parametrize("column", COUNTERS)
def test_a_counter_measures_the_same_alone_and_among_others(engines: Company, column: str) -> None:
    for number in range(30):
        alone, among = (
            engines.query(
                f"select hour_start_at, {column} as tokens"  # noqa: S608 - a name of ours
                " from intermediate.int_engine_activity_by_source"
                " where model_name = ? and tokens is not null order by all",
                model,
            )
            for model in (f"{number} {column}", f"{number} together")
        )
        assert alone == among, number
