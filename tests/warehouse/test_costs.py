"""Figures of the marts against the same figures worked out by hand, in Decimal."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from warehouse_factory import TEN, Company

PICO = Decimal("0.000000000001")

# 2026, 2027 and the leap year 2028
LIFE_HOURS = (365 + 365 + 366) * 24
DEPRECIATION = Decimal(27000) / LIFE_HOURS

# 400 W and 200 W for an hour, PUE 1.25, 0.10 USD per kWh
ENERGY_0 = Decimal("0.4") * Decimal("1.25") * Decimal("0.10")
ENERGY_1 = Decimal("0.2") * Decimal("1.25") * Decimal("0.10")
# 744 USD over the 744 hours of January, halved between the two GPUs of host-a
OPEX = Decimal(1) / 2


@pytest.mark.parametrize(
    ("natural_key", "status", "list_cost", "contracted_cost"),
    [
        # 1000 x 2e-6 + 100 x 8e-6
        ("gpt-january", "list", "0.0028", "0.0028"),
        # the contract prices the output at 6e-6 on that one day; input stays at list
        ("gpt-contract", "contract", "0.0028", "0.0026"),
        ("gpt-february", "list", "0.0014", "0.0014"),
        # 500 x 3e-6 + 300 x 3e-7 + 200 x 3.75e-6 + 100 x 1.5e-5
        ("claude-at-threshold", "list", "0.00384", "0.00384"),
        # one token more doubles the price of every token
        ("claude-over-threshold", "list", "0.007686", "0.007686"),
        # 10 x 3e-6 + 7 x 6e-6 + 1 x 1.5e-5
        ("claude-hour-cache", "list", "0.000087", "0.000087"),
        ("claude-audio", "unpriced", None, None),
        ("claude-batch", "unpriced", None, None),
        ("unknown", "unpriced", None, None),
    ],
)
def test_a_cloud_request_costs_what_the_hand_calculation_says(
    company: Company,
    natural_key: str,
    status: str,
    list_cost: str | None,
    contracted_cost: str | None,
) -> None:
    expected = (status, *(cost and Decimal(cost) for cost in (list_cost, contracted_cost)))
    assert company.query(
        "select pricing_status, list_cost_usd, contracted_cost_usd from fct_usage_events"
        " where event_id = sha256(?)",
        natural_key,
    ) == [expected]


def test_an_unpriced_request_is_listed_with_its_reason(company: Company) -> None:
    assert company.query(
        "select model_name, request_count, total_tokens, reason from fct_unpriced_usage"
        " order by all"
    ) == [
        ("claude-x", 1, 1100, "no_price_for_service_tier"),
        ("claude-x", 1, 1107, "no_price_for_token_class"),
        ("nobody-knows", 1, 1100, "no_price_for_model"),
    ]


def test_a_gpu_hour_costs_depreciation_energy_and_running_costs(company: Company) -> None:
    ((amortized, energy, opex, overhead, asset, joules, coverage),) = company.query(
        "select amortized_cost_usd, energy_cost_usd, opex_cost_usd, overhead_cost_usd,"
        " asset_cost_usd, energy_joules, telemetry_coverage_ratio"
        " from fct_gpu_hours where gpu_uuid = 'GPU-0' and hour_start_at = ?",
        TEN,
    )
    assert abs(amortized - DEPRECIATION) < PICO
    assert (energy, opex, overhead) == (ENERGY_0, OPEX, Decimal(1))
    assert asset == amortized + energy + opex + overhead
    assert (joules, coverage) == (1_440_000.0, 1.0)


def test_a_gpu_without_a_counter_is_measured_by_its_power(company: Company) -> None:
    assert company.query(
        "select energy_joules, energy_cost_usd, gpu_utilization_ratio"
        " from fct_gpu_hours where gpu_uuid = 'GPU-1' and hour_start_at = ?",
        TEN,
    ) == [(720_000.0, ENERGY_1, 0.5)]


def test_a_gpu_hour_without_telemetry_has_no_energy_and_says_so(company: Company) -> None:
    assert company.query(
        "select energy_joules, energy_cost_usd, telemetry_coverage_ratio, idle_cause"
        " from fct_gpu_hours where gpu_uuid = 'GPU-2' and hour_start_at = ?",
        TEN - timedelta(hours=1),
    ) == [(None, None, 0.0, "no_deployment")]


def test_an_hour_that_a_job_holds_for_a_third_is_split_and_named_by_the_rest(
    company: Company,
) -> None:
    assert company.query(
        "select hour(hour_start_at), allocation_status, team_id from fct_gpu_hours"
        " where gpu_uuid = 'GPU-2' and hour_start_at in (?, ?) order by 1",
        TEN,
        TEN + timedelta(hours=1),
    ) == [(10, "allocated", "red"), (11, "idle", None)]
    shares = company.query(
        "select holder_id, gpu_hours, direct_cost_usd from fct_gpu_allocations_hourly"
        " where gpu_uuid = 'GPU-2' and hour_start_at = ? order by 1",
        TEN + timedelta(hours=1),
    )
    assert [(who, round(hours, 9)) for who, hours, _ in shares] == [
        ("", Decimal("0.666666667")),
        ("train", Decimal("0.333333333")),
    ]
    assert abs(shares[1][2] - DEPRECIATION / 3) < 2 * PICO


def test_a_loaded_model_that_nobody_calls_is_idle(company: Company) -> None:
    assert company.query(
        "select distinct allocation_status, idle_cause, model_name from fct_gpu_hours"
        " where host_name = 'host-a' and hour_start_at = ?",
        TEN + timedelta(hours=5),
    ) == [("idle", "no_load", "qwen")]


def test_teams_share_the_model_cost_by_measured_phase_and_tokens(company: Company) -> None:
    pool = 2 * (DEPRECIATION + OPEX) + ENERGY_0 + ENERGY_1
    # the engines spent 100 s on prefill and 300 s on decode
    input_cost, output_cost = pool / 4, pool * 3 / 4
    expected = {
        # uncached input 1000 : 3000, output 200 : 100
        "red": (input_cost / 4, output_cost * 2 / 3),
        "blue": (input_cost * 3 / 4, output_cost / 3),
    }
    rows = company.query(
        "select team_id, input_cost_usd, output_cost_usd, effective_cost_usd"
        " from fct_charges_hourly where model_name = 'qwen' and hour_start_at = ?",
        TEN,
    )
    assert {team for team, *_ in rows} == set(expected)
    for team, input_usd, output_usd, effective_usd in rows:
        assert abs(input_usd - expected[team][0]) < 5 * PICO
        assert abs(output_usd - expected[team][1]) < 5 * PICO
        assert effective_usd == input_usd + output_usd
    spent = company.value(
        "select sum(allocated_cost_usd) from fct_gpu_hours"
        " where model_name = 'qwen' and hour_start_at = ?",
        TEN,
    )
    assert sum(row[3] for row in rows) == spent


def test_the_key_owner_pays_and_the_fullest_copy_counts_once(company: Company) -> None:
    assert company.query(
        "select team_id, request_count, gateway_cache_hit_count, input_tokens, output_tokens,"
        " reasoning_output_tokens from fct_usage_hourly"
        " where model_name = 'qwen' and hour_start_at = ? order by team_id",
        TEN,
    ) == [("blue", 1, 0, 3000, 100, None), ("red", 1, 1, 1500, 200, 50)]


def test_a_day_without_any_data_still_costs_its_gpu_hours(company: Company) -> None:
    assert (
        company.value("select count(*) from fct_gpu_hours where usage_date = date '2026-02-02'")
        == 3 * 24
    )


def test_cost_per_million_tokens_leaves_unpriced_tokens_out(company: Company) -> None:
    ((cost, unpriced, rate),) = company.query(
        "select effective_cost_usd, unpriced_tokens, cost_usd_per_million_tokens"
        " from fct_token_costs_daily where model_name = 'claude-x'"
        " and usage_date = date '2026-01-30'"
    )
    assert (cost, unpriced) == (Decimal("0.011613"), 1107)
    assert rate == pytest.approx(0.011613 * 1e6 / 2219)


def test_each_token_class_costs_its_tokens_at_their_own_price(company: Company) -> None:
    # two requests at, and over, the threshold that doubles prices, one with an hour-long write,
    # and 1,107 tokens of a request with sound, which has no price
    assert company.query(
        "select token_class, tokens, unpriced_tokens, effective_cost_usd"
        " from fct_token_class_costs_daily where model_name = 'claude-x'"
        " and usage_date = date '2026-01-30' order by token_class"
    ) == [
        # 300 x 3e-7 + 300 x 6e-7
        ("cache_read_input", 600, 0, Decimal("0.00027")),
        # 7 x 6e-6
        ("cache_write_1h_input", 7, 0, Decimal("0.000042")),
        # 200 x 3.75e-6 + 200 x 7.5e-6
        ("cache_write_input", 400, 0, Decimal("0.00225")),
        # 100 x 1.5e-5 + 100 x 3e-5 + 1 x 1.5e-5
        ("output", 301, 100, Decimal("0.004515")),
        # 500 x 3e-6 + 501 x 6e-6 + 10 x 3e-6
        ("uncached_input", 2018, 1007, Decimal("0.004536")),
    ]


def test_a_class_whose_every_token_is_unpriced_has_an_unknown_cost(company: Company) -> None:
    assert company.query(
        "select token_class, tokens, unpriced_tokens, effective_cost_usd"
        " from fct_token_class_costs_daily where model_name = 'nobody-knows' order by token_class"
    ) == [("output", 100, 100, None), ("uncached_input", 1000, 1000, None)]


def test_reasoning_on_own_gpus_has_its_part_of_the_output_by_tokens(company: Company) -> None:
    # red: 1,000 uncached and 500 cached input tokens, 150 of output and 50 of reasoning
    ((input_cost, output_cost),) = company.query(
        "select input_cost_usd, output_cost_usd from fct_charges_hourly"
        " where model_name = 'qwen' and team_id = 'red' and hour_start_at = ?",
        TEN,
    )
    reasoning = (output_cost / 4).quantize(PICO, rounding="ROUND_DOWN")
    assert company.query(
        "select token_class, tokens, effective_cost_usd from fct_token_class_costs_daily"
        " where model_name = 'qwen' and team_id = 'red' and usage_date = date '2026-01-30'"
        " order by token_class"
    ) == [
        ("cache_read_input", 500, 0),
        ("output", 150, output_cost - reasoning),
        ("reasoning_output", 50, reasoning),
        ("uncached_input", 1000, input_cost),
    ]


def test_a_team_quota_counts_cloud_and_own_tokens_and_ends_with_the_month(
    company: Company,
) -> None:
    # 1700 own and 1100 + 1101 + 1107 + 18 cloud tokens, the next day 1100
    assert company.query(
        "select cast(usage_date as text), quota_used_value, quota_used_to_date_value,"
        " quota_used_ratio from fct_quota_consumption_daily"
        " where quota_id = 'red-tokens'"
        " and usage_date in ('2026-01-30', '2026-01-31', '2026-02-01') order by 1"
    ) == [
        ("2026-01-30", Decimal(5026), Decimal(5026), 0.5026),
        ("2026-01-31", Decimal(1100), Decimal(6126), 0.6126),
        ("2026-02-01", Decimal(0), Decimal(0), 0.0),
    ]


def test_a_pool_of_gpus_is_as_full_as_in_its_fullest_hour(company: Company) -> None:
    hours = company.query(
        "select sum(gpu_hours) from fct_gpu_allocations_hourly where host_name = 'host-a'"
        " and allocation_status = 'allocated' and usage_date = '2026-01-30' group by hour_start_at"
    )
    fullest = max(hours)[0]
    assert 0 < fullest <= 3
    assert company.query(
        "select quota_used_value, quota_used_ratio, is_rate from fct_quota_consumption_daily"
        " where quota_id = 'rack' and usage_date = '2026-01-30'"
    ) == [(fullest, float(fullest) / 2, True)]


def test_people_find_the_meaning_of_a_column_in_the_database(company: Company) -> None:
    assert (
        company.value(
            "select count(*) from duckdb_columns()"
            " where schema_name = 'main' and not internal and coalesce(comment, '') = ''"
        )
        == 0
    )


def test_the_unit_tests_of_the_rules_pass(company: Company, tmp_path: Path) -> None:
    company.copied(tmp_path / "data").dbt("test", "--select", "test_type:unit")
