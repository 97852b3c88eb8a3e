"""A company of two GPUs at one dollar an hour, whose books can be checked by hand.

January has 744 hours: a GPU of $744 that lives one month costs $1 an hour, and so does the staff.
"""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from warehouse_factory import Company, event, gpu_sample, moment

DAY = moment("2026-01-10")
TEN = DAY + timedelta(hours=10)
SINCE = {"valid_from": date(2025, 1, 1)}


def found_books(data: Path, project: Path) -> Company:
    """The company after its first build."""
    company = Company.found(data, project)
    _keep_ledgers(company)
    _land(company)
    company.dbt("build", "--exclude-resource-type", "unit_test")
    return company


def _keep_ledgers(company: Company) -> None:
    fleet = {
        "gpu_model": "H100",
        "memory_gib": 80,
        "host_name": "host-a",
        "purchase_date": date(2025, 12, 1),
        "in_service_date": date(2026, 1, 1),
        "purchase_price_usd": Decimal("744.00"),
        "residual_value_usd": Decimal("0.00"),
        "useful_life_months": 1,
        "rated_power_watts": 700.0,
    }
    company.keep(
        "gpu_fleet", [{**fleet, "gpu_uuid": f"GPU-{index}", "gpu_index": index} for index in (0, 1)]
    )
    serving = {"deployment_id": "serve", "workload": "inference", "model_name": "qwen"}
    training = {"deployment_id": "train", "workload": "training", "model_name": "qwen-v1"}
    hours = {"started_at": moment("2026-01-08 04:00"), "ended_at": moment("2026-01-08 06:00")}
    company.keep(
        "deployments",
        [
            {**serving, "host_name": "host-a", "gpu_indices": "0", "started_at": DAY},
            {**training, "host_name": "host-a", "gpu_indices": "1", "team_id": "red", **hours},
        ],
    )
    company.keep(
        "training_amortizations",
        [
            {
                "model_name": "qwen",
                "trained_model_name": "qwen-v1",
                "amortization_months": 1,
                "valid_from": DAY.date(),
            }
        ],
    )
    company.keep(
        "teams",
        [
            {"team_id": team, "team_name": team.title(), "cost_center": team[0].upper()}
            for team in ("red", "blue", "green")
        ],
    )
    staff = {"opex_id": "staff", "category": "staff", "amount_usd_per_month": Decimal("744.00")}
    company.keep("opex", [{**staff, **SINCE}])
    company.keep(
        "shared_cost_rules",
        [
            {"rule_id": "all", "charge_kind": "own_gpu_overhead", "method": "even", **SINCE},
            {
                "rule_id": "red-pays",
                "charge_kind": "own_gpu_idle",
                "method": "fixed",
                "team_id": "red",
                "share_ratio": Decimal("0.25"),
                **SINCE,
            },
        ],
    )
    company.keep(
        "journal_accounts",
        [{"entry_kind": "amortization", "debit_account": "6220", "credit_account": "0690"}],
    )
    rates = ((date(2026, 1, 1), "1.10"), (date(2026, 2, 1), "1.20"))
    company.keep(
        "fx_rates",
        [
            {"currency_code": "EUR", "usd_per_unit": Decimal(rate), "valid_from": day}
            for day, rate in rates
        ],
    )
    company.match_prices(
        [("openai", "gpt-x", "openai", "gpt-x"), ("anthropic", "claude-x", "anthropic", "claude-x")]
    )


def _land(company: Company) -> None:
    own = {"provider_name": "self_hosted", "response_model": "hosted_vllm/qwen"}
    gpt = {"provider_name": "openai", "response_model": "gpt-x", "team_id": "blue"}
    claude = {"provider_name": "anthropic", "response_model": "claude-x", "team_id": "blue"}
    thousand = {"uncached_input_tokens": 1000, "other_output_tokens": 100}
    company.land(
        "usage_events",
        "litellm",
        "usage.jsonl",
        [
            event("own-red", TEN, **own, team_id="red", cache_read_input_tokens=9000, **thousand),
            event(
                "own-blue-1",
                TEN,
                **own,
                team_id="blue",
                uncached_input_tokens=1000,
                other_output_tokens=300,
            ),
            event("own-blue-2", TEN, **own, team_id="blue", uncached_input_tokens=2000),
            event("gpt-january", moment("2026-01-31 23:30"), **gpt, **thousand),
            event("gpt-february", moment("2026-02-01 12:00"), **gpt, **thousand),
            event(
                "claude",
                moment("2026-02-02"),
                **claude,
                uncached_input_tokens=800,
                other_output_tokens=100,
            ),
        ],
    )
    company.land(
        "gpu_samples", "nvidia_smi", "first.csv", [gpu_sample("GPU-0", moment("2026-01-08 01:00"))]
    )
    company.land(
        "bill_lines",
        "focus",
        "bill.csv",
        [
            _billed("OpenAI", "2026-01-31", "0"),
            # what was used half an hour before midnight is charged on the next day
            _billed("OpenAI", "2026-02-01", "0.0042"),
            _billed("Anthropic", "2026-02-02", "0.005", consumed_quantity=Decimal(1000)),
            _billed("Anthropic", "2026-02-02", "0.01", billing_currency="EUR"),
        ],
    )


def _billed(provider: str, day: str, cost: str, **columns: object) -> dict[str, object]:
    return {
        "bill_line_id": f"{provider}-{day}-{cost}",
        "service_provider_name": provider,
        "service_name": "API",
        "billing_account_id": provider,
        "billing_period_start": moment(f"{day[:7]}-01"),
        "charge_period_start": moment(day),
        "charge_period_end": moment(day) + timedelta(days=1),
        "billed_cost": Decimal(cost),
        "billing_currency": "USD",
        "consumed_unit": "Tokens" if columns.get("consumed_quantity") else None,
        **columns,
    }
