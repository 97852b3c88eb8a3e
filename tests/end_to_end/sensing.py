"""Dagster's sensors in a process of their own: each tick, and each run that it asks for.

The instance is real and keeps its history in DAGSTER_HOME; ticks are evaluated as Dagster's code
server evaluates them, one after the other instead of every minute.
"""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import time

import dagster as dg
import polars as pl
from deliveries import LATE_DAY, deliver_reversed_request, spend_log
from figures import query

from pipelines.dagster_run import RANGE_END, RANGE_START
from pipelines.definitions import defs

ROWS_BY_DAY = "select started_at::date, count(*) from fct_usage_events group by 1"


@dataclass(kw_only=True)
class Step:
    """What a tick of both sensors led to; skipped: why a sensor asked for nothing."""

    jobs: list[str] = field(default_factory=list)
    succeeded: list[bool] = field(default_factory=list)
    ranges: list[list[str]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    rebuilt: list[str] = field(default_factory=list)
    rows_of_late_day: int = 0
    current: str = ""


class Daemon:
    """Ticks of the sensors, with what Dagster's daemon keeps of them: cursors and run keys."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._instance = dg.DagsterInstance.get()
        self._definitions = defs()
        self._repository = self._definitions.get_repository_def()
        self._cursors: dict[str, str | None] = {}
        self._run_keys: set[str] = set()

    def tick(self) -> Step:
        """One tick of each sensor, and every run it asks for, to its end."""
        step = Step()
        for sensor in ("new_files", "touched_days"):
            for request in self._requests(sensor, step):
                self._run(sensor, request, step)
        touched = pl.read_parquet(self._data / "state" / "touched_dates.parquet")
        step.rebuilt = [day.isoformat() for day in touched["event_date"]]
        rows = {str(row[0]): int(str(row[1])) for row in query(self._data, ROWS_BY_DAY)}
        step.rows_of_late_day = rows.get(str(LATE_DAY), 0)
        step.current = (self._data / "published" / "current.duckdb").resolve().name
        return step

    def _requests(self, name: str, step: Step) -> Iterator[dg.RunRequest]:
        sensor = self._repository.get_sensor_def(name)
        context = dg.build_sensor_context(
            instance=self._instance,
            cursor=self._cursors.get(name),
            repository_def=self._repository,
            resources=self._repository.get_top_level_resources(),
            sensor_name=name,
        )
        ticked = sensor.evaluate_tick(context)
        self._cursors[name] = ticked.cursor
        if ticked.skip_message:
            step.skipped.append(ticked.skip_message)
        for request in ticked.run_requests or ():
            if request.run_key is None or request.run_key not in self._run_keys:
                yield request
            else:
                step.skipped.append("asked for before")
            self._run_keys |= {request.run_key} - {None}

    def _run(self, sensor: str, request: dg.RunRequest, step: Step) -> None:
        [target] = self._repository.get_sensor_def(sensor).targets
        name = request.job_name or target.job_name
        job = self._definitions.resolve_job_def(name)
        done = job.execute_in_process(
            instance=self._instance, tags=dict(request.tags), raise_on_error=False
        )
        step.jobs.append(name)
        step.succeeded.append(done.success)
        limits = (RANGE_START, RANGE_END)
        step.ranges.append([request.tags[tag] for tag in limits if tag in request.tags])


def story(data: Path, held_back: Path) -> dict[str, Step]:
    """An old day comes, then nothing, then a file that a gate stops, and that is taken away."""
    daemon = Daemon(data)
    _age(data)
    told = {"begin": daemon.tick()}
    shutil.copy2(held_back / spend_log(LATE_DAY), data / spend_log(LATE_DAY))
    _age(data)
    told |= {"old_day": daemon.tick(), "nothing_new": daemon.tick()}
    wrong = deliver_reversed_request(data, LATE_DAY)
    _age(data)
    told |= {"wrong_file": daemon.tick(), "still_there": daemon.tick()}
    wrong.unlink()
    return told | {"taken_away": daemon.tick()}


def _age(data: Path) -> None:
    """Let every input be written an hour ago: the sensor waits until files are still."""
    then = time() - 3600
    for path in (data / "inputs").rglob("*"):
        os.utime(path, (then, then))


if __name__ == "__main__":
    found = story(Path(sys.argv[1]), Path(sys.argv[2]))
    Path(sys.argv[3]).write_text(json.dumps({name: asdict(step) for name, step in found.items()}))
