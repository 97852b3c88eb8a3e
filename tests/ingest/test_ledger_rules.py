# ruff: noqa: E501 - a case is a line
from pathlib import Path

import pytest
from translated import put

from ingest.ledgers import validate

FLEET = "gpu_uuid,host_name,gpu_index,gpu_model,memory_gib,acquisition_kind,purchase_date,in_service_date,purchase_price_usd,residual_value_usd,useful_life_months,amortization_method,expected_units,hourly_price_usd,rated_power_watts"
GPU = "GPU-0000aaaa-1,h1,0,H100,80"
HELD = "deployment_id,workload,model_name,host_name,gpu_indices,gpu_share_ratio,started_at,ended_at"
EVENTS = "event_id,gpu_uuid,event_date,event_kind,amount_usd,share_ratio,remaining_life_months,amortization_method,expected_units"
PRICES = "contract_id,provider_name,model_name,token_class,price_usd_per_million_tokens,price_usd_per_request,valid_from"
TARIFFS = "tariff_id,price_usd_per_kwh,power_usage_effectiveness_ratio,weekdays,from_hour,to_hour,time_zone,valid_from"
QUOTAS = "quota_id,scope_kind,scope_id,measure,limit_value,period_kind,time_zone,rollover_ratio,valid_from,valid_to"
RULES = "rule_id,charge_kind,method,team_id,share_ratio,valid_from"
OWN = f"{GPU},,2026-01-01,2026-01-05,30000,3000,60,,,,700"


def faults(folder: Path, ledger: str, header: str, *rows: str) -> list[str]:
    if ledger != "gpu_fleet":
        put(folder, "ledgers/gpu_fleet.csv", f"{FLEET}\n{OWN}\n".encode())
    put(folder, "ledgers/teams.csv", b"team_id,team_name\nred,Red\n")
    put(folder, f"ledgers/{ledger}.csv", "\n".join([header, *rows, ""]).encode())
    return validate(folder / "ledgers")[1]


@pytest.mark.parametrize(
    ("ledger", "header", "row"),
    [
        ("gpu_fleet", FLEET, OWN),
        ("gpu_fleet", FLEET, f"{GPU},rental,2026-01-01,2026-01-05,,,,,,2.10,700"),
        ("gpu_fleet", FLEET, f"{GPU},purchase,2026-01-01,2026-01-05,30000,3000,60,units_of_gpu_hours,43800,,700"),
        ("gpu_asset_events", EVENTS, "e1,GPU-0000aaaa-1,2027-01-01,disposal,9000,0.5,,,"),
        ("contract_prices", PRICES, "c1,openai,gpt-5,web_search,,0.01,2026-01-01"),
        ("electricity_tariffs", TARIFFS, "peak,0.3,1.2,12345,8,20,Europe/Berlin,2026-01-01"),
        ("shared_cost_rules", RULES, "r1,own_gpu_idle,fixed,red,0.25,2026-01-01"),
        ("shared_cost_rules", RULES, "r1,own_gpu_overhead,proportional,,,2026-01-01"),
        ("quotas", QUOTAS, "q1,model,gpt-5,tokens,30000,minute,,,2026-01-01,"),
        ("quotas", QUOTAS, "q1,gpu_pool,H100,gpus,16,hour,,,2026-01-01,"),
        ("quotas", QUOTAS, "q1,user,ann,usd,100,month,Asia/Kolkata,0.5,2026-01-01,"),
    ],
)  # fmt: skip
def test_what_a_company_keeps_is_taken(tmp_path: Path, ledger: str, header: str, row: str) -> None:
    assert faults(tmp_path, ledger, header, row) == []


