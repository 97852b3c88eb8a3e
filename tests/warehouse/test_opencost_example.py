"""OpenCost's worked example out of the models that users run.

opencost/opencost, docs/inference-cost-tracking.md, Apache-2.0: 3.20 USD an hour, 12 M prompt and
3 M generated tokens, as long in prefill as in decode, 50,000 cached blocks of 16 tokens. The split
of a node by base prices is dbt's test a_price_splits_by_base_prices.
"""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from warehouse_factory import DAY, TEN, Company, event

# Of the tests of a model only those whose other models are built as well.
ALONE = ["--exclude-resource-type", "unit_test", "--indirect-selection", "cautious", "--select"]
# A year of hours at 3.20 USD.
PRICE = Decimal("3.20") * 365 * 24
PROMPT, CACHED, GENERATED = 12_000_000, 50_000 * 16, 3_000_000


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Company:
    """A GPU whose hour costs 3.20 USD answers the example's tokens in one hour."""
    company = Company.found(tmp_path_factory.mktemp("opencost") / "data", project)
    host = {"host_name": "host-a", "gpu_uuid": "GPU-0", "gpu_index": 0}
    company.keep(
        "gpu_fleet",
        [
            {
                **host,
                "gpu_model": "H100",
                "memory_gib": 80,
                "purchase_date": date(2026, 1, 1),
                "in_service_date": date(2026, 1, 1),
                "purchase_price_usd": PRICE,
                "residual_value_usd": Decimal(0),
                "useful_life_months": 12,
                "rated_power_watts": 700.0,
            }
        ],
    )
    serving = {"deployment_id": "serve", "workload": "inference", "model_name": "llama"}
    company.keep(
        "deployments", [{**serving, "host_name": "host-a", "gpu_indices": "0", "started_at": DAY}]
    )
    own = {"provider_name": "self_hosted", "response_model": "llama", "team_id": "red"}
    company.land(
        "usage_events",
        "litellm",
        "requests.jsonl",
        [
            event(
                f"request {part}",
                TEN + timedelta(minutes=10 * part),
                **own,
                uncached_input_tokens=(PROMPT - CACHED) // 5,
                cache_read_input_tokens=CACHED // 5,
                other_output_tokens=GENERATED // 5,
            )
            for part in range(5)
        ],
    )
    company.land(
        "engine_samples",
        "vllm",
        "engine.prom",
        [
            {
                "sampled_at": TEN + timedelta(hours=step),
                "instance_name": "a:8000",
                "model_name": "llama",
                "prompt_tokens_total": PROMPT * step,
                "generation_tokens_total": GENERATED * step,
                "cached_prompt_tokens_total": CACHED * step,
                "prefill_seconds_total": 600.0 * step,
                "decode_seconds_total": 600.0 * step,
            }
            for step in range(2)
        ],
    )
    company.dbt("build", *ALONE, "+fct_token_costs_daily", "+fct_gpu_hours")
    return company


def test_the_hour_costs_3_20_usd(served: Company) -> None:
    assert served.value(
        "select asset_cost_usd from fct_gpu_hours where hour_start_at = ?", TEN
    ) == Decimal("3.20")


def test_a_million_tokens_cost_0_213_usd(served: Company) -> None:
    assert served.query(
        "select total_tokens, input_cost_usd, output_cost_usd,"
        " round(cost_usd_per_million_tokens, 5) from fct_token_costs_daily where team_id = 'red'"
    ) == [(PROMPT + GENERATED, Decimal("1.60"), Decimal("1.60"), 0.21333)]


def test_a_million_generated_tokens_cost_0_533_usd(served: Company) -> None:
    rate = served.value(
        "select output_cost_usd_per_million_tokens from fct_token_costs_daily where team_id = 'red'"
    )
    assert round(rate, 5) == 0.53333


def test_a_million_input_tokens_that_were_not_cached_cost_0_143_usd(served: Company) -> None:
    rate = served.value(
        "select sum(costs.input_cost_usd) * 1000000 / sum(usage.uncached_input_tokens)"
        " from fct_charges_hourly as costs"
        " inner join fct_usage_hourly as usage using (hour_start_at, model_name, team_id)"
    )
    assert round(rate, 6) == 0.142857
