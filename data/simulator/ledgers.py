"""What the company keeps itself: fleet, deployments, teams, keys, quotas, contracts, accounts."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from data.simulator import accounting, company
from data.simulator.deployments import Deployment, deployments
from data.simulator.period import Period

Row = Mapping[str, object]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "gpu_fleet": (
        "gpu_uuid",
        "host_name",
        "gpu_index",
        "gpu_model",
        "memory_gib",
        "purchase_date",
        "in_service_date",
        "retired_date",
        "purchase_price_usd",
        "residual_value_usd",
        "useful_life_months",
        "rated_power_watts",
    ),
    "deployments": (
        "deployment_id",
        "workload",
        "model_name",
        "host_name",
        "gpu_indices",
        "team_id",
        "tensor_parallel_size",
        "pipeline_parallel_size",
        "quantization",
        "started_at",
        "ended_at",
    ),
    "teams": ("team_id", "team_name", "cost_center"),
    "api_keys": ("api_key_id", "team_id", "valid_from", "valid_to"),
    "quotas": (
        "quota_id",
        "scope_kind",
        "scope_id",
        "measure",
        "limit_value",
        "period_kind",
        "valid_from",
        "valid_to",
    ),
    "contract_prices": (
        "contract_id",
        "provider_name",
        "model_name",
        "token_class",
        "price_usd_per_million_tokens",
        "valid_from",
        "valid_to",
    ),
    "opex": ("opex_id", "category", "host_name", "amount_usd_per_month", "valid_from", "valid_to"),
    "electricity_tariffs": (
        "tariff_id",
        "host_name",
        "price_usd_per_kwh",
        "power_usage_effectiveness_ratio",
        "valid_from",
        "valid_to",
    ),
    **accounting.COLUMNS,
}

# Set so that growth brings several near their end in the sixth month.
# scope_kind, scope_id, measure, limit, period; the quota's id is made of them.
QUOTAS = (
    ("organization", "", "usd", "85000", "month"),
    ("team", "team-platform", "usd", "16000", "month"),
    ("team", "team-legal", "usd", "6500", "month"),
    ("team", "team-search", "tokens", "2300000000", "month"),
    ("team", "team-support", "tokens", "25000000", "month"),
    ("team", "team-data", "tokens", "180000000", "day"),
    ("team", "team-marketing", "tokens", "15000000", "month"),
    ("team", "team-research", "gpu_hours", "600", "month"),
    ("team", "team-growth", "tokens", "360000000", "week"),
    ("model", "gpt-5.6-sol", "usd", "13000", "month"),
    ("model", "gpt-5.6-sol", "tokens", "1500000", "minute"),
    ("user", "u-research-012", "tokens", "360000000", "month"),
    ("gpu_pool", "h100-03", "gpu_hours", "3200", "month"),
)

# token class, price of the first year, price after the renewal
CONTRACT_MODEL = ("anthropic", "claude-sonnet-4-6")
CONTRACT_PRICES = (
    ("uncached_input", "2.70", "2.40"),
    ("cache_read_input", "0.27", "0.24"),
    ("cache_write_input", "3.375", "3.00"),
    ("output", "13.50", "12.00"),
)


def ledger_texts(period: Period) -> dict[str, str]:
    """All ledgers as CSV text, by name; what begins after the period is not in them yet."""
    rows: dict[str, Iterable[Row]] = {
        "gpu_fleet": _gpu_fleet(period),
        "deployments": map(_deployment, deployments(period)),
        "teams": (dict(zip(COLUMNS["teams"], team, strict=True)) for team in company.TEAMS),
        "api_keys": _api_keys(period),
        "quotas": _quotas(period),
        "contract_prices": _contract_prices(period),
        "opex": _opex(period),
        "electricity_tariffs": _tariffs(period),
        **accounting.ledgers(period),
    }
    return {name: _csv(COLUMNS[name], ledger) for name, ledger in rows.items()}


def _csv(columns: tuple[str, ...], rows: Iterable[Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _gpu_fleet(period: Period) -> Iterator[Row]:
    for host in company.HOSTS:
        price = host.price_usd / host.gpu_count
        for index in range(host.gpu_count):
            yield {
                "gpu_uuid": company.gpu_uuid(host.name, index),
                "host_name": host.name,
                "gpu_index": index,
                "gpu_model": host.gpu_model,
                "memory_gib": host.memory_gib,
                "purchase_date": period.day(host.purchase_day),
                "in_service_date": period.day(host.in_service_day),
                "purchase_price_usd": f"{price:.2f}",
                "residual_value_usd": f"{price * company.RESIDUAL_RATIO:.2f}",
                "useful_life_months": company.USEFUL_LIFE_MONTHS,
                "rated_power_watts": host.rated_power_watts,
            }


def _deployment(deployment: Deployment) -> Row:
    ended = deployment.ended_at
    return {
        "deployment_id": deployment.deployment_id,
        "workload": deployment.workload,
        "model_name": deployment.model_name,
        "host_name": deployment.host_name,
        "gpu_indices": " ".join(map(str, deployment.gpu_indices)),
        "team_id": deployment.team_id or "",
        "tensor_parallel_size": len(deployment.gpu_indices),
        "pipeline_parallel_size": 1,
        "quantization": deployment.quantization,
        "started_at": f"{deployment.started_at:%Y-%m-%dT%H:%M:%SZ}",
        "ended_at": f"{ended:%Y-%m-%dT%H:%M:%SZ}" if ended else "",
    }


def _bounds(period: Period, from_day: int | None, until_day: int | None = None) -> Row:
    """valid_from and valid_to; an end that the period does not reach is still open."""
    is_known = until_day is not None and until_day < period.days
    return {
        "valid_from": "" if from_day is None else period.day(from_day),
        "valid_to": period.day(until_day) if is_known and until_day is not None else "",
    }


def _api_keys(period: Period) -> Iterator[Row]:
    for key in company.API_KEYS.values():
        if key.team_id is not None and (key.from_day or 0) < period.days:
            yield {
                "api_key_id": key.hashed,
                "team_id": key.team_id,
                **_bounds(period, key.from_day, key.until_day),
            }


def _quotas(period: Period) -> Iterator[Row]:
    for scope_kind, scope_id, measure, limit, kind in QUOTAS:
        yield {
            "quota_id": "-".join(filter(None, (scope_id or scope_kind, measure, kind))),
            "scope_kind": scope_kind,
            "scope_id": scope_id,
            "measure": measure,
            "limit_value": limit,
            "period_kind": kind,
            **_bounds(period, company.BOOKS_OPENED_DAY),
        }


def _contract_prices(period: Period) -> Iterator[Row]:
    provider, model = CONTRACT_MODEL
    change = company.CONTRACT_CHANGE_DAY
    years: tuple[tuple[int, int | None], ...] = ((change - 365, change), (change, None))
    for year, (from_day, until_day) in enumerate(years):
        for token_class, *prices in CONTRACT_PRICES:
            if from_day < period.days:
                yield {
                    "contract_id": f"{provider}-{period.day(from_day):%Y%m}",
                    "provider_name": provider,
                    "model_name": model,
                    "token_class": token_class,
                    "price_usd_per_million_tokens": prices[year],
                    **_bounds(period, from_day, until_day),
                }


def _opex(period: Period) -> Iterator[Row]:
    for host in company.HOSTS:
        from_day = host.in_service_day
        maintenance = host.price_usd * company.MAINTENANCE_RATIO_PER_YEAR / 12
        yield _cost(period, "colocation", host.name, company.COLOCATION_USD_PER_MONTH, from_day)
        yield _cost(period, "maintenance", host.name, maintenance, from_day)
    yield _cost(period, "staff", "", company.STAFF_USD_PER_MONTH, company.BOOKS_OPENED_DAY)
    yield _cost(period, "software", "", company.SOFTWARE_USD_PER_MONTH, company.BOOKS_OPENED_DAY)


def _cost(period: Period, category: str, host: str, amount: Decimal, from_day: int) -> Row:
    return {
        "opex_id": "-".join(filter(None, (category, host))),
        "category": category,
        "host_name": host,
        "amount_usd_per_month": f"{amount:.2f}",
        **_bounds(period, from_day),
    }


def _tariffs(period: Period) -> Iterator[Row]:
    change = company.TARIFF_CHANGE_DAY
    tariffs: tuple[tuple[str, Decimal, int, int | None], ...] = (
        ("summer", company.SUMMER_USD_PER_KWH, company.BOOKS_OPENED_DAY, change),
        ("winter", company.WINTER_USD_PER_KWH, change, None),
    )
    for name, price, from_day, until_day in tariffs:
        if from_day < period.days:
            yield {
                "tariff_id": f"grid-{name}",
                "host_name": "",
                "price_usd_per_kwh": price,
                "power_usage_effectiveness_ratio": company.PUE_RATIO,
                **_bounds(period, from_day, until_day),
            }
