"""A failed critical expectation stops publication and says which rows are wrong."""

from figures import differences
from stories import Stopped, Undisturbed


def test_failed_gate_names_the_expectation_and_the_line_and_publishes_nothing(
    stopped: Stopped,
) -> None:
    assert stopped.stopped.exit_code == 2
    [line] = stopped.stopped.lines_with("ended at is not before started at")
    assert f"{stopped.wrong_file}:1" in line
    assert stopped.stopped.lines_with("Not published.")
    assert "Traceback" not in stopped.stopped.text
    assert stopped.current_after_stop == stopped.current_before


def test_run_publishes_after_the_wrong_file_is_taken_away(
    undisturbed: Undisturbed, stopped: Stopped
) -> None:
    assert stopped.resumed.exit_code == 0, stopped.resumed.text
    assert (stopped.data / "published" / "current.duckdb").resolve() != stopped.current_before
    assert "fct_usage_events" not in differences(undisturbed.data, stopped.data)
