"""From log files to a published snapshot, as a user sees it."""

import stat
from pathlib import Path

import pytest
from deliveries import OF_THE_USER
from figures import query
from stories import Begun, Killed, Stopped, Undisturbed

MARTS = (
    "dim_deployments",
    "dim_gpus",
    "dim_models",
    "dim_prices",
    "dim_teams",
    "fct_charges_hourly",
    "fct_data_quality_results",
    "fct_forecasts_daily",
    "fct_gpu_hours",
    "fct_quota_consumption_daily",
    "fct_token_costs_daily",
    "fct_unpriced_usage",
    "fct_usage_events",
    "fct_usage_hourly",
)


def test_first_run_publishes_a_snapshot_and_a_dashboard(undisturbed: Undisturbed) -> None:
    assert undisturbed.first.exit_code == 0, undisturbed.first.text
    assert "Rebuilding 10 days" in undisturbed.first.text
    assert "Traceback" not in undisturbed.first.text
    page = (undisturbed.data / "published" / "dashboard.html").read_text()
    assert "<svg" in page or "<script" in page


@pytest.mark.parametrize("mart", MARTS)
def test_no_published_mart_is_empty(undisturbed: Undisturbed, mart: str) -> None:
    assert query(undisturbed.data, f"from {mart} select count(*) > 0") == [(True,)]


def test_no_gpu_hour_loses_or_invents_money(undisturbed: Undisturbed) -> None:
    lost = """
        select count(*) from fct_gpu_hours
        where allocated_cost_usd + idle_cost_usd + overhead_cost_usd is distinct from asset_cost_usd
            or amortized_cost_usd + energy_cost_usd + opex_cost_usd + overhead_cost_usd
                is distinct from asset_cost_usd
    """
    assert query(undisturbed.data, lost) == [(0,)]


def test_charges_hold_every_cost_of_the_gpus_and_the_days_hold_every_charge(
    undisturbed: Undisturbed,
) -> None:
    [sums] = query(
        undisturbed.data,
        """
        select
            (select sum(asset_cost_usd) from fct_gpu_hours),
            (select sum(effective_cost_usd) from fct_charges_hourly where charge_kind like 'own%'),
            (select sum(effective_cost_usd) from fct_token_costs_daily where is_self_hosted),
            (select sum(effective_cost_usd) from fct_charges_hourly
                where charge_kind = 'cloud_tokens'),
            (select sum(effective_cost_usd) from fct_token_costs_daily where not is_self_hosted)
        """,
    )
    assets, own_charges, own_days, cloud_charges, cloud_days = sums
    assert assets == own_charges == own_days
    assert cloud_charges == cloud_days
    assert min(assets, cloud_charges) > 0


def test_every_counted_token_reaches_the_hours_the_days_and_the_charges(
    undisturbed: Undisturbed,
) -> None:
    marts = ("fct_usage_events", "fct_usage_hourly", "fct_charges_hourly", "fct_token_costs_daily")
    sums = {query(undisturbed.data, f"from {m} select sum(total_tokens)")[0][0] for m in marts}
    assert len(sums) == 1
    assert sums.pop() > 0


def test_second_run_finds_nothing_to_do_and_changes_no_file(undisturbed: Undisturbed) -> None:
    assert undisturbed.second.exit_code == 0, undisturbed.second.text
    assert undisturbed.second.lines_with("nothing to do")
    assert undisturbed.files_after_second == undisturbed.files_before_second


def test_second_run_with_nothing_to_do_takes_less_than_twenty_seconds(
    undisturbed: Undisturbed,
) -> None:
    assert undisturbed.second.seconds < 20


def test_readers_see_only_whole_snapshots_while_a_run_publishes(
    begun: Begun, stopped: Stopped
) -> None:
    assert stopped.readings["errors"] == []
    assert stopped.readings["reads"] > 50
    tokens = [tokens for _, tokens in stopped.readings["seen"]]
    expected = [
        int(query(data, "select sum(total_tokens) from fct_usage_hourly")[0][0])
        for data in (begun.data, stopped.data)
    ]
    assert tokens in (expected, expected[:1])  # the run may end between two readings


def test_nothing_a_run_makes_can_be_read_by_other_users(undisturbed: Undisturbed) -> None:
    assert _open_to_others(undisturbed.data) == []


def test_nothing_a_run_launched_by_dagster_makes_can_be_read_by_other_users(
    killed: Killed,
) -> None:
    made = [path for path in _open_to_others(killed.data) if not path.startswith(OF_THE_USER)]
    assert made == []


def _open_to_others(data: Path) -> list[str]:
    return [
        f"{path.relative_to(data)} {stat.filemode(path.lstat().st_mode)}"
        for path in sorted(data.rglob("*"))
        if not path.is_symlink() and path.lstat().st_mode & 0o077
    ]


def test_whole_path_works_without_any_network(begun: Begun) -> None:
    if begun.network_refusal:
        pytest.skip(f"cannot take the network away: {begun.network_refusal}")
    assert begun.run.exit_code == 0, begun.run.text


def test_dbt_writes_below_the_data_folder_and_not_into_the_project(begun: Begun) -> None:
    assert begun.run.exit_code == 0, begun.run.text
    assert begun.made_in_project == set()
    builds = list((begun.data / "state" / "dbt" / "builds").iterdir())
    assert len(builds) == 2  # before the forecast and after it
    assert all((build / "run_results.json").is_file() for build in builds)
