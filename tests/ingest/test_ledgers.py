# ruff: noqa: E501 - a case is a line
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from translated import put

from ingest.errors import MeterhouseError
from ingest.ledgers import LEDGERS, land_ledgers, ledger_docs, validate

GOOD = {
    "gpu_fleet": """gpu_uuid,host_name,gpu_index,gpu_model,memory_gib,purchase_date,in_service_date,retired_date,purchase_price_usd,residual_value_usd,useful_life_months,rated_power_watts
GPU-0000aaaa-1,h1,0,H100,80,2026-01-01,2026-01-05,,30000.10,3000.00,60,700
GPU-0000AAAA-2,h1,1,H100,80,2026-01-01,2026-01-05,,30000.10,3000.00,60,700
""",
    "deployments": """deployment_id,workload,model_name,host_name,gpu_indices,team_id,tensor_parallel_size,pipeline_parallel_size,quantization,started_at,ended_at
chat,inference,qwen3-32b,h1,0 1,,2,1,fp8,2026-02-01T00:00:00+01:00,2026-03-01T00:00:00Z
tune,training,qwen3-32b,h1,1,search,1,1,none,2026-03-01T00:00:00Z,
""",
    "teams": "team_id,team_name,cost_center\nsearch,Search,\n",
    "api_keys": "api_key_id,team_id,valid_from,valid_to\n5e5e,search,,\n",
    "quotas": """quota_id,scope_kind,scope_id,measure,limit_value,period_kind,valid_from,valid_to
all,organization,,usd,1000.5,month,2026-01-01,
""",
    "contract_prices": """contract_id,provider_name,model_name,token_class,price_usd_per_million_tokens,valid_from,valid_to
c1,openai,gpt-5,output,9.999999,2026-01-01,2026-02-01
c1,openai,gpt-5,output,8,2026-02-01,
""",
    "opex": "opex_id,category,host_name,amount_usd_per_month,valid_from,valid_to\nrent,colocation,h1,1500.00,2026-01-01,\n",
    "electricity_tariffs": """tariff_id,host_name,price_usd_per_kwh,power_usage_effectiveness_ratio,valid_from,valid_to
grid,,0.118,1.35,2026-01-01,
""",
}


@pytest.fixture
def ledgers(tmp_path: Path) -> Path:
    for name, text in GOOD.items():
        put(tmp_path, f"ledgers/{name}.csv", text.encode())
    return tmp_path / "ledgers"


def test_good_ledgers_land_typed_with_exact_money_and_utc_times(ledgers: Path) -> None:
    landing = ledgers.parent / "landing"
    land_ledgers(ledgers, landing)
    found = {name: pl.read_parquet(landing / f"_ledgers/{name}.parquet") for name in LEDGERS}
    prices = found["contract_prices"]["unit_price_usd"]
    assert prices.dtype == pl.Decimal(18, 12)
    assert prices.to_list() == [Decimal("0.000009999999"), Decimal("0.000008")]
    assert found["gpu_fleet"]["purchase_price_usd"][0] == Decimal("30000.10")
    assert found["gpu_fleet"]["gpu_uuid"][1] == "GPU-0000aaaa-2"
    assert found["gpu_fleet"]["retired_date"].to_list() == [None, None]
    assert found["deployments"]["started_at"][0] == datetime.fromisoformat("2026-01-31T23:00:00")
    assert found["quotas"]["valid_from"].to_list() == [date(2026, 1, 1)]
    assert found["deployments"]["row_number"].to_list() == [2, 3]


def test_absent_ledgers_land_without_rows_and_with_their_columns(tmp_path: Path) -> None:
    land_ledgers(tmp_path / "ledgers", tmp_path / "landing")
    for name, ledger in LEDGERS.items():
        frame = pl.read_parquet(tmp_path / f"landing/_ledgers/{name}.parquet")
        assert frame.is_empty()
        assert frame.columns == [*(c.landed_name for c in ledger.columns), "row_number"]


def test_a_ledger_is_rewritten_only_when_what_it_says_changed(ledgers: Path) -> None:
    landing = ledgers.parent / "landing"
    land_ledgers(ledgers, landing)
    before = {path: path.stat().st_mtime_ns for path in (landing / "_ledgers").iterdir()}
    teams = ledgers / "teams.csv"
    teams.write_bytes(b"\xef\xbb\xbf" + teams.read_bytes().replace(b"\n", b"\r\n"))
    land_ledgers(ledgers, landing)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    teams.write_text("team_id,team_name,cost_center\nsearch,Find,\n")
    land_ledgers(ledgers, landing)
    changed = [path.name for path in before if path.stat().st_mtime_ns != before[path]]
    assert changed == ["teams.parquet"]


