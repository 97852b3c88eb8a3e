"""What `dagster dev` shows, and that a run started there does the same work as the command."""

from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph
from figures import differences
from product import REPOSITORY, Outcome
from stories import Killed, Undisturbed

SNAPSHOT = Path(__file__).with_name("asset_keys.txt")
MARTS = REPOSITORY / "dbt_project" / "models" / "marts"
NOT_NULL = "- type: not_null"


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    """The code location, loaded for an empty data folder."""
    with pytest.MonkeyPatch.context() as environment:
        data = tmp_path_factory.mktemp("definitions")
        environment.setenv("METERHOUSE_DATA", str(data))
        # Imported here: the modules of the assets read the folder when they load.
        from pipelines.definitions import defs

        return defs()


@pytest.fixture(scope="module")
def graph(definitions: dg.Definitions) -> AssetGraph:
    return definitions.resolve_asset_graph()


def test_assets_are_those_of_the_committed_list(graph: AssetGraph) -> None:
    """A renamed asset loses its history: change the list only together with a changelog entry.

    To accept a change, copy the names that `-vv` shows for this test to asset_keys.txt, sorted.
    """
    found = sorted(key.to_user_string() for key in graph.get_all_asset_keys())
    assert "\n".join(found) == SNAPSHOT.read_text().strip()


def test_no_asset_is_an_island(graph: AssetGraph) -> None:
    alone = [
        key.to_user_string()
        for key in graph.get_all_asset_keys()
        if not graph.get(key).parent_keys and not graph.get(key).child_keys
    ]
    assert alone == []


def test_no_asset_reads_what_no_asset_makes(graph: AssetGraph) -> None:
    unmade = graph.get_all_asset_keys() - graph.executable_asset_keys
    assert {key.to_user_string() for key in unmade} == set()


def test_dbt_is_started_once_before_the_forecast_and_once_after_it(
    definitions: dg.Definitions,
) -> None:
    steps = definitions.resolve_job_def("refresh").graph.node_names()
    assert sorted(name for name in steps if name.startswith("warehouse")) == [
        "warehouse",
        "warehouse_2",
    ]


def test_refresh_job_covers_every_asset_that_can_be_made(
    definitions: dg.Definitions, graph: AssetGraph
) -> None:
    job = definitions.resolve_job_def("refresh")
    assert job.asset_layer.executable_asset_keys == graph.materializable_asset_keys


def test_refresh_runs_every_day_by_a_schedule_that_is_on(definitions: dg.Definitions) -> None:
    schedule = definitions.resolve_schedule_def("refresh_daily")
    assert schedule.job_name == "refresh"
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    minute, hour, *days = str(schedule.cron_schedule).split()
    assert days == ["*", "*", "*"]
    assert minute.isdigit()
    assert hour.isdigit()


def test_audited_tables_have_daily_partitions(graph: AssetGraph) -> None:
    for table in ("usage_events", "gpu_samples", "engine_samples"):
        partitions = graph.get(dg.AssetKey(["raw", table])).partitions_def
        assert isinstance(partitions, dg.DailyPartitionsDefinition), table
        assert partitions.timezone == "UTC"


def test_expectations_and_dbt_tests_are_asset_checks(graph: AssetGraph) -> None:
    checked = {(check.asset_key.to_user_string(), check.name) for check in graph.asset_check_keys}
    assert ("raw/usage_events", "ended_at_is_not_before_started_at") in checked
    owner_is_known = "relationships_fct_token_costs_daily_team_id__team_id__ref_dim_teams_"
    assert ("fct_token_costs_daily", owner_is_known) in checked
    marts = {key.to_user_string() for key in graph.get_all_asset_keys()}
    facts = {name for name in marts if name.startswith("fct_")}
    # what the database itself refuses needs no check
    constrained = {path.stem for path in MARTS.glob("fct_*.yml") if NOT_NULL in path.read_text()}
    assert facts <= {asset for asset, _ in checked} | constrained


def test_a_failed_critical_expectation_blocks_what_follows(graph: AssetGraph) -> None:
    check = dg.AssetCheckKey(
        dg.AssetKey(["raw", "usage_events"]), "ended_at_is_not_before_started_at"
    )
    assert graph.get_check_spec(check).blocking


def test_published_assets_are_expected_to_be_fresh(graph: AssetGraph) -> None:
    for name in ("database", "dashboard"):
        policy = graph.get(dg.AssetKey(["published", name])).freshness_policy
        assert policy is not None, name


def test_dagster_finds_the_code_location_valid(validated: Outcome) -> None:
    assert validated.exit_code == 0, validated.text
    assert "passed validation" in validated.text


def test_run_launched_by_dagster_gives_the_figures_of_the_command(
    undisturbed: Undisturbed, killed: Killed
) -> None:
    # It also has to finish what killed runs left, as a retry by Dagster's daemon has.
    assert killed.completed.exit_code == 0, killed.completed.text[-2000:]
    assert differences(undisturbed.data, killed.data) == {}
