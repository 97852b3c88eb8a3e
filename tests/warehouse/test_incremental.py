"""A rebuild of the touched days leaves what a rebuild of everything leaves."""

from datetime import date
from pathlib import Path

import pytest
from warehouse_factory import TEN, Company, event, gpu_sample, joules, moment

FACTS = (
    "fct_usage_events",
    "fct_usage_hourly",
    "fct_gpu_hours",
    "fct_gpu_allocations_hourly",
    "fct_gpu_efficiency_hourly",
    "fct_charges_hourly",
    "fct_inference_shares_hourly",
    "fct_request_costs",
    "fct_token_costs_daily",
    "fct_token_class_costs_daily",
    "fct_showback_daily",
    "fct_journal_daily",
    "fct_cost_differences_daily",
    "fct_gpu_job_costs",
    "fct_quota_consumption_daily",
    "fct_unpriced_usage",
    "fct_tco_measured_monthly",
    "fct_serving_configurations",
    "dim_models",
    "dim_teams",
)

WITH_ANCESTORS = [f"+{fact}" for fact in FACTS]


@pytest.fixture(scope="module")
def grown(company: Company, tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, Company]:
    """The company after late files: once by touched days, once from nothing."""
    grown = company.copied(tmp_path_factory.mktemp("grown") / "data")
    _deliver_late_files(grown)
    grown.touch([date(2026, 1, 28), date(2026, 1, 30), date(2026, 2, 1), date(2026, 2, 3)])
    grown.dbt("run", "--select", *WITH_ANCESTORS)
    # killed after the build and repeated: the same days are touched again
    grown.dbt(
        "run", "--select", *(f"{fact},config.materialized:incremental" for fact in WITH_ANCESTORS)
    )
    fresh = grown.copied(tmp_path_factory.mktemp("fresh") / "data")
    fresh.dbt("run", "--full-refresh", "--select", *WITH_ANCESTORS)
    return grown, fresh


def _deliver_late_files(company: Company) -> None:
    own = {"provider_name": "self_hosted", "response_model": "hosted_vllm/qwen", "team_id": "blue"}
    company.land(
        "usage_events",
        "litellm",
        "late.jsonl",
        [
            # two days before the first day: the day between has no data at all
            event("early", moment("2026-01-28 05:00"), **own, uncached_input_tokens=10),
            event("late", TEN, **own, uncached_input_tokens=77, other_output_tokens=3),
            # a fuller copy of a request that was already counted
            event("own-blue", TEN, **own, uncached_input_tokens=3001, other_output_tokens=100),
        ],
    )
    # the first sample of 1 February closes the last half hour of January
    company.land(
        "gpu_samples",
        "dcgm_exporter",
        "late.prom",
        [
            gpu_sample("GPU-2", moment("2026-01-31 23:45"), energy_joules_total=joules(0)),
            gpu_sample(
                "GPU-2",
                moment("2026-02-01 00:15"),
                energy_joules_total=joules(1800),
            ),
        ],
    )
    # the only file of the last day is gone: the day is touched and empty
    for file in company.data.glob("landing/usage_events/litellm/date=2026-02-03/*"):
        file.unlink()


@pytest.mark.parametrize("mart", FACTS)
def test_rebuilding_touched_days_gives_the_figures_of_a_full_rebuild(
    grown: tuple[Company, Company], mart: str
) -> None:
    by_day, from_nothing = (one.rows(mart) for one in grown)
    assert by_day == from_nothing


def test_a_late_file_and_a_fuller_copy_change_the_figures(
    company: Company, grown: tuple[Company, Company]
) -> None:
    tokens = (
        "select sum(uncached_input_tokens) from fct_usage_events where model_name = 'qwen'"
        " and usage_date = date '2026-01-30'"
    )
    assert grown[0].value(tokens) - company.value(tokens) == 77 + 1


def test_a_touched_day_that_became_empty_leaves_nothing_behind(
    grown: tuple[Company, Company],
) -> None:
    for mart in ("fct_usage_events", "fct_gpu_hours", "fct_charges_hourly"):
        assert not [row for row in grown[0].rows(mart) if "datetime.date(2026, 2, 3)" in row], mart


def test_energy_across_midnight_falls_on_both_days(grown: tuple[Company, Company]) -> None:
    assert grown[0].query(
        "select cast(hour_start_at as text), energy_joules from fct_gpu_hours"
        " where gpu_uuid = 'GPU-2' and energy_joules is not null order by 1"
    ) == [("2026-01-31 23:00:00", 900.0), ("2026-02-01 00:00:00", 900.0)]


def test_a_day_that_no_file_touched_is_not_read_again(
    grown: tuple[Company, Company], tmp_path: Path
) -> None:
    company = grown[0].copied(tmp_path / "data")
    for file in company.data.glob("landing/*/*/date=2026-01-30/*"):
        file.write_bytes(b"no Parquet")
    # the views too: those of the copy still read the folder that it was copied from
    landed = ("stg_landing__usage_events", "stg_landing__gpu_samples")
    by_day = (
        "int_client_log_copies",
        "int_usage_bucket_versions",
        "int_usage_events_deduplicated",
        "int_gpu_energy_hourly",
    )
    company.touch([date(2026, 1, 28)])
    company.dbt("run", "--select", *landed, *by_day)
    company.touch([date(2026, 1, 30)])
    for model in by_day:
        with pytest.raises(AssertionError, match="too small to be a Parquet file"):
            company.dbt("run", "--select", model)
