"""One small company, built once: two GPUs that serve, one that trains and idles, two cloud APIs."""

import shutil
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from books_company import found_books
from built_once import built_once
from warehouse_factory import DAY, REPOSITORY, TEN, Company, event, gpu_sample, joules, moment

from pipelines.price_book import book_frame, csv_text, unit_price

GPUS = ("GPU-0", "GPU-1", "GPU-2")

# gpt-x becomes cheaper in February; claude-x costs double beyond 1,000 tokens of context.
CLASSES = (
    "uncached_input",
    "cache_read_input",
    "cache_write_input",
    "cache_write_1h_input",
    "output",
)


def listed(model: str, days: str, context: int, prices: str) -> dict[str, Any]:
    """One list price for all the day: "from to" and the prices of CLASSES, "-" where none is."""
    start, end = (day if day == "-" else date.fromisoformat(day) for day in days.split())
    return {
        "provider_name": "openai" if model.startswith("gpt") else "anthropic",
        "model_name": model,
        "service_tier": "standard",
        "context_threshold_tokens": context,
        "window_start_minute": 0,
        "window_end_minute": 1440,
        "valid_from": start,
        "valid_to": None if end == "-" else end,
        "believed_from": moment("1970-01-01"),
        "price_snapshot": "test",
        "price_snapshot_sha256": "0" * 64,
        **{
            f"{name}_unit_price_usd": unit_price(Decimal(price))
            for name, price in zip(CLASSES, prices.split(), strict=True)
            if price != "-"
        },
    }


