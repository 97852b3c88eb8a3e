"""What a simulation leaves on the disk."""

import csv
import hashlib
import io
import itertools
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from simulated_company import Simulated

from data.simulator import company, simulate
from data.simulator.ledgers import ledger_texts
from data.simulator.period import Period
from ingest.errors import MeterhouseError

CONTRACT = {
    "gpu_fleet": "gpu_uuid,host_name,gpu_index,gpu_model,memory_gib,purchase_date,in_service_date,"
    "retired_date,purchase_price_usd,residual_value_usd,useful_life_months,rated_power_watts",
    "deployments": "deployment_id,workload,model_name,host_name,gpu_indices,team_id,"
    "tensor_parallel_size,pipeline_parallel_size,quantization,started_at,ended_at",
    "teams": "team_id,team_name,cost_center",
    "api_keys": "api_key_id,team_id,valid_from,valid_to",
    "quotas": "quota_id,scope_kind,scope_id,measure,limit_value,period_kind,valid_from,valid_to",
    "contract_prices": "contract_id,provider_name,model_name,token_class,"
    "price_usd_per_million_tokens,valid_from,valid_to",
    "opex": "opex_id,category,host_name,amount_usd_per_month,valid_from,valid_to",
    "electricity_tariffs": "tariff_id,host_name,price_usd_per_kwh,"
    "power_usage_effectiveness_ratio,valid_from,valid_to",
    "journal_accounts": "entry_kind,debit_account,credit_account",
    "shared_cost_rules": "rule_id,charge_kind,method,team_id,share_ratio,valid_from,valid_to",
    "tco_options": "comparison_id,option_id,option_kind,purchase_price_usd,"
    "residual_value_usd,life_months,maintenance_ratio_per_year,power_kilowatts,"
    "electricity_price_usd_per_kwh,cooling_price_usd_per_kwh,colocation_usd_per_month,"
    "hourly_price_usd,input_price_usd_per_million_tokens,output_price_usd_per_million_tokens,"
    "output_share_ratio,tokens_per_second,use_hours_per_day",
    "tco_equivalents": "model_name,equivalent_provider_name,equivalent_model_name",
}


def digests(data: Path) -> dict[str, str]:
    return {
        str(path.relative_to(data)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(data.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        simulate(tmp_path / name, days=3)
    assert digests(tmp_path / "first") == digests(tmp_path / "second")


def test_another_seed_writes_other_requests_but_the_same_fleet(tmp_path: Path) -> None:
    simulate(tmp_path / "a", days=1, seed=7)
    simulate(tmp_path / "b", days=1, seed=8)
    one, other = digests(tmp_path / "a"), digests(tmp_path / "b")
    assert one.keys() == other.keys()
    differing = {name for name in one if one[name] != other[name]}
    assert differing == {name for name in one if name.startswith("inputs/")}


def test_a_longer_period_begins_with_the_same_days(simulated: Simulated, tmp_path: Path) -> None:
    simulate(tmp_path, days=4)
    short = {n: d for n, d in digests(tmp_path).items() if n.startswith("inputs/")}
    assert short.items() <= digests(simulated.data).items()


def test_one_purposes_random_numbers_do_not_depend_on_anothers() -> None:
    period = Period(seed=7, start=date(2026, 5, 18), days=9, scale=1.0)
    before = period.rng("demand/a", 3).random(4).tolist()
    period.rng("demand/b", 3).random(1_000)
    assert period.rng("demand/a", 3).random(4).tolist() == before
    assert period.rng("demand/a", 4).random(4).tolist() != before


def test_a_folder_with_logs_of_its_own_is_never_written_into(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    with pytest.raises(MeterhouseError, match="already exists"):
        simulate(tmp_path, days=1)
    assert [path.name for path in tmp_path.rglob("*")] == ["inputs"]


def test_a_killed_simulation_leaves_nothing_half(tmp_path: Path) -> None:
    def kill(message: str) -> None:
        if "1 of 3" in message:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(tmp_path, days=3, progress=kill)
    assert list(tmp_path.iterdir()) == []


def test_scale_multiplies_single_requests(tmp_path: Path) -> None:
    report = simulate(tmp_path / "tripled", days=2, scale=3.0)
    lone = simulate(tmp_path / "lone", days=2)
    assert 2.7 < report.gateway_rows / lone.gateway_rows < 3.1


@pytest.mark.parametrize("ledger", CONTRACT)
def test_every_ledger_has_exactly_the_documented_columns(simulated: Simulated, ledger: str) -> None:
    header, *rows = (simulated.data / "ledgers" / f"{ledger}.csv").read_text().splitlines()
    assert header == CONTRACT[ledger]
    assert rows


def test_no_gpu_is_deployed_twice_at_the_same_time() -> None:
    period = Period(seed=7, start=date(2026, 5, 18), days=180, scale=1.0)
    rows = list(csv.DictReader(io.StringIO(ledger_texts(period)["deployments"])))
    held: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in rows:
        for gpu in row["gpu_indices"].split():
            span = (row["started_at"], row["ended_at"] or "9999")
            held.setdefault((row["host_name"], gpu), []).append(span)
    assert any(len(spans) > 10 for spans in held.values())
    for spans in held.values():
        ordered = sorted(spans)
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(ordered))


def test_the_report_counts_what_was_written(simulated: Simulated) -> None:
    written = [p for p in simulated.data.rglob("*") if p.is_file()]
    assert simulated.report.file_count == len(written)
    assert simulated.report.byte_count == sum(p.stat().st_size for p in written)
    assert f"{simulated.report.gateway_rows:,} gateway rows" in str(simulated.report)


def test_what_the_accountants_keep_is_about_the_company(simulated: Simulated) -> None:
    def rows(ledger: str) -> list[dict[str, str]]:
        return list(csv.DictReader((simulated.data / "ledgers" / f"{ledger}.csv").open()))

    # the company leases nothing
    kinds = {row["entry_kind"] for row in rows("journal_accounts")}
    assert kinds == {"cloud_tokens", "amortization", "energy", "opex"}
    parts = {
        r["team_id"]: Decimal(r["share_ratio"]) for r in rows("shared_cost_rules") if r["team_id"]
    }
    assert parts.keys() == {team for team, *_ in company.TEAMS}
    assert sum(parts.values()) == 1
    compared = rows("tco_equivalents")
    assert {row["model_name"] for row in compared} == company.MODELS.keys()
    clouds = {(r["equivalent_provider_name"], r["equivalent_model_name"]) for r in compared}
    assert clouds <= company.LIST_PRICES.keys()
