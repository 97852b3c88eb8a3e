"""What the company's accountants keep: accounts, rules for shared costs, plans to buy or rent."""

from collections.abc import Iterable, Iterator, Mapping

from data.simulator import company
from data.simulator.period import Period

Row = Mapping[str, object]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "journal_accounts": ("entry_kind", "debit_account", "credit_account"),
    "shared_cost_rules": (
        "rule_id",
        "charge_kind",
        "method",
        "team_id",
        "share_ratio",
        "valid_from",
        "valid_to",
    ),
    "tco_options": (
        "comparison_id",
        "option_id",
        "option_kind",
        "purchase_price_usd",
        "residual_value_usd",
        "life_months",
        "maintenance_ratio_per_year",
        "power_kilowatts",
        "electricity_price_usd_per_kwh",
        "cooling_price_usd_per_kwh",
        "colocation_usd_per_month",
        "hourly_price_usd",
        "input_price_usd_per_million_tokens",
        "output_price_usd_per_million_tokens",
        "output_share_ratio",
        "tokens_per_second",
        "use_hours_per_day",
    ),
    "tco_equivalents": ("model_name", "equivalent_provider_name", "equivalent_model_name"),
}

# entry kind, expense, and what it is owed to or taken from; nothing is leased
JOURNAL_ACCOUNTS = (
    ("cloud_tokens", "6410 AI services", "2010 Trade payables"),
    ("amortization", "6820 Depreciation of servers", "1690 Accumulated depreciation"),
    ("energy", "6510 Electricity", "2010 Trade payables"),
    ("opex", "6530 Running of servers", "2150 Accrued expenses"),
)

# The staff and software of the fleet, by head count. Idle GPUs are carried by what each team used;
# what the traffic beside the gateway cost has no rule and stays with nobody.
OVERHEAD_PARTS = (
    ("team-platform", "0.22"),
    ("team-search", "0.18"),
    ("team-data", "0.16"),
    ("team-research", "0.14"),
    ("team-support", "0.12"),
    ("team-growth", "0.08"),
    ("team-marketing", "0.06"),
    ("team-legal", "0.04"),
)

# Another server for a second and third replica of gpt-oss-120b, used half the day.
PLAN = "another 8xH100"
PLANNED_MODEL = "gpt-oss-120b"
PLANNED_REPLICAS = 2
PLANNED_HOURS_PER_DAY = 12
OUTPUT_SHARE_RATIO = "0.13"  # as measured of the company's own models
RENTS = (("rent on demand", "52.00"), ("rent from a small provider", "31.00"))
APIS = (("openai", "gpt-5.6-luna"), ("anthropic", "claude-haiku-4-5"))

# What could have answered instead, each for the work that it is good enough for.
EQUIVALENTS = (
    ("qwen3-32b", "openai", "gpt-5.6-luna"),
    ("qwen3-32b", "anthropic", "claude-haiku-4-5"),
    ("llama-3.3-70b", "anthropic", "claude-haiku-4-5"),
    ("gpt-oss-120b", "openai", "gpt-5.6-luna"),
    ("qwen3-235b-a22b", "anthropic", "claude-sonnet-4-6"),
    ("qwen2.5-coder-32b", "anthropic", "claude-haiku-4-5"),
    ("mistral-small-3.2-24b", "openai", "gpt-5.6-luna"),
)


def ledgers(period: Period) -> dict[str, Iterable[Row]]:
    """Rows of the ledgers of COLUMNS, by name; an empty cell is left out."""
    return {
        "journal_accounts": _rows("journal_accounts", JOURNAL_ACCOUNTS),
        "shared_cost_rules": _shared_cost_rules(period),
        "tco_options": _options(),
        "tco_equivalents": _rows("tco_equivalents", EQUIVALENTS),
    }


def _rows(ledger: str, cells: Iterable[tuple[str, ...]]) -> Iterator[Row]:
    return (dict(zip(COLUMNS[ledger], row, strict=True)) for row in cells)


def _shared_cost_rules(period: Period) -> Iterator[Row]:
    since = period.day(company.BOOKS_OPENED_DAY)
    idle = {"rule_id": "idle by use", "charge_kind": "own_gpu_idle", "method": "proportional"}
    yield {**idle, "valid_from": since}
    overhead = {"rule_id": "fleet by heads", "charge_kind": "own_gpu_overhead", "method": "fixed"}
    for team_id, ratio in OVERHEAD_PARTS:
        yield {**overhead, "team_id": team_id, "share_ratio": ratio, "valid_from": since}


def _options() -> Iterator[Row]:
    host = company.HOSTS[0]
    speed = PLANNED_REPLICAS * company.MODELS[PLANNED_MODEL].tokens_per_second
    yield {
        "comparison_id": PLAN,
        "option_id": "buy",
        "option_kind": "own",
        "purchase_price_usd": host.price_usd,
        "residual_value_usd": f"{host.price_usd * company.RESIDUAL_RATIO:.2f}",
        "life_months": company.USEFUL_LIFE_MONTHS,
        "maintenance_ratio_per_year": company.MAINTENANCE_RATIO_PER_YEAR,
        "power_kilowatts": host.gpu_count * host.busy_power_watts / 1000,
        "electricity_price_usd_per_kwh": company.SUMMER_USD_PER_KWH,
        "cooling_price_usd_per_kwh": company.SUMMER_USD_PER_KWH * (company.PUE_RATIO - 1),
        "colocation_usd_per_month": company.COLOCATION_USD_PER_MONTH,
        "tokens_per_second": speed,
        "use_hours_per_day": PLANNED_HOURS_PER_DAY,
    }
    for name, hourly_price in RENTS:
        yield {
            "comparison_id": PLAN,
            "option_id": name,
            "option_kind": "cloud_instance",
            "hourly_price_usd": hourly_price,
            "tokens_per_second": speed,
        }
    for provider, model in APIS:
        price = company.LIST_PRICES[provider, model][0]
        yield {
            "comparison_id": PLAN,
            "option_id": f"{model} by the token",
            "option_kind": "api",
            "input_price_usd_per_million_tokens": price.uncached,
            "output_price_usd_per_million_tokens": price.output,
            "output_share_ratio": OUTPUT_SHARE_RATIO,
        }
