"""Meterhouse as its users run it: the installed command, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic, sleep
from typing import IO

REPOSITORY = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
LIMIT_SECONDS = 300


@dataclass(kw_only=True)
class Outcome:
    """What a user saw of one command; both streams, in order."""

    text: str = ""
    exit_code: int = 0
    seconds: float = 0.0

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def lines_with(self, part: str) -> list[str]:
        return [line for line in self.lines if part in line]


def environment(**variables: str | Path) -> dict[str, str]:
    """The tester's environment without settings of theirs that would change the product."""
    mine = ("METERHOUSE_", "DAGSTER_", "DBT_", "GX_", "COLUMNS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(mine)}
    return kept | {name: str(value) for name, value in variables.items()}


def meterhouse(*arguments: str | Path) -> Outcome:
    """One quick verb, to its end."""
    command = [BIN / "meterhouse", *arguments]
    with TemporaryFile("w+") as output:
        done = subprocess.run(
            command, stdout=output, stderr=output, env=environment(), timeout=LIMIT_SECONDS
        )
        output.seek(0)
        return Outcome(text=output.read(), exit_code=done.returncode)


def run(data: Path, *, inside: Sequence[str] = ()) -> Outcome:
    """`meterhouse run`, to its end; `inside` is a command that runs it."""
    return watch([*inside, BIN / "meterhouse", "run", "--data", data])


def killed_run(data: Path, is_time: Callable[[Outcome], bool]) -> Outcome:
    """`meterhouse run`, its process alone killed with SIGKILL when it is time."""
    return watch([BIN / "meterhouse", "run", "--data", data], kill_when=is_time)


def launched_run(data: Path, scratch: Path, partition: str) -> Outcome:
    """The job as Dagster's own launcher starts it, with the tags of one partition."""
    home = dagster_home(scratch)
    job = ["job", "execute", "-m", "pipelines.definitions", "-j", "refresh"]
    tags = f'{{"dagster/partition": "{partition}"}}'
    variables = environment(METERHOUSE_DATA=data, DAGSTER_HOME=home)
    return watch([BIN / "dagster", *job, "--tags", tags], env=variables, cwd=scratch)


def dagster_home(scratch: Path) -> Path:
    """A new instance with the product's configuration; its history lies where it is started."""
    home = scratch / "dagster_home"
    home.mkdir()
    (home / "dagster.yaml").write_text((REPOSITORY / "dagster.yaml").read_text())
    return home


def watch(
    command: Sequence[str | Path],
    *,
    kill_when: Callable[[Outcome], bool] | None = None,
    env: dict[str, str] | None = None,
    cwd: Path = REPOSITORY,
) -> Outcome:
    """A pipeline run, followed line by line."""
    outcome, began = Outcome(), monotonic()
    # A file and not a pipe: a pipe would stay open, and be waited for, while orphans live.
    with TemporaryFile("w+") as output, _started(command, output, env, cwd) as process:
        try:
            while process.poll() is None:
                outcome.text = _so_far(output)
                outcome.seconds = monotonic() - began
                if outcome.seconds > LIMIT_SECONDS or (kill_when and kill_when(outcome)):
                    process.kill()
                sleep(0.01)
        finally:
            process.kill()
        outcome.exit_code = process.wait()
        outcome.text = _so_far(output)
    return outcome


def _started(
    command: Sequence[str | Path], output: IO[str], env: dict[str, str] | None, cwd: Path
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command, stdout=output, stderr=output, env=env or environment(), cwd=cwd
    )


def _so_far(output: IO[str]) -> str:
    # Not through the shared file position: the process writes where that stands.
    return os.pread(output.fileno(), 1 << 24, 0).decode(errors="replace")
