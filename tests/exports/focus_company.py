"""A company with every kind of charge that FOCUS tells apart, small enough to check by hand.

January has 744 hours: a GPU of $744 that lives one month costs $1 an hour, and so does its rack.
"""

import random
import shutil
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from warehouse_factory import REPOSITORY, Company, event, moment

from pipelines.price_book import book_frame, csv_text, unit_price

DAY = moment("2026-01-10")
TEN = DAY + timedelta(hours=10)
LAST = moment("2026-03-02 12:00")
SINCE = {"valid_from": date(2025, 1, 1)}
FORMULA = '=HYPERLINK("http://x")'
METHODS = (
    "straight_line",
    "double_declining",
    "sum_of_years_digits",
    "macrs_3_year_half_year",
    "macrs_5_year_mid_quarter_1",
)
PRICES = {
    "gpt-x": {"uncached_input": "2e-6", "cache_read_input": "1e-6", "output": "8e-6"},
    "claude-x": {
        "uncached_input": "3e-6",
        "cache_read_input": "3e-7",
        "cache_write_input": "3.75e-6",
        "cache_write_1h_input": "6e-6",
        "output": "1.5e-5",
        "web_search": "0.01",
    },
}
MAKERS = {"gpt-x": "openai", "claude-x": "anthropic"}


def found_company(folder: Path) -> Company:
    """The company after its build."""
    company = Company.found(folder / "data", _project(folder / "dbt_project"))
    _keep_fleet(company)
    _keep_agreements(company)
    _land(company)
    company.dbt(
        *("build", "--exclude-resource-type", "unit_test"),
        *("--indirect-selection", "cautious", "--select", "+path:models/exports"),
    )
    return company


def _project(folder: Path) -> Path:
    """The dbt project with a price list that no release of genai-prices changes."""
    shutil.copytree(
        REPOSITORY / "dbt_project", folder, ignore=shutil.ignore_patterns("target", "logs")
    )
    listed = [
        {
            "provider_name": MAKERS[model],
            "model_name": model,
            "service_tier": "standard",
            "context_threshold_tokens": 0,
            "window_start_minute": 0,
            "window_end_minute": 1440,
            "valid_from": date(2025, 1, 1),
            "valid_to": None,
            "believed_from": moment("1970-01-01"),
            "price_snapshot": "test",
            "price_snapshot_sha256": "0" * 64,
            **{
                f"{name}_unit_price_usd": unit_price(Decimal(price))
                for name, price in prices.items()
            },
        }
        for model, prices in PRICES.items()
    ]
    (folder / "seeds" / "list_prices.csv").write_text(csv_text(book_frame(listed)))
    return folder


def gpu(name: str, host: str, **columns: Any) -> dict[str, Any]:
    return {
        "gpu_uuid": f"GPU-{name}",
        "host_name": host,
        "gpu_index": 0,
        "gpu_model": "H100",
        "memory_gib": 80,
        "purchase_date": date(2025, 12, 15),
        "in_service_date": date(2026, 1, 1),
        "purchase_price_usd": Decimal("744.00"),
        "residual_value_usd": Decimal("0.00"),
        "useful_life_months": 1,
        "rated_power_watts": 700.0,
        **columns,
    }


def _keep_fleet(company: Company) -> None:
    unbought = dict.fromkeys(("purchase_price_usd", "residual_value_usd", "useful_life_months"))
    rent = {"acquisition_kind": "lease", "hourly_price_usd": Decimal("2.00")}
    sold = {"purchase_price_usd": Decimal(1000), "residual_value_usd": Decimal(256)}
    lives = list(_random_lives())
    company.keep(
        "gpu_fleet",
        [
            gpu("hand", "host-hand"),
            gpu("leased", "host-leased", **unbought, **rent),
            gpu("sold", "host-sold", **sold),
            *(life for life, _ in lives),
        ],
    )
    disposal = {"event_id": "sale", "gpu_uuid": "GPU-sold", "event_kind": "disposal"}
    company.keep(
        "gpu_asset_events",
        [
            {**disposal, "event_date": date(2026, 2, 2), "amount_usd": Decimal(300)},
            *(event for _, event in lives if event),
        ],
    )
    company.keep(
        "deployments",
        [
            {
                "deployment_id": "serve",
                "workload": "inference",
                "model_name": "qwen",
                "host_name": "host-hand",
                "gpu_indices": "0",
                "started_at": DAY,
            }
        ],
    )
    monthly = {"amount_usd_per_month": Decimal(744), **SINCE}
    company.keep(
        "opex",
        [
            {**monthly, "opex_id": "rack", "category": "colocation", "host_name": "host-hand"},
            {**monthly, "opex_id": "staff", "category": "staff"},
        ],
    )


