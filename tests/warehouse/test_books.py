"""The books of the company of books_company.py, checked by hand."""

from decimal import Decimal

from warehouse_factory import Company


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


def test_token_classes_of_own_gpus_are_their_inputs_and_outputs_and_jobs_are_the_rest(
    books: Company,
) -> None:
    # $1 of serving, 80 cents of it input; the 9,000 cached tokens cost nothing; two GPU hours of
    # training; idle and staff are of no class
    assert books.query(
        "select team_id, token_class, tokens, effective_cost_usd from fct_token_class_costs_daily"
        " where is_self_hosted order by 1, 2"
    ) == [
        ("blue", "output", 300, Decimal("0.15")),
        ("blue", "uncached_input", 3000, Decimal("0.60")),
        ("red", "cache_read_input", 9000, Decimal(0)),
        ("red", "output", 100, Decimal("0.05")),
        ("red", "rest", None, Decimal(2)),
        ("red", "uncached_input", 1000, Decimal("0.20")),
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