@pytest.mark.parametrize(
    ("ledger", "header", "row", "told"),
    [
        ("gpu_fleet", FLEET, f"{GPU},rental,2026-01-01,2026-01-05,30000,,,,,2.10,700", "purchase_price_usd: of a purchase"),
        ("gpu_fleet", FLEET, f"{GPU},lease,2026-01-01,2026-01-05,,,,,,,700", "hourly_price_usd: empty"),
        ("gpu_fleet", FLEET, f"{GPU},,2026-01-01,2026-01-05,30000,,60,,,,700", "residual_value_usd: empty; a purchase states it"),
        ("gpu_fleet", FLEET, f"{GPU},,2026-01-01,2026-01-05,30000,3000,60,units_of_tokens,,,700", "expected_units: empty or 0"),
        ("gpu_fleet", FLEET, f"{GPU},,2026-01-01,2026-01-05,30000,3000,60,,100,,700", "expected_units: only of the methods"),
        ("gpu_asset_events", EVENTS, "e1,GPU-0000aaaa-1,2027-01-01,disposal,,1,,,", "amount_usd: empty"),
        ("gpu_asset_events", EVENTS, "e1,GPU-0000aaaa-1,2027-01-01,upgrade,5,0.5,,,", "share_ratio: of a disposal only"),
        ("gpu_asset_events", EVENTS, "e1,GPU-0000bbbb-1,2027-01-01,upgrade,5,,,,", "gpu_uuid: gpu_fleet has no GPU-0000bbbb-1"),
        ("gpu_asset_events", EVENTS, "e1,GPU-0000aaaa-1,2025-12-31,upgrade,5,,,,", "event_date: before the GPU's in_service_date"),
        ("gpu_asset_events", EVENTS, "e1,GPU-0000aaaa-1,2027-01-01,estimate_change,,,,units_of_tokens,", "expected_units: empty or 0; the new method"),
        ("gpu_asset_events", EVENTS, "e1,GPU-0000aaaa-1,2027-01-01,estimate_change,,,,,5", "expected_units: only of the methods"),
        ("contract_prices", PRICES, "c1,openai,gpt-5,output,,0.01,2026-01-01", "price_usd_per_million_tokens: empty"),
        ("contract_prices", PRICES, "c1,openai,gpt-5,web_search,1,0.01,2026-01-01", "price_usd_per_million_tokens: not how"),
        ("quotas", QUOTAS, "q1,user,ann,gpu_hours,5,day,,,2026-01-01,", "measure: not counted by user; use one of tokens,"),
        ("quotas", QUOTAS, "q1,team,red,usd,5,minute,,,2026-01-01,", "period_kind: a rate per minute is of tokens,"),
        ("quotas", QUOTAS, "q1,team,red,gpus,5,day,,,2026-01-01,", "period_kind: gpus are held at a time; use hour"),
        ("quotas", QUOTAS, "q1,team,red,usd,5,contract,,,2026-01-01,", "valid_to: empty; a contract states its end"),
        ("quotas", QUOTAS, "q1,team,red,usd,5,month,,1.5,2026-01-01,", "rollover_ratio: more than 1"),
        ("quotas", QUOTAS, "q1,team,red,tokens,5,minute,,0.5,2026-01-01,", "rollover_ratio: nothing is left over"),
        ("quotas", QUOTAS, "q1,team,red,usd,5,month,Berlin,,2026-01-01,", "time_zone: not known"),
        ("quota_boosts", "boost_id,quota_id,extra_value,valid_from,valid_to", "b1,q9,5,2026-01-01,", "quota_id: quotas has no quota q9"),
        ("electricity_tariffs", TARIFFS, "peak,0.3,1.2,128,8,20,UTC,2026-01-01", "weekdays: write each day once"),
        ("electricity_tariffs", TARIFFS, "peak,0.3,1.2,,20,8,UTC,2026-01-01", "to_hour: write hours of one day"),
        ("electricity_tariffs", TARIFFS, "peak,0.3,1.2,,,,Mars/North,2026-01-01", "time_zone: not known"),
        ("shared_cost_rules", RULES, "r1,own_gpu_idle,fixed,,0.25,2026-01-01", "team_id: empty"),
        ("shared_cost_rules", RULES, "r1,own_gpu_idle,even,red,,2026-01-01", "team_id: only of the method fixed"),
        ("shared_cost_rules", RULES, "r1,own_gpu_idle,fixed,blue,0.5,2026-01-01", "team_id: teams has no team blue"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_booked_is_told(
    tmp_path: Path, ledger: str, header: str, row: str, told: str
) -> None:
    errors = faults(tmp_path, ledger, header, row)
    assert [error for error in errors if error.startswith(f"ledgers/{ledger}.csv:2: {told}")]


def test_nothing_happens_to_a_gpu_that_was_sold_and_to_a_rented_one(tmp_path: Path) -> None:
    sold = "e1,GPU-0000aaaa-1,2027-01-01,disposal,9000,,,,"
    late = "e2,GPU-0000aaaa-1,2027-01-02,upgrade,5,,,,"
    (fault,) = faults(tmp_path, "gpu_asset_events", EVENTS, late, sold)
    assert fault.startswith("ledgers/gpu_asset_events.csv:2: event_date: after the disposal")
    rented = f"{GPU},rental,2026-01-01,2026-01-05,,,,,,2.10,700"
    put(tmp_path, "ledgers/gpu_fleet.csv", f"{FLEET}\n{rented}\n".encode())
    (fault,) = validate(tmp_path / "ledgers")[1][:1]
    assert "gpu_uuid: a leased or rented GPU has no book value" in fault


def test_four_quarters_make_one_gpu_and_a_fifth_is_too_many(tmp_path: Path) -> None:
    row = "d{},inference,m,h1,0,0.25,2026-02-01T00:00:00Z,{}"
    quarters = [row.format(number, "") for number in range(4)]
    assert faults(tmp_path, "deployments", HELD, *quarters) == []
    later = row.format(4, "2026-03-01T00:00:00Z")
    (fault,) = faults(tmp_path, "deployments", HELD, *quarters, later)
    assert fault.startswith("ledgers/deployments.csv:6: gpu_indices: the same as in row 2, 3, 4, 5")