@pytest.mark.parametrize(
    ("ledger", "old", "new", "told"),
    [
        ("teams", "team_name", "teamname", "teams.csv:1: column 'teamname' is not one of this ledger's; did you mean team_name?"),
        ("teams", "team_id,team_name", "team_name", "teams.csv:1: column team_id is missing; add it to the header"),
        ("teams", "search,Search,\n", "search,Search,\nsearch,Again,\n", "teams.csv:3: team_id: the same as in row 2; remove one of them"),
        ("teams", "search,Search,", "search,Search", "teams.csv:2: 2 cells under 3 columns; check commas and quotes"),
        ("teams", "search,Search,", 'search,"Search,', "teams.csv:2: not CSV"),
        ("teams", "search,Search,", "other,Search,", "api_keys.csv:2: team_id: teams has no team search; add it there or correct it"),
        ("gpu_fleet", "30000.10", "2999.99", "gpu_fleet.csv:2: residual_value_usd: more than purchase_price_usd; correct one of them"),
        ("gpu_fleet", "30000.10", '"$30,000"', "gpu_fleet.csv:2: purchase_price_usd: '$30,000'; write a number"),
        ("gpu_fleet", "30000.10", "30000.105", "gpu_fleet.csv:2: purchase_price_usd: '30000.105'; at most 2 digits after the point"),
        ("gpu_fleet", "2026-01-05,,", "05.01.2026,,", "gpu_fleet.csv:2: in_service_date: '05.01.2026'; write a date as 2026-01-31"),
        ("gpu_fleet", ",60,", ",five,", "gpu_fleet.csv:2: useful_life_months: 'five'; write a whole number of 0 or more"),
        ("gpu_fleet", "GPU-0000AAAA-2", "GPU-0000aaaa-1", "gpu_fleet.csv:3: gpu_uuid: the same as in row 2; remove one of them"),
        ("gpu_fleet", "2,h1,1,", "2,h1,0,", "gpu_fleet.csv:3: host_name, gpu_index: the same as in row 2 at the same time"),
        ("deployments", "h1,0 1,", "h1,0 1 2,", "deployments.csv:2: gpu_indices: gpu_fleet has no GPU 2 on host h1; add it there or correct the index"),
        ("deployments", "2026-03-01T00:00:00Z,\n", "2026-02-28T00:00:00Z,\n", "deployments.csv:3: gpu_indices: the same as in row 2 at the same time; end one period before the other begins"),
        ("deployments", "+01:00", "", "deployments.csv:2: started_at: timestamp has no time zone; write it as 2026-01-31T08:00:00Z"),
        ("deployments", "1,search,", "1,,", "deployments.csv:3: team_id: empty; a training job states the team that pays"),
        ("deployments", "inference", "serving", "deployments.csv:2: workload: 'serving'; write one of inference, training"),
        ("deployments", "h1,0 1,", '"h1","0,1",', "deployments.csv:2: gpu_indices: '0,1'; write indices with spaces between, such as 0 1 2 3"),
        ("contract_prices", "2026-02-01\n", "2026-02-02\n", "contract_prices.csv:3: provider_name, model_name, token_class, service_tier, context_over_tokens: the same as in row 2 at the same time"),
        ("contract_prices", "2026-02-01\n", "2025-02-01\n", "contract_prices.csv:2: valid_to: not after valid_from; the end is exclusive, so it must be later"),
        ("quotas", "organization,,", "team,,", "quotas.csv:2: scope_id: say whose it is"),
        ("quotas", "month,2026-01-01", "month,", "quotas.csv:2: valid_from: empty; state first day, from 00:00 UTC"),
        ("opex", "h1", "h9", "opex.csv:2: host_name: gpu_fleet has no host h9; add it there or correct the name"),
        ("electricity_tariffs", "1.35", "0.9", "electricity_tariffs.csv:2: power_usage_effectiveness_ratio: below 1"),
    ],
)  # fmt: skip
def test_a_fault_is_told_by_file_row_column_and_remedy(
    ledgers: Path, ledger: str, old: str, new: str, told: str
) -> None:
    assert old in GOOD[ledger]
    (ledgers / f"{ledger}.csv").write_text(GOOD[ledger].replace(old, new, 1))
    errors = validate(ledgers)[1]
    assert any(error.startswith(f"ledgers/{told}") for error in errors), errors


def test_a_fault_stops_landing_and_every_fault_is_shown(ledgers: Path) -> None:
    landing = ledgers.parent / "landing"
    land_ledgers(ledgers, landing)
    before = (landing / "_ledgers/teams.parquet").read_bytes()
    (ledgers / "teams.csv").write_text("team_id,team_name\n,Nameless\n,Nobody\n")
    (ledgers / "quota.csv").write_text("")
    with pytest.raises(MeterhouseError) as caught:
        land_ledgers(ledgers, landing)
    assert caught.value.lines[0] == "ledgers/quota.csv: no such ledger; did you mean quotas?"
    assert len(caught.value.lines) == 3
    assert (landing / "_ledgers/teams.parquet").read_bytes() == before


def test_every_column_is_documented_with_its_type() -> None:
    text = ledger_docs()
    for name, ledger in LEDGERS.items():
        assert f"### ledgers/{name}.csv" in text
        for column in ledger.columns:
            assert f"| `{column.name}` | {column.kind_text} |" in text
