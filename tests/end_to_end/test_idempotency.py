"""Order, time, splitting and repetition of deliveries change no figure."""

from deliveries import DAYS
from figures import differences
from stories import Begun, Stopped, Undisturbed


def test_late_old_day_rebuilds_the_few_days_it_touches(begun: Begun, stopped: Stopped) -> None:
    assert begun.run.exit_code == 0, begun.run.text
    assert begun.run.lines_with(f"Rebuilding {DAYS - 1} days")
    # the old day of one source and the last day, which came with it
    assert stopped.resumed.lines_with("Rebuilding 2 days"), stopped.resumed.text


def test_split_shuffled_repeated_recompressed_and_late_files_give_the_same_figures(
    undisturbed: Undisturbed, stopped: Stopped
) -> None:
    assert stopped.resumed.exit_code == 0, stopped.resumed.text
    assert differences(undisturbed.data, stopped.data) == {}


def test_file_delivered_twice_is_landed_once(begun: Begun) -> None:
    landed = list((begun.data / "landing/_manifests/vllm").glob("*.json"))
    delivered = [path for path in (begun.data / "inputs/vllm").rglob("*") if path.is_file()]
    assert len(landed) == len(delivered) - 1
