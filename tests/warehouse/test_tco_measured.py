"""What own tokens cost beside the same ones in the cloud, and what a way of serving does to it."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from warehouse_factory import DAY, TEN, Company, event, gpu_sample

HOUR = Decimal("3.20")
# Both GPUs for the whole day, nobody else to carry it.
OWN = HOUR * 48
MILLION = 1_000_000


def keep_ledgers(company: Company) -> None:
    bought = {"purchase_date": date(2026, 1, 1), "in_service_date": date(2026, 1, 1)}
    priced = {"purchase_price_usd": HOUR * 365 * 24, "residual_value_usd": Decimal(0)}
    fleet = {"host_name": "host-a", "gpu_model": "H100", "memory_gib": 80}
    lived = {"useful_life_months": 12, "rated_power_watts": 700.0}
    company.keep(
        "gpu_fleet",
        [
            {"gpu_uuid": f"GPU-{index}", "gpu_index": index, **fleet, **bought, **priced, **lived}
            for index in range(2)
        ],
    )
    qwen = {"workload": "inference", "model_name": "qwen", "host_name": "host-a"}
    sizes = {"pipeline_parallel_size": 1}
    two = {"gpu_indices": "0 1", "quantization": "fp8", "tensor_parallel_size": 2, **sizes}
    one = {"gpu_indices": "0", "quantization": "none", "tensor_parallel_size": 1, **sizes}
    company.keep(
        "deployments",
        [
            {"deployment_id": "two", **qwen, **two, "started_at": DAY, "ended_at": TEN},
            {"deployment_id": "one", **qwen, **one, "started_at": TEN},
        ],
    )
    company.keep(
        "tco_equivalents",
        [
            {
                "model_name": "qwen",
                "equivalent_provider_name": provider,
                "equivalent_model_name": model,
            }
            for provider, model in (("openai", "gpt-x"), ("anthropic", "claude-x"), ("openai", "?"))
        ],
    )


def land_logs(company: Company) -> None:
    nine = TEN - timedelta(hours=1)
    own = {"provider_name": "self_hosted", "response_model": "qwen"}
    ghost = {"provider_name": "self_hosted", "response_model": "ghost"}
    long = {"uncached_input_tokens": 1000, "cache_read_input_tokens": 500}
    company.land(
        "usage_events",
        "litellm",
        "requests.jsonl",
        [
            event("long", nine, **own, **long, other_output_tokens=200),
            event("short", TEN, **own, uncached_input_tokens=800, other_output_tokens=100),
            event("nowhere", TEN, **ghost, uncached_input_tokens=7),
        ],
    )
    company.land(
        "gpu_samples",
        "nvidia_smi",
        "power.csv",
        [
            gpu_sample(gpu, nine + timedelta(minutes=minutes), power_watts=360.0)
            for gpu in ("GPU-0", "GPU-1")
            for minutes in (0, 30, 60)
        ],
    )
    run = {"started_at": DAY, "model_name": "qwen", "duration_seconds": 3600.0}
    counted = {"completed_requests": 9, "input_tokens": 5200, "output_tokens": 2000}
    company.land(
        "benchmark_runs",
        "vllm_bench",
        "run.json",
        [
            {
                "run_id": name,
                **run,
                **counted,
                "configuration": told,
                "time_to_first_token_p99_seconds": 0.35,
            }
            for name, told in (
                ("told", '{"quantization":"fp8","tensor_parallel_size":"2"}'),
                ("untold", '{"seed":0}'),
            )
        ],
    )


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Company:
    """A day: qwen in fp8 on two GPUs until ten, then on one."""
    company = Company.found(tmp_path_factory.mktemp("measured") / "data", project)
    keep_ledgers(company)
    land_logs(company)
    company.dbt(
        "build",
        *("--exclude-resource-type", "unit_test", "--indirect-selection", "cautious"),
        *("--select", "+fct_tco_measured_monthly", "+fct_serving_configurations"),
    )
    return company


def test_the_same_tokens_in_the_cloud_cost_what_each_request_would_have(measured: Company) -> None:
    assert measured.query(
        "select equivalent_model_name, own_cost_usd, equivalent_cost_usd, savings_usd"
        " from fct_tco_measured_monthly where model_name = 'qwen' order by 1"
    ) == [
        # a model without a price
        ("?", OWN, None, None),
        # the long request is above 1,000 tokens of context: every token at the double price
        ("claude-x", OWN, Decimal("0.0162"), Decimal("0.0162") - OWN),
        # 1800 x 2e-6 + 500 x 1e-6 + 300 x 8e-6
        ("gpt-x", OWN, Decimal("0.0065"), Decimal("0.0065") - OWN),
    ]


def test_own_cost_is_loaded_with_idle_and_the_parts_are_told(measured: Company) -> None:
    assert measured.query(
        "select month_start_date, serving_cost_usd, shared_idle_cost_usd, total_tokens, gpu_hours"
        " from fct_tco_measured_monthly where equivalent_model_name = 'gpt-x'"
    ) == [(date(2026, 1, 1), 3 * HOUR, 45 * HOUR, 2600, 34)]


def test_the_load_at_which_own_and_cloud_cost_the_same(measured: Company) -> None:
    ((load, break_even, tokens),) = measured.query(
        "select load_ratio, break_even_load_ratio, break_even_tokens from fct_tco_measured_monthly"
        " where equivalent_model_name = 'gpt-x'"
    )
    assert load == pytest.approx(3 / 34)
    assert break_even == pytest.approx(3 / 34 * 153.6 / 0.0065)
    assert tokens == pytest.approx(2600 * 153.6 / 0.0065)


def test_a_model_without_gpus_has_no_known_cost_and_no_equivalent(measured: Company) -> None:
    assert measured.query(
        "select equivalent_model_name, own_cost_usd, total_tokens, unpriced_tokens"
        " from fct_tco_measured_monthly where model_name = 'ghost'"
    ) == [("", None, 0, 7)]


def test_ways_of_serving_are_told_apart(measured: Company) -> None:
    rows = measured.query(
        "select quantization, tensor_parallel_size, total_tokens, gpu_hours, idle_gpu_hours,"
        " cost_usd, tokens_per_gpu_second, cost_usd_per_million_tokens, joules_per_token"
        " from fct_serving_configurations where basis = 'measured' order by 1"
    )
    per_million = float(HOUR) * MILLION
    joules = 2 * 360 * 3600
    assert rows == [
        ("fp8", 2, 1700, 2, 18, 2 * HOUR, 1700 / 7200, 2 * per_million / 1700, joules / 1700),
        ("none", 1, 900, 1, 13, HOUR, 900 / 3600, per_million / 900, None),
    ]


def test_a_benchmark_costs_what_its_gpus_cost_if_it_tells_how_many(measured: Company) -> None:
    assert measured.query(
        "select run_id, quantization, gpu_hours, tokens_per_gpu_second,"
        " cost_usd_per_million_tokens, time_to_first_token_p99_seconds"
        " from fct_serving_configurations where basis = 'benchmark' order by 1"
    ) == [
        ("told", "fp8", 2.0, 1.0, pytest.approx(6.4 * MILLION / 7200), 0.35),
        ("untold", None, None, None, None, 0.35),
    ]
