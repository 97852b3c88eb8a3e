import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest.errors import MeterhouseError
from ingest.workers import ProcessEndedError, Workers, cores


def results(workers: Workers) -> dict[object, object]:
    return {one.key: one.error or one.result for one in workers.outcomes(until_idle=True)}


def test_calls_are_made_in_processes_of_their_own() -> None:
    with Workers(2) as workers:
        for key in ("a", "b"):
            workers.submit(key, os.getpid)
        found = results(workers)
    assert len({*found.values(), os.getpid()}) == 3


def test_without_processes_and_where_it_cannot_be_sent_a_call_is_made_at_once() -> None:
    for count, function in ((0, os.getpid), (2, lambda: os.getpid())):
        with Workers(count) as workers:
            workers.submit("a", function)
            assert results(workers) == {"a": os.getpid()}


def test_a_process_answers_one_call_after_the_other() -> None:
    with Workers(1) as workers:
        found = []
        for number in range(5):
            workers.submit(number, pow, number, 2)
            found += list(workers.outcomes(until_idle=False))
        assert workers.is_idle
    assert [(one.key, one.result) for one in found] == [(n, n**2) for n in range(5)]


@pytest.mark.parametrize("count", [0, 1])
def test_an_error_comes_back_as_it_was_raised(count: int) -> None:
    with Workers(count) as workers:
        workers.submit("a", raise_two_lines)
        (outcome,) = workers.outcomes(until_idle=True)
    assert isinstance(outcome.error, MeterhouseError)
    assert outcome.error.lines == ("what", "remedy")


def raise_two_lines() -> None:
    raise MeterhouseError("what", "remedy")


def test_a_process_that_was_killed_is_an_error_and_the_next_call_gets_another() -> None:
    with Workers(1) as workers:
        workers.submit("a", os._exit, 9)
        found = results(workers)
        assert isinstance(found["a"], ProcessEndedError)
        assert "exit code 9" in str(found["a"])
        workers.submit("b", abs, -1)
        assert results(workers) == {"b": 1}


def test_processes_end_when_their_parent_is_killed_in_the_middle_of_a_call(tmp_path: Path) -> None:
    script = (
        "import time; from ingest.workers import Workers\n"
        "workers = Workers(1); workers.submit('a', time.sleep, 60)\n"
        "(worker, _), = workers._busy.values()\n"
        "print(worker._process.pid, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 30
    while is_running(pid):
        assert time.monotonic() < deadline, "the process outlives its parent"
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    """Whether a process is there and not only waiting to be reaped."""
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return bool(state) and not state.startswith("Z")


def test_processes_are_gone_when_the_work_is_done() -> None:
    with Workers(2) as workers:
        workers.submit("a", os.getpid)
        (pid,) = results(workers).values()
    assert not is_running(int(str(pid)))


def test_one_core_needs_no_other_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    assert cores() == 0
