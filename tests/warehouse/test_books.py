"""A company of two GPUs at one dollar an hour, whose books can be checked by hand.

January has 744 hours: a GPU of $744 that lives one month costs $1 an hour, and so does the staff.
"""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from warehouse_factory import Company, event, gpu_sample, moment

DAY = moment("2026-01-10")
TEN = DAY + timedelta(hours=10)
SINCE = {"valid_from": date(2025, 1, 1)}


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Company:
    company = Company.found(tmp_path_factory.mktemp("books"), project)
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


def test_idle_stands_apart_on_the_usage_basis_and_is_carried_by_users_on_the_other(
    books: Company,
) -> None:
    # $1 was used: red a quarter of input (80 cents) and output (20 cents, at 2.5 a token).
    # 47 idle GPU hours and $24 of staff: red carries a quarter, blue the rest.
    assert books.query(
        "select team_id, sum(effective_cost_usd), sum(allocation_cost_usd)"
        " from fct_token_costs_daily where usage_date = date '2026-01-10' group by all order by 1"
    ) == [
        ("blue", Decimal("0.75"), Decimal("54.00")),
        ("red", Decimal("0.25"), Decimal("18.00")),
        ("unattributed", Decimal("71.00"), Decimal(0)),
    ]


def test_idle_hours_are_told_by_cause(books: Company) -> None:
    assert books.query(
        "select idle_cause, sum(effective_cost_usd) from fct_charges_hourly"
        " where usage_date = date '2026-01-10' and charge_kind = 'own_gpu_idle'"
        " group by all order by 1"
    ) == [("no_deployment", Decimal(24)), ("no_load", Decimal(23))]


def test_cached_input_carries_no_prefill_and_requests_sum_to_their_team(books: Company) -> None:
    # of blue's 60 cents of input one and two thirds, all 15 cents of output to the first
    assert books.query(
        "select team_id, input_cost_usd, output_cost_usd from fct_request_costs order by 2, 1"
    ) == [
        ("blue", Decimal("0.2"), Decimal("0.15")),
        ("red", Decimal("0.2"), Decimal("0.05")),
        ("blue", Decimal("0.4"), Decimal(0)),
    ]


def test_training_is_paid_when_it_runs_and_shown_in_the_tokens_it_made_possible(
    books: Company,
) -> None:
    # two GPU hours over the 31 days from 10 January on, by tokens 10,100 to 3,300
    ((paid,),) = books.query(
        "select sum(effective_cost_usd) from fct_charges_hourly where model_name = 'qwen-v1'"
        " and charge_kind = 'own_gpu_allocated'"
    )
    assert paid == Decimal(2)
    rows = books.query(
        "select team_id, amortized_training_cost_usd from fct_token_costs_daily"
        " where usage_date = date '2026-01-10' and model_name = 'qwen'"
        " and team_id != 'unattributed' order by 1"
    )
    part = Decimal(2 * 10**12 // 31) / 10**12
    assert sum(cost for _, cost in rows) == part
    assert rows[0][1] == (part * 3300 / 13400).quantize(Decimal("1e-12"), rounding="ROUND_DOWN")


def test_a_rule_shares_what_belongs_to_no_team(books: Company) -> None:
    assert books.query(
        "select team_id, sum(direct_cost_usd), sum(shared_cost_usd), sum(showback_cost_usd)"
        " from fct_showback_daily where usage_date = date '2026-01-10' group by all order by 1"
    ) == [
        ("blue", Decimal("0.75"), Decimal(8), Decimal("8.75")),
        ("green", Decimal(0), Decimal(8), Decimal(8)),
        ("red", Decimal("0.25"), Decimal("19.75"), Decimal(20)),
        ("unattributed", Decimal(71), Decimal("-35.75"), Decimal("35.25")),
    ]


def test_the_journal_books_cents_that_balance(books: Company) -> None:
    # $48 at 8.75, 8, 20 and 35.25 of 72; the accounts of amortization are in the ledger
    assert books.query(
        "select account, cost_center, debit_usd, credit_usd from fct_journal_daily"
        " where usage_date = date '2026-01-10' and entry_kind = 'amortization' order by 1, 2"
    ) == [
        ("0690", "", Decimal(0), Decimal(48)),
        ("6220", "B", Decimal("5.83"), Decimal(0)),
        ("6220", "G", Decimal("5.33"), Decimal(0)),
        ("6220", "R", Decimal("13.34"), Decimal(0)),
        ("6220", "unattributed", Decimal("23.50"), Decimal(0)),
    ]
    assert books.value(
        "select account from fct_journal_daily where entry_kind = 'opex' and credit_usd > 0"
        " and usage_date = date '2026-01-10'"
    ) == ("no account: opex credit")


def test_a_late_charge_is_timing_and_not_a_wrong_price(books: Company) -> None:
    assert books.query(
        "select cast(month_start_date as text), gap_usd, timing_gap_usd, unexplained_gap_usd"
        " from fct_bill_reconciliation_monthly where account_id = 'openai' order by 1"
    ) == [
        ("2026-01-01", Decimal("-0.0028"), Decimal("-0.0028"), Decimal(0)),
        ("2026-02-01", Decimal("0.0028"), Decimal("0.0028"), Decimal(0)),
    ]


def test_a_gap_splits_into_more_tokens_and_a_higher_rate(books: Company) -> None:
    # metered: 900 tokens for 0.0039; billed: 1,000 tokens for 0.005 and EUR 0.01 at 1.20
    ((gap, volume, price, unexplained),) = books.query(
        "select gap_usd, volume_gap_usd, price_gap_usd, unexplained_gap_usd"
        " from fct_bill_reconciliation_monthly where account_id = 'anthropic'"
    )
    assert gap == Decimal("0.0131")
    assert volume == Decimal(100 * 3900000000 // 900) / 10**12
    assert (price, unexplained) == (gap - volume, 0)
