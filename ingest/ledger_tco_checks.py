"""What must hold between the cells of one row of the ledgers of options and credits."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, Final

Row = Mapping[str, Any]

DAY_HOURS: Final = 24
MONTH_HOURS: Final = 730
STATED_OPEX: Final = ("maintenance_ratio_per_year", "power_kilowatts", "colocation_usd_per_month")
# Kind of option -> (columns it must state, columns it may state beside them).
OPTIONS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "own": (
        ("purchase_price_usd", "life_months"),
        (
            "residual_value_usd",
            *STATED_OPEX,
            "electricity_price_usd_per_kwh",
            "cooling_price_usd_per_kwh",
            "colocation_hours_per_month",
            "hourly_opex_usd",
            "unit_count",
            "tokens_per_second",
            "use_hours_per_month",
            "use_hours_per_day",
            "hours_per_month",
        ),
    ),
    "cloud_instance": (("hourly_price_usd",), ("unit_count", "tokens_per_second")),
    "api": (
        (
            "input_price_usd_per_million_tokens",
            "output_price_usd_per_million_tokens",
            "output_share_ratio",
        ),
        (),
    ),
}


def option_faults(row: Row) -> Iterator[str]:
    """Faults of one row of tco_options."""
    kind = row["option_kind"]
    required, allowed = OPTIONS[kind]
    yield from (
        f"{name}: empty; an option of {kind} states it" for name in required if row[name] is None
    )
    others = dict.fromkeys(name for columns in OPTIONS.values() for name in chain(*columns))
    yield from (
        f"{name}: not of an option of {kind}; leave it empty or correct option_kind"
        for name in others
        if name not in (*required, *allowed) and row[name] is not None
    )
    yield from _own_option(row) if kind == "own" else ()
    if row["output_share_ratio"] is not None and row["output_share_ratio"] > 1:
        yield "output_share_ratio: more than 1; write a part of all tokens"
    yield from (
        f"{name}: 0; leave it empty or state how much there is"
        for name in ("unit_count", "tokens_per_second", "hours_per_month")
        if row[name] == 0
    )
    yield from _use(row)


def _own_option(row: Row) -> Iterator[str]:
    price, residual = row["purchase_price_usd"], row["residual_value_usd"]
    if price is not None and residual is not None and residual > price:
        yield "residual_value_usd: more than purchase_price_usd; correct one of them"
    if row["life_months"] == 0:
        yield "life_months: 0; state the months that it is used"
    if row["power_kilowatts"] is not None and row["electricity_price_usd_per_kwh"] is None:
        yield "electricity_price_usd_per_kwh: empty; power_kilowatts needs its price"
    if row["colocation_hours_per_month"] == 0:
        yield "colocation_hours_per_month: 0; state the hours that the price is for"
    if row["hourly_opex_usd"] is not None:
        yield from (
            f"{name}: part of hourly_opex_usd; state one or the other"
            for name in STATED_OPEX
            if row[name] is not None
        )


def _use(row: Row) -> Iterator[str]:
    month, day = row["use_hours_per_month"], row["use_hours_per_day"]
    if month is not None and day is not None:
        yield "use_hours_per_day: state the hours of a month or of a day, not both"
    if month is not None and not 0 < month <= (row["hours_per_month"] or MONTH_HOURS):
        yield "use_hours_per_month: write hours above 0, at most those of a month"
    if day is not None and not 0 < day <= DAY_HOURS:
        yield "use_hours_per_day: write hours above 0, at most 24"


def credit_faults(row: Row) -> Iterator[str]:
    """Faults of one row of credit_purchases."""
    if row["unit_count"] == 0:
        yield "unit_count: 0; state the credits bought, or remove the row"
