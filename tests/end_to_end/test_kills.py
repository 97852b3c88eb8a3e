"""SIGKILL at any moment costs time and nothing else."""

import signal

import pytest
from figures import differences
from stories import Killed, Undisturbed

# What the output holds, and does not hold yet, when the run is killed there.
REACHED = {
    "landing": ("Reading ", "Landed "),
    "audit": ("Landing ", "Audit "),
    "dbt": ("Ledgers ", "Forecast "),
    "publishing": ("Forecast ", "Done in"),
}


@pytest.mark.parametrize("moment", REACHED)
def test_runs_were_killed_where_the_tests_mean_to_kill_them(killed: Killed, moment: str) -> None:
    reached, not_reached = REACHED[moment]
    outcome = killed.kills[moment]
    assert outcome.exit_code == -signal.SIGKILL, outcome.text
    assert reached in outcome.text
    assert not_reached not in outcome.text


@pytest.mark.parametrize("moment", [*REACHED, "anywhere"])
def test_published_snapshot_opens_after_a_kill_and_says_what_it_said(
    killed: Killed, moment: str
) -> None:
    assert killed.usage_after_kills[moment] == killed.usage_before, killed.kills[moment]


def test_run_after_kills_completes_with_the_figures_of_an_undisturbed_company(
    undisturbed: Undisturbed, killed: Killed
) -> None:
    assert killed.completed.exit_code == 0, killed.completed.text[-2000:]
    assert differences(undisturbed.data, killed.data) == {}


def test_nothing_half_written_stays_after_kills(killed: Killed) -> None:
    left = [
        path
        for folder in ("landing", "published", "forecasts", "quality")
        for path in (killed.data / folder).rglob("*")
        if path.suffix == ".tmp" or path.name.startswith(".unfinished-")
    ]
    assert left == []
