"""Every method of amortization against published tables and against fractions."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest
from amortization_oracle import MACRS, Event, Life, Terms, later, live, midnight
from warehouse_factory import Company, event, moment

FIRST, DAYS = date(2026, 1, 1), 45
LAST = FIRST + timedelta(days=DAYS - 1)
FOREVER = datetime.max  # noqa: DTZ901
PICO = Decimal("0.000000000001")
LIVES = 200
BY_TIME = ("straight_line", "double_declining", "sum_of_years_digits", *MACRS)

# cost 100,000, salvage 10,000, 5 years (AccountingCoach); MACRS of 250,000 (IRS Publication 946)
PUBLISHED = {
    "double_declining": ("40000 24000 14400 8640 2960", 100_000, 10_000),
    "sum_of_years_digits": ("30000 24000 18000 12000 6000", 100_000, 10_000),
    "macrs_5_year_half_year": ("50000 80000 48000 28800 28800 14400", 250_000, 25_000),
}
# 100,000 units: 0.90 USD each, as in the same example
PRODUCED = {"GPU-made-12000": (12_000, 10_800), "GPU-made-30000": (30_000, 27_000)}


def gpu(uuid: str, **columns: Any) -> dict[str, Any]:
    return {
        "gpu_uuid": uuid,
        "host_name": f"host of {uuid}",
        "gpu_index": 0,
        "gpu_model": "H100",
        "memory_gib": 80,
        "purchase_date": FIRST,
        "in_service_date": FIRST,
        "purchase_price_usd": Decimal("100000.00"),
        "residual_value_usd": Decimal("10000.00"),
        "useful_life_months": 60,
        "rated_power_watts": 700.0,
        **columns,
    }


def happens(number: int, uuid: str, one: Event) -> dict[str, Any]:
    def usd(value: Fraction | None) -> Decimal | None:
        return None if value is None else Decimal(int(value * 100)).scaleb(-2)

    return {
        "event_id": f"e{number}",
        "gpu_uuid": uuid,
        "event_date": one.day,
        "event_kind": one.kind,
        "amount_usd": usd(one.amount),
        "share_ratio": None if one.share == 1 else Decimal(int(one.share * 10**6)).scaleb(-6),
        "residual_value_usd": usd(one.residual),
        "remaining_life_months": one.months,
        "amortization_method": one.method,
        "expected_units": usd(one.units),
    }


def random_event(random: Random, day: date, method: str) -> Event:
    kind = random.choice(("estimate_change", "upgrade", "disposal"))
    cents = Fraction(random.randrange(1, 2_000_000), 100)
    if kind == "disposal":
        share = Fraction(random.choice((1, 1, 250_000, 333_333, 999_999)), 10**6)
        return Event(day=day, kind=kind, amount=cents, share=share if share > 1e-6 else Fraction(1))
    if method.startswith("units_of_"):
        new_units = random.choice((None, Fraction(random.randrange(100, 90_000), 100)))
        return Event(
            day=day, kind=kind, amount=cents if kind == "upgrade" else None, units=new_units
        )
    return Event(
        day=day,
        kind=kind,
        amount=cents if kind == "upgrade" else None,
        residual=random.choice((None, Fraction(0), cents)),
        months=random.choice((None, None, random.randrange(1, 80))),
        method=random.choice((None, None, *BY_TIME)),
    )


def random_life(random: Random, number: int) -> tuple[dict[str, Any], list[Event]]:
    method = random.choice((*BY_TIME, *BY_TIME, "units_of_gpu_hours", "units_of_tokens"))
    by_units = method.startswith("units_of_")
    begun = FIRST if by_units else date(2019, 1, 1) + timedelta(days=random.randrange(2900))
    price = random.randrange(1, 10_000_000)
    row = gpu(
        f"GPU-{number:03}",
        in_service_date=begun,
        purchase_price_usd=Decimal(price).scaleb(-2),
        residual_value_usd=Decimal(random.choice((0, price, random.randrange(price)))).scaleb(-2),
        useful_life_months=random.choice((random.randrange(1, 90), 36, 48, 60)),
        amortization_method=method,
        expected_units=Decimal(random.randrange(10_00, 2_000_00)).scaleb(-2) if by_units else None,
    )
    if random.random() < 0.2:
        row["retired_date"] = begun + timedelta(days=random.randrange(1, 3000))
    span = DAYS if by_units else 2500
    days = sorted(
        {begun + timedelta(days=random.randrange(span)) for _ in range(random.choice((0, 0, 1, 3)))}
    )
    events = []
    for day in days:
        events.append(random_event(random, day, method))
        if events[-1].kind == "disposal" and events[-1].share == 1:
            break
    return row, events


LIVES_OF = [random_life(Random(number), number) for number in range(LIVES)]  # noqa: S311
WORK = {
    row["gpu_uuid"]: Random(number).sample(range(DAYS * 24), 700)  # noqa: S311
    for number, (row, _) in enumerate(LIVES_OF)
    if row["amortization_method"].startswith("units_of_")
}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Company:
    """Published examples and random lives, with their schedules."""
    company = Company.found(tmp_path_factory.mktemp("amortization"), project)
    company.keep("gpu_fleet", [*_published_gpus(), *(row for row, _ in LIVES_OF)])
    happened = [(row["gpu_uuid"], one) for row, events in LIVES_OF for one in events]
    company.keep("gpu_asset_events", [happens(n, *one) for n, one in enumerate(happened)])
    _keep_busy(company)
    company.dbt(
        "build",
        "--exclude-resource-type",
        "unit_test",
        "--indirect-selection",
        "cautious",
        "--select",
        "dim_gpus",
        "+fct_gpu_amortization_schedule",
        "+fct_gpu_disposals",
        "int_gpu_amortization_hourly",
        "+int_own_gpu_costs_known",
        "test_name:the_periods_of_a_gpu_take_over_each_others_book_value",
        "test_name:the_hours_of_a_period_cost_what_it_charges",
    )
    return company


def _published_gpus() -> list[dict[str, Any]]:
    by_years = [
        gpu(
            f"GPU-{method}",
            amortization_method=method,
            purchase_price_usd=Decimal(cost),
            residual_value_usd=Decimal(residual),
        )
        for method, (_, cost, residual) in PUBLISHED.items()
    ]
    tables = [
        gpu(f"GPU-table-{method}", amortization_method=method, purchase_price_usd=Decimal(100))
        | {"residual_value_usd": Decimal(0)}
        for method in MACRS
    ]
    by_units = [
        gpu(uuid, amortization_method="units_of_tokens", expected_units=Decimal(100_000))
        for uuid in PRODUCED
    ]
    return [gpu("GPU-straight"), *by_years, *tables, *by_units]


def _keep_busy(company: Company) -> None:
    """GPU hours by training deployments, tokens by a model on each GPU."""
    deployments, requests = [], []
    for row, _ in LIVES_OF:
        uuid, method = row["gpu_uuid"], row["amortization_method"]
        place = {"host_name": row["host_name"], "gpu_indices": "0"}
        if method == "units_of_tokens":
            serving = {"deployment_id": uuid, "workload": "inference", "model_name": uuid}
            deployments.append(place | serving | {"started_at": midnight(FIRST)})
            requests += [_request(uuid, hour, 1) for hour in WORK[uuid]]
        elif method == "units_of_gpu_hours":
            deployments += [
                place
                | {
                    "deployment_id": f"{uuid} {hour}",
                    "workload": "training",
                    "model_name": "tune",
                    "started_at": midnight(FIRST) + timedelta(hours=hour),
                    "ended_at": midnight(FIRST) + timedelta(hours=hour + 1),
                }
                for hour in WORK[uuid]
            ]
    for uuid, (tokens, _) in PRODUCED.items():
        place = {"host_name": f"host of {uuid}", "gpu_indices": "0", "started_at": midnight(FIRST)}
        deployments.append(
            place | {"deployment_id": uuid, "workload": "inference", "model_name": uuid}
        )
        requests.append(_request(uuid, 5, tokens))
    ends = (event("first", midnight(FIRST)), event("last", midnight(LAST)))
    company.keep("deployments", deployments)
    company.land("usage_events", "litellm", "requests.jsonl", [*requests, *ends])


def _request(model: str, hour: int, tokens: int) -> dict[str, Any]:
    return event(
        f"{model} {hour}",
        midnight(FIRST) + timedelta(hours=hour),
        provider_name="self_hosted",
        response_model=model,
        uncached_input_tokens=tokens,
    )


def yearly(company: Company, uuid: str) -> list[Decimal]:
    return [
        usd
        for (usd,) in company.query(
            "select sum(amortized_cost_usd) from fct_gpu_amortization_schedule where gpu_uuid = ?"
            " group by year(month_start_date) having sum(amortized_cost_usd) > 0"
            " order by year(month_start_date)",
            uuid,
        )
    ]


@pytest.mark.parametrize("method", PUBLISHED)
def test_a_published_depreciation_table_is_met_to_the_cent(company: Company, method: str) -> None:
    years, _, _ = PUBLISHED[method]
    assert yearly(company, f"GPU-{method}") == pytest.approx(
        [Decimal(year) for year in years.split()], abs=5 * PICO
    )


def test_straight_line_takes_a_fifth_a_year_evenly_by_the_hour(company: Company) -> None:
    # 2028 has a day more; five years are 43,824 hours
    assert yearly(company, "GPU-straight") == pytest.approx(
        [Decimal(90_000) * hours / 43_824 for hours in (8760, 8760, 8784, 8760, 8760)], abs=PICO
    )
    assert sum(yearly(company, "GPU-straight")) == 5 * 18_000
    ((lowest, highest),) = company.query(
        "select min(amortized_picousd), max(amortized_picousd)"
        " from intermediate.int_gpu_amortization_hourly where gpu_uuid = 'GPU-straight'"
    )
    assert (lowest, highest) == (90_000 * 10**12 // 43_824, 90_000 * 10**12 // 43_824 + 1)


@pytest.mark.parametrize("method", MACRS)
def test_the_tables_of_publication_946_are_met_per_cent_by_per_cent(
    company: Company, method: str
) -> None:
    assert yearly(company, f"GPU-table-{method}") == pytest.approx(
        [Decimal(rate) for rate in MACRS[method]], abs=5 * PICO
    )


@pytest.mark.parametrize("uuid", PRODUCED)
def test_units_of_production_cost_ninety_cents_each(company: Company, uuid: str) -> None:
    assert yearly(company, uuid) == [Decimal(PRODUCED[uuid][1])]


def lived(row: dict[str, Any], events: Sequence[Event]) -> Life:
    begun = midnight(row["in_service_date"])
    terms = Terms(
        method=row["amortization_method"],
        clock=begun,
        end=later(begun, row["useful_life_months"]),
        months=Fraction(row["useful_life_months"]),
        book=Fraction(row["purchase_price_usd"]),
        residual=Fraction(row["residual_value_usd"]),
        units=row["expected_units"]
        and max(_whole(row, Fraction(row["expected_units"])), Fraction(1)),
    )
    sold = [midnight(one.day) for one in events if one.kind == "disposal" and one.share == 1]
    retired = [midnight(row["retired_date"])] if row.get("retired_date") else []
    changed = [_stated(row, one) for one in events]
    return live(terms, changed, min([FOREVER, *sold, *retired]), lambda *span: _done(row, *span))


def _whole(row: dict[str, Any], units: Fraction) -> Fraction:
    """Tokens are whole."""
    is_tokens = row["amortization_method"] == "units_of_tokens"
    return (
        Fraction(Decimal(float(units)).to_integral_value("ROUND_HALF_UP")) if is_tokens else units
    )


def _stated(row: dict[str, Any], one: Event) -> Event:
    return one if one.units is None else Event(**vars(one) | {"units": _whole(row, one.units)})


def _done(row: dict[str, Any], start: datetime, end: datetime) -> Fraction:
    hours = (midnight(FIRST) + timedelta(hours=hour) for hour in WORK[row["gpu_uuid"]])
    left = midnight(row["retired_date"]) if row.get("retired_date") else FOREVER
    return Fraction(sum(start <= hour < min(end, left) for hour in hours))


def test_random_lives_are_charged_as_fractions_say(company: Company) -> None:
    told = dict[str, list[tuple[datetime, datetime, int]]]()
    for uuid, start, end, charged in company.query(
        "select gpu_uuid, started_at, ended_at, charged_picousd"
        " from intermediate.int_gpu_amortization_periods"
        " where charged_picousd > 0 order by period_number"
    ):
        told.setdefault(uuid, []).append((start, end, charged))
    for row, events in LIVES_OF:
        expected = [one for one in lived(row, events).charges if one.usd * 10**12 >= 1]
        found = told.get(row["gpu_uuid"], [])
        assert len(found) == len(expected), (row, events)
        for (start, _, charged), one in zip(found, expected, strict=True):
            assert start == one.start, (row, events)
            # a weight of a month's part is rounded to a thousandth
            assert charged == pytest.approx(float(one.usd) * 1e12, rel=1e-9, abs=1000), (
                row,
                events,
            )


def test_a_life_sums_to_cost_plus_upgrades_minus_what_is_left_and_no_hour_is_negative(
    company: Company,
) -> None:
    sums = {
        uuid: (added, charged, disposed, closing, least)
        for uuid, added, charged, disposed, closing, least in company.query(
            "select gpu_uuid, sum(additions_usd), sum(amortized_cost_usd),"
            " sum(disposed_book_value_usd), arg_max(closing_book_value_usd, month_start_date),"
            " min(amortized_cost_usd) from fct_gpu_amortization_schedule group by gpu_uuid"
        )
    }
    for row, events in LIVES_OF:
        added, charged, disposed, closing, least = sums[row["gpu_uuid"]]
        upgrades = sum(one.amount or 0 for one in events if one.kind == "upgrade")
        assert Fraction(added) == Fraction(row["purchase_price_usd"]) + upgrades
        assert added == charged + disposed + closing
        assert least >= 0
        if not events and not row.get("retired_date"):
            is_macrs = row["amortization_method"].startswith("macrs_")
            assert closing == (0 if is_macrs else row["residual_value_usd"]) or (
                row["gpu_uuid"] in WORK and row["expected_units"] > 700
            )


def test_what_leaves_the_books_brings_a_gain_or_a_loss(company: Company) -> None:
    told = company.query(
        "select gpu_uuid, book_value_usd, proceeds_usd, gain_loss_usd from fct_gpu_disposals"
        " order by gpu_uuid, disposal_date"
    )
    expected = [
        (row["gpu_uuid"], *disposal)
        for row, events in LIVES_OF
        for disposal in lived(row, events).disposals
    ]
    assert len(told) == len(expected) > 20
    for (uuid, book, proceeds, gain), (whose, value, brought) in zip(told, expected, strict=True):
        assert (uuid, Fraction(proceeds)) == (whose, brought)
        assert float(book) == pytest.approx(float(value), rel=1e-9, abs=1e-9)
        assert gain == proceeds - book


def test_the_days_that_forecasts_look_up_are_charged_as_the_hours_are(company: Company) -> None:
    # Units of production follow use: they are forecast and not looked up.
    rows = company.query(
        "with known as (select usage_date, sum(known_cost_usd) as usd "
        "from intermediate.int_own_gpu_costs_known group by 1), "
        "hours as (select usage_date, sum(amortized_picousd) as picousd "
        "from intermediate.int_gpu_amortization_hourly "
        "where amortization_method not like 'units_of_%' group by 1) "
        "select usd, picousd from known join hours using (usage_date)"
    )
    assert len(rows) == DAYS
    for known, picousd in rows:
        assert abs(known - Decimal(int(picousd)).scaleb(-12)) < Decimal("0.000001")


def test_an_event_changes_no_hour_before_it(company: Company, tmp_path: Path) -> None:
    before = (
        "select * from intermediate.int_gpu_amortization_hourly where hour_start_at < ?"
        " order by all"
    )
    day = moment("2026-01-20")
    then = company.query(before, day)
    changed = company.copied(tmp_path / "data")
    happened = [(row["gpu_uuid"], one) for row, events in LIVES_OF for one in events]
    news = [
        (
            row["gpu_uuid"],
            Event(day=day.date(), kind="estimate_change", residual=Fraction(1), months=7),
        )
        for row, _ in LIVES_OF
        if not row["amortization_method"].startswith("units_of_")
    ]
    changed.keep("gpu_asset_events", [happens(n, *one) for n, one in enumerate([*happened, *news])])
    # the view reads the ledger of the folder it was made for
    changed.dbt("run", "--select", "stg_ledger__gpu_asset_events", "int_gpu_amortization_periods")
    assert changed.query(before, day) == then
    after = "select sum(amortized_picousd) from intermediate.int_gpu_amortization_hourly"
    assert changed.value(after) != company.value(after)