LIST_PRICES = (
    listed("gpt-x", "2025-01-01 2026-02-01", 0, "2e-6 1e-6 - - 8e-6"),
    listed("gpt-x", "2026-02-01 -", 0, "1e-6 5e-7 - - 4e-6"),
    listed("claude-x", "2025-01-01 -", 0, "3e-6 3e-7 3.75e-6 6e-6 1.5e-5"),
    listed("claude-x", "2025-01-01 -", 1000, "6e-6 6e-7 7.5e-6 1.2e-5 3e-5"),
)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dbt project with a price list that no release of genai-prices changes."""
    folder = tmp_path_factory.mktemp("dbt") / "dbt_project"
    shutil.copytree(
        REPOSITORY / "dbt_project", folder, ignore=shutil.ignore_patterns("target", "logs")
    )
    (folder / "seeds" / "list_prices.csv").write_text(csv_text(book_frame(LIST_PRICES)))
    return folder


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Company:
    """The company after its first build; tests only read it, in several processes at once."""

    def build(data: Path) -> None:
        company = Company.found(data, project)
        _keep_ledgers(company)
        _land_usage(company)
        _land_telemetry(company)
        company.dbt("build", "--exclude-resource-type", "unit_test")

    return Company(data=built_once(tmp_path_factory, "company", build), project=project)


def _keep_ledgers(company: Company) -> None:
    fleet = {
        "gpu_model": "H100",
        "memory_gib": 80,
        "purchase_date": date(2025, 12, 1),
        "in_service_date": date(2026, 1, 1),
        "purchase_price_usd": Decimal("30000.00"),
        "residual_value_usd": Decimal("3000.00"),
        "useful_life_months": 36,
        "rated_power_watts": 700.0,
    }
    places = (("host-a", 0), ("host-a", 1), ("host-b", 0))
    company.keep(
        "gpu_fleet",
        [
            {**fleet, "gpu_uuid": gpu, "host_name": host, "gpu_index": index}
            for gpu, (host, index) in zip(GPUS, places, strict=True)
        ],
    )
    serving = {"deployment_id": "serve", "workload": "inference", "model_name": "qwen"}
    training = {"deployment_id": "train", "workload": "training", "model_name": "tune"}
    company.keep(
        "deployments",
        [
            {**serving, "host_name": "host-a", "gpu_indices": "0 1", "started_at": DAY},
            {
                **training,
                "host_name": "host-b",
                "gpu_indices": "0",
                "team_id": "red",
                "started_at": TEN,
                "ended_at": TEN + timedelta(minutes=80),
            },
        ],
    )
    company.keep("teams", [{"team_id": "red", "team_name": "Red"}])
    since = {"valid_from": date(2025, 1, 1)}
    company.keep("api_keys", [{"api_key_id": "key-of-red", "team_id": "red", **since}])
    monthly = {"category": "other", "amount_usd_per_month": Decimal(744), **since}
    company.keep(
        "opex",
        [
            {**monthly, "opex_id": "rack", "host_name": "host-a"},
            {**monthly, "opex_id": "staff", "amount_usd_per_month": Decimal(2232)},
        ],
    )
    tariff = {"price_usd_per_kwh": Decimal("0.10"), "tariff_id": "grid"}
    company.keep(
        "electricity_tariffs",
        [{**tariff, "power_usage_effectiveness_ratio": Decimal("1.25"), **since}],
    )
    company.keep(
        "contract_prices",
        [
            {
                "contract_id": "deal",
                "provider_name": "openai",
                "model_name": "gpt-x",
                "token_class": "output",
                "unit_price_usd": Decimal("0.000006"),
                "valid_from": date(2026, 1, 31),
                "valid_to": date(2026, 2, 1),
            }
        ],
    )
    quota = {"quota_id": "red-tokens", "scope_kind": "team", "scope_id": "red", "measure": "tokens"}
    company.keep(
        "quotas",
        [
            {**quota, "limit_value": Decimal(10000), "period_kind": "month", **since},
            {
                "quota_id": "rack",
                "scope_kind": "gpu_pool",
                "scope_id": "host-a",
                "measure": "gpus",
                "limit_value": Decimal(2),
                "period_kind": "hour",
                **since,
            },
        ],
    )
    company.match_prices(
        [
            ("openai", "gpt-x-2025", "openai", "gpt-x"),
            ("anthropic", "claude-x", "anthropic", "claude-x"),
        ]
    )


def _land_usage(company: Company) -> None:
    own = {"provider_name": "self_hosted", "response_model": "hosted_vllm/qwen"}
    gpt = {"provider_name": "openai", "response_model": "openai/gpt-x-2025", "team_id": "blue"}
    claude = {
        "provider_name": "anthropic",
        "response_model": "claude-x",
        "api_key_id": "key-of-red",
    }
    tokens = {"uncached_input_tokens": 1000, "other_output_tokens": 100}
    february = moment("2026-02-01")
    company.land(
        "usage_events",
        "litellm",
        "first.jsonl",
        [
            event(
                "own-red",
                TEN,
                **own,
                api_key_id="key-of-red",
                team_id="logged",
                uncached_input_tokens=1000,
                cache_read_input_tokens=500,
                other_output_tokens=150,
                reasoning_output_tokens=50,
            ),
            event("own-red-again", TEN, **own, team_id="red", is_gateway_cache_hit=True, **tokens),
            event(
                "own-blue",
                TEN,
                **own,
                team_id="blue",
                uncached_input_tokens=3000,
                other_output_tokens=100,
            ),
            event("gpt-january", DAY, **gpt, **tokens),
            event("gpt-contract", moment("2026-01-31 23:00"), **gpt, **tokens),
            event("gpt-february", february, **gpt, **tokens),
            event(
                "claude-at-threshold",
                TEN,
                **claude,
                uncached_input_tokens=500,
                cache_read_input_tokens=300,
                cache_write_5m_input_tokens=200,
                other_output_tokens=100,
            ),
            event(
                "claude-over-threshold",
                TEN,
                **claude,
                uncached_input_tokens=501,
                cache_read_input_tokens=300,
                cache_write_5m_input_tokens=200,
                other_output_tokens=100,
            ),
            event("claude-audio", TEN, **claude, uncached_audio_input_tokens=7, **tokens),
            event(
                "claude-hour-cache",
                TEN,
                **claude,
                uncached_input_tokens=10,
                cache_write_1h_input_tokens=7,
                other_output_tokens=1,
            ),
            event("claude-batch", moment("2026-01-31"), **claude, is_batch=True, **tokens),
            event("unknown", TEN, provider_name="openai", response_model="nobody-knows", **tokens),
            event("last-day", moment("2026-02-03"), **gpt, **tokens),
        ],
    )
    # a poorer copy of a request, and the same one again
    company.land(
        "usage_events",
        "litellm",
        "repeated.jsonl",
        [
            event("own-red", TEN, **own, team_id="poorer", uncached_input_tokens=1),
            event("gpt-january", DAY, **gpt, **tokens),
        ],
    )


def _land_telemetry(company: Company) -> None:
    half_hours = [DAY + timedelta(minutes=30 * step) for step in range(2 * 48 + 1)]
    company.land(
        "gpu_samples",
        "dcgm_exporter",
        "counter.prom",
        [
            gpu_sample("GPU-0", at, energy_joules_total=joules(720_000 * step), power_watts=400.0)
            for step, at in enumerate(half_hours)
        ],
    )
    company.land(
        "gpu_samples",
        "nvidia_smi",
        "power.csv",
        [
            gpu_sample("GPU-1", at, power_watts=200.0, gpu_utilization_ratio=0.5)
            for at in half_hours[20:23]
        ],
    )
    counters = ("prompt_tokens_total", "generation_tokens_total")
    company.land(
        "engine_samples",
        "vllm",
        "engine.prom",
        [
            {
                "sampled_at": TEN + timedelta(minutes=60 * step),
                "instance_name": "a:8000",
                "model_name": "qwen",
                "prefill_seconds_total": 50.0 + 100 * step,
                "decode_seconds_total": 300.0 * step,
                **dict.fromkeys(counters, 1000 * step),
            }
            for step in range(2)
        ],
    )


@pytest.fixture(scope="session")
def books(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Company:
    """Two GPUs at a dollar an hour; tests only read it, in several processes at once."""
    data = built_once(tmp_path_factory, "books", lambda data: found_books(data, project))
    return Company(data=data, project=project)
