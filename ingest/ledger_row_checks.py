"""What must hold between the cells of one row of a ledger."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingest.ledger_quotas import quota_faults
from ingest.ledger_tco_checks import credit_faults, option_faults

Row = Mapping[str, Any]

PERIODS: Final[Mapping[str, tuple[str, str]]] = {
    "gpu_fleet": ("in_service_date", "retired_date"),
    "deployments": ("started_at", "ended_at"),
    "provisioned_throughput": ("started_at", "ended_at"),
    "credit_purchases": ("purchased_date", "expires_date"),
}
DEFAULT_PERIOD: Final = ("valid_from", "valid_to")
PURCHASED: Final = ("purchase_price_usd", "residual_value_usd", "useful_life_months")
DAY_HOURS: Final = 24


def period_columns(ledger: str) -> tuple[str, str]:
    """The columns in which a row's half-open period begins and ends."""
    return PERIODS.get(ledger, DEFAULT_PERIOD)


def row_faults(ledger: str, row: Row) -> Iterator[str]:
    """Faults between the cells of one row: column and what to do."""
    start, end = period_columns(ledger)
    if row.get(start) is not None and row.get(end) is not None and row[end] <= row[start]:
        yield f"{end}: not after {start}; the end is exclusive, so it must be later"
    yield from CHECKS[ledger](row) if ledger in CHECKS else ()


def _gpu(row: Row) -> Iterator[str]:
    if row["acquisition_kind"] in ("lease", "rental"):
        if row["hourly_price_usd"] is None:
            yield "hourly_price_usd: empty; a lease or rental states its price"
        yield from (
            f"{name}: of a purchase; leave it empty or change acquisition_kind"
            for name in (*PURCHASED, "amortization_method", "expected_units")
            if row[name] is not None
        )
        return
    missing = [name for name in PURCHASED if row[name] is None]
    yield from (f"{name}: empty; a purchase states it" for name in missing)
    if row["hourly_price_usd"] is not None:
        yield "hourly_price_usd: of a lease or rental; state acquisition_kind"
    if not missing and row["residual_value_usd"] > row["purchase_price_usd"]:
        yield "residual_value_usd: more than purchase_price_usd; correct one of them"
    if row["useful_life_months"] == 0:
        yield "useful_life_months: 0; state the months of amortization"
    yield from _units(row)


def _units(row: Row) -> Iterator[str]:
    counts_units = (row["amortization_method"] or "").startswith("units_of_")
    if counts_units and not row["expected_units"]:
        yield "expected_units: empty or 0; the method needs the units of the whole life"
    if row["expected_units"] is not None and not counts_units:
        yield "expected_units: only of the methods units_of_gpu_hours and units_of_tokens"


def _asset_event(row: Row) -> Iterator[str]:
    kind = row["event_kind"]
    if kind in ("upgrade", "disposal") and row["amount_usd"] is None:
        yield f"amount_usd: empty; of {kind} state the US dollars, 0 if there were none"
    if kind == "estimate_change" and row["amount_usd"] is not None:
        yield "amount_usd: an estimate_change moves no money; leave it empty"
    share = row["share_ratio"]
    if share is not None and (kind != "disposal" or not 0 < share <= 1):
        yield "share_ratio: of a disposal only, above 0 and at most 1"
    if row["remaining_life_months"] == 0:
        yield "remaining_life_months: 0; state the months that remain, or a disposal"


def _deployment(row: Row) -> Iterator[str]:
    if row["workload"] == "training" and row["team_id"] is None:
        yield "team_id: empty; a training job states the team that pays"
    share = row["gpu_share_ratio"]
    if share is not None and not 0 < share <= 1:
        yield "gpu_share_ratio: write a part of the GPU, above 0 and at most 1"


def _price(row: Row) -> Iterator[str]:
    is_counted = row["token_class"] in ("request", "web_search")
    right, wrong = "price_usd_per_million_tokens", "price_usd_per_request"
    if is_counted:
        right, wrong = wrong, right
    if row[right] is None:
        yield f"{right}: empty; state the price of {row['token_class']}"
    if row[wrong] is not None:
        yield f"{wrong}: not how {row['token_class']} is priced; use {right}"


def _opex(row: Row) -> Iterator[str]:
    if row["host_name"] is not None and row["gpu_uuid"] is not None:
        yield "gpu_uuid: state the host or the GPU, not both"


def _tariff(row: Row) -> Iterator[str]:
    if row["power_usage_effectiveness_ratio"] < 1:
        yield "power_usage_effectiveness_ratio: below 1; it is total energy over server energy"
    first, last = row["from_hour"] or 0, DAY_HOURS if row["to_hour"] is None else row["to_hour"]
    if not first < last <= DAY_HOURS:
        yield "to_hour: write hours of one day, from_hour before to_hour, at most 24"
    days = row["weekdays"] or "1"
    if set(days) - set("1234567") or len(set(days)) < len(days):
        yield "weekdays: write each day once, 1 for Monday to 7 for Sunday, such as 12345"
    try:
        ZoneInfo(row["time_zone"] or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield "time_zone: not known; use a name such as UTC or Europe/Berlin"


def _shared_cost(row: Row) -> Iterator[str]:
    is_fixed = row["method"] == "fixed"
    for name in ("team_id", "share_ratio"):
        if is_fixed and row[name] is None:
            yield f"{name}: empty; the method fixed states a team and its part"
        if not is_fixed and row[name] is not None:
            yield f"{name}: only of the method fixed"
    if row["share_ratio"] is not None and row["share_ratio"] > 1:
        yield "share_ratio: more than 1; write a part of the whole"


CHECKS: Final[Mapping[str, Callable[[Row], Iterator[str]]]] = {
    "gpu_fleet": _gpu,
    "gpu_asset_events": _asset_event,
    "deployments": _deployment,
    "quotas": quota_faults,
    "contract_prices": _price,
    "price_overrides": _price,
    "opex": _opex,
    "electricity_tariffs": _tariff,
    "shared_cost_rules": _shared_cost,
    "tco_options": option_faults,
    "credit_purchases": credit_faults,
}
