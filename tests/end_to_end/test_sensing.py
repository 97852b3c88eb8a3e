"""Dagster senses new files and starts the run for the days they touch, and nothing else."""

import pytest
from deliveries import LATE_DAY
from stories import Sensed

LANDED_AND_REFRESHED = ["land_new_files", "refresh"]


@pytest.fixture
def steps(sensed: Sensed):
    assert sensed.run.exit_code == 0, sensed.run.text[-3000:]
    return sensed.steps


def test_log_of_an_old_day_is_landed_and_exactly_that_day_refreshed(steps) -> None:
    step = steps["old_day"]
    assert step["jobs"] == LANDED_AND_REFRESHED
    assert step["succeeded"] == [True, True]
    assert step["ranges"] == [[], [str(LATE_DAY), str(LATE_DAY)]]
    assert step["rebuilt"] == [str(LATE_DAY)]


def test_published_mart_shows_the_rows_that_were_sensed(steps) -> None:
    assert steps["begin"]["rows_of_late_day"] == 0
    assert steps["old_day"]["rows_of_late_day"] > 0
    assert steps["old_day"]["current"] != steps["begin"]["current"]


def test_folder_without_changes_starts_nothing(steps) -> None:
    step = steps["nothing_new"]
    assert step["jobs"] == []
    assert step["current"] == steps["old_day"]["current"]


def test_file_that_a_gate_stops_is_tried_once_and_not_published(steps) -> None:
    assert steps["wrong_file"]["jobs"] == LANDED_AND_REFRESHED
    assert steps["wrong_file"]["succeeded"] == [True, False]
    assert steps["still_there"]["jobs"] == []
    assert steps["still_there"]["current"] == steps["old_day"]["current"]


def test_wrong_file_that_is_taken_away_is_withdrawn_and_needs_no_refresh(steps) -> None:
    step = steps["taken_away"]
    assert step["jobs"] == ["land_new_files"]
    assert step["skipped"] == ["the landed files changed nothing"]