def _random_lives() -> Any:
    """GPUs with drawn prices, lives, methods and events; the same on every run."""
    draw = random.Random(11)  # noqa: S311
    for number in range(12):
        price = draw.randint(1000, 40_000)
        started = date(2025, draw.randint(6, 12), draw.randint(1, 28))
        name = f"drawn-{number}"
        yield (
            gpu(
                name,
                f"host-{name}",
                purchase_date=started - timedelta(days=draw.randint(0, 40)),
                in_service_date=started,
                purchase_price_usd=Decimal(price),
                residual_value_usd=Decimal(draw.choice([0, price // 10])),
                useful_life_months=draw.choice([2, 7, 36, 60]),
                amortization_method=draw.choice(METHODS),
            ),
            draw.choice(
                [
                    None,
                    {
                        "event_id": name,
                        "gpu_uuid": f"GPU-{name}",
                        "event_kind": "disposal",
                        "event_date": date(2026, draw.choice([1, 2]), draw.randint(1, 28)),
                        "amount_usd": Decimal(draw.randint(0, price)),
                    },
                    {
                        "event_id": name,
                        "gpu_uuid": f"GPU-{name}",
                        "event_kind": "upgrade",
                        "event_date": date(2026, 2, draw.randint(1, 28)),
                        "amount_usd": Decimal(draw.randint(100, 900)),
                    },
                ]
            ),
        )


def _keep_agreements(company: Company) -> None:
    company.keep("teams", [{"team_id": "red", "team_name": "Red", "cost_center": "R-1"}])
    company.keep(
        "contract_prices",
        [
            {
                "contract_id": "deal",
                "provider_name": "openai",
                "model_name": "gpt-x",
                "token_class": "output",
                "unit_price_usd": Decimal("0.000006"),
                **SINCE,
            }
        ],
    )
    company.keep(
        "provisioned_throughput",
        [
            {
                "reservation_id": "pool",
                "provider_name": "openai",
                "model_name": "gpt-x",
                "unit_count": 1,
                "hourly_price_usd_per_unit": Decimal(3),
                "started_at": moment("2026-02-10 08:00"),
                "ended_at": moment("2026-02-10 10:00"),
            }
        ],
    )
    company.keep(
        "credit_purchases",
        [
            {
                "purchase_id": "lot",
                "credit_id": "ACME credits",
                "purchased_date": date(2026, 1, 5),
                "expires_date": date(2026, 2, 20),
                "unit_count": Decimal(100),
                "list_price_usd_per_unit": Decimal(1),
                "billed_cost_usd": Decimal(50),
            }
        ],
    )
    company.keep(
        "credit_rates",
        [
            {
                "credit_id": "ACME credits",
                "service_provider_name": "Acme",
                "credits_per_unit": Decimal(1),
                **SINCE,
            }
        ],
    )
    quota = {"scope_kind": "team", "scope_id": "red", **SINCE}
    company.keep(
        "quotas",
        [
            {
                **quota,
                "quota_id": "red-tokens",
                "measure": "tokens",
                "limit_value": Decimal(10_000),
                "period_kind": "month",
            },
            {
                **quota,
                "quota_id": "all-money",
                "scope_kind": "organization",
                "scope_id": None,
                "measure": "usd",
                "limit_value": Decimal(500),
                "period_kind": "quarter",
            },
        ],
    )
    company.match_prices([(maker, model, maker, model) for model, maker in MAKERS.items()])


def _land(company: Company) -> None:
    own = {"provider_name": "self_hosted", "response_model": "hosted_vllm/qwen"}
    gpt = {"provider_name": "openai", "response_model": "gpt-x", "team_id": "red"}
    claude = {"provider_name": "anthropic", "response_model": "claude-x", "team_id": "red"}
    blue = {"uncached_input_tokens": 1000, "other_output_tokens": 100}
    company.land(
        "usage_events",
        "litellm",
        "usage.jsonl",
        [
            event(
                "own-red",
                TEN,
                **own,
                team_id="red",
                uncached_input_tokens=3000,
                cache_read_input_tokens=500,
                other_output_tokens=300,
            ),
            event("own-blue", TEN, **own, team_id="blue", **blue),
            event(
                "claude",
                TEN,
                **claude,
                uncached_input_tokens=500,
                cache_read_input_tokens=300,
                cache_write_5m_input_tokens=200,
                other_output_tokens=70,
                reasoning_output_tokens=30,
                reported_details='{"server_tool_use.web_search_requests": 2}',
            ),
            event("gpt", TEN, **gpt, **blue),
            event("formula", TEN, **{**gpt, "team_id": FORMULA}, **blue),
            event("unknown", TEN, **{**gpt, "response_model": "nobody-knows"}, **blue),
            event("reserved", moment("2026-02-10 08:30"), **gpt, **blue),
            event("last", LAST, **gpt, **blue),
        ],
    )
    company.land(
        "bill_lines",
        "focus",
        "focus/acme.csv",
        [
            {
                "bill_line_id": "acme",
                "charge_period_start": moment("2026-01-12"),
                "billing_period_start": moment("2026-01-01"),
                "service_provider_name": "Acme",
                "charge_category": "Usage",
                "sku_id": "workflow",
                "consumed_quantity": Decimal(10),
                "billing_currency": "USD",
                "billed_cost": Decimal(0),
            }
        ],
    )
