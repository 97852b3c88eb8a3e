"""What happens to the companies of this suite: each story runs once, two at a time."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import deliveries
import duckdb
import kills
from figures import query
from product import (
    BIN,
    REPOSITORY,
    Outcome,
    dagster_home,
    environment,
    killed_run,
    launched_run,
    meterhouse,
    run,
    watch,
)

WITHOUT_NETWORK = ("unshare", "--net", "--map-root-user")
DBT_PROJECT = REPOSITORY / "dbt_project"
SAMPLE = REPOSITORY / "data" / "sample" / "azure_llm_2023"
USAGE = "select sum(total_tokens) from fct_usage_hourly"


@dataclass(frozen=True, kw_only=True)
class Undisturbed:
    """Everything delivered at once, then nothing more."""

    data: Path
    first: Outcome
    second: Outcome
    files_before_second: dict[str, tuple[int, int]]
    files_after_second: dict[str, tuple[int, int]]


@dataclass(frozen=True, kw_only=True)
class Begun:
    """Rearranged files, some held back; the first run had no network where the kernel allows it."""

    data: Path
    held_back: Path
    run: Outcome
    network_refusal: str | None
    made_in_project: set[Path]


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """What was held back came with a wrong file, which was taken away again."""

    data: Path
    wrong_file: str
    stopped: Outcome
    current_before: Path
    current_after_stop: Path
    resumed: Outcome
    readings: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Killed:
    """What was held back came; runs were killed until Dagster launched one that was left alone."""

    data: Path
    kills: dict[str, Outcome]
    usage_before: object
    usage_after_kills: dict[str, object]
    completed: Outcome


@dataclass(frozen=True, kw_only=True)
class Sensed:
    """An old day came, then a wrong file, which was taken away: what the sensors did about it."""

    run: Outcome
    steps: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A company after one run."""

    data: Path
    run: Outcome


class Stories:
    """Tells stories in threads of their own; those that tests wait for start first to last."""

    def __init__(self, folder: Path, wanted: Collection[str]) -> None:
        self.folder = folder
        self._threads = ThreadPoolExecutor(max_workers=2)
        self._told: dict[str, Future[Any]] = {}
        # A story waits only for stories before it here, so two threads are never both stuck.
        for story in (begun, undisturbed, killed, stopped, sensed, azure_sample, validated):
            if story.__name__ in wanted:
                self.start(story)

    def of(self, story: Callable[["Stories"], Any]) -> Any:
        """The story's end; waits for it. Told once."""
        return self.start(story).result()

    def start(self, story: Callable[["Stories"], Any]) -> Future[Any]:
        """Begin a story unless it has begun."""
        if story.__name__ not in self._told:
            self._told[story.__name__] = self._threads.submit(story, self)
        return self._told[story.__name__]

    def close(self) -> None:
        """Start no more; those under way end by themselves."""
        self._threads.shutdown(cancel_futures=True)


def undisturbed(stories: Stories) -> Undisturbed:
    data = stories.folder / "undisturbed"
    meterhouse("simulate", "--data", data, "--days", str(deliveries.DAYS), "--scale", "0.2")
    first = run(data)
    before = _files(data)
    second = run(data)
    return Undisturbed(
        data=data,
        first=first,
        second=second,
        files_before_second=before,
        files_after_second=_files(data),
    )


def begun(stories: Stories) -> Begun:
    origin, data = stories.folder / "origin", stories.folder / "begun"
    meterhouse("simulate", "--data", origin, "--days", str(deliveries.DAYS), "--scale", "0.2")
    deliveries.copy_of_what_the_user_keeps(origin, data)
    deliveries.rearrange(data)
    deliveries.hold_back(data, stories.folder / "held_back")
    refusal = network_refusal()
    project = set(DBT_PROJECT.rglob("*"))
    return Begun(
        data=data,
        held_back=stories.folder / "held_back",
        run=run(data, inside=() if refusal else WITHOUT_NETWORK),
        network_refusal=refusal,
        made_in_project=set(DBT_PROJECT.rglob("*")) - project,
    )


def network_refusal() -> str | None:
    """Why this machine cannot run a command without network; None where it can."""
    try:
        inside = subprocess.run(
            [*WITHOUT_NETWORK, "cat", "/proc/net/dev"], capture_output=True, text=True, timeout=30
        )
    except FileNotFoundError:
        return "there is no unshare"
    if inside.returncode != 0:
        return f"the kernel refuses: {inside.stderr.strip()}"
    interfaces = [line.partition(":")[0].strip() for line in inside.stdout.splitlines()[2:]]
    return None if interfaces == ["lo"] else f"the namespace has interfaces: {interfaces}"


def stopped(stories: Stories) -> Stopped:
    data = _continued(stories, "stopped")
    current = data / "published" / "current.duckdb"
    wrong_file, before = deliveries.deliver_reversed_request(data), current.resolve()
    stopped_run = run(data)
    after_stop = current.resolve()
    wrong_file.unlink()
    stop = stories.folder / "readers_may_stop"
    reader = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("reader.py"), data, stop], stdout=subprocess.PIPE
    )
    try:
        resumed = run(data)
    finally:
        stop.touch()
        readings, _ = reader.communicate(timeout=60)
    return Stopped(
        data=data,
        wrong_file=str(wrong_file.relative_to(data / "inputs")),
        stopped=stopped_run,
        current_before=before,
        current_after_stop=after_stop,
        resumed=resumed,
        readings=json.loads(readings),
    )


def killed(stories: Stories) -> Killed:
    data = _continued(stories, "killed")
    before = query(data, USAGE)
    moments = {
        "landing": kills.while_landing,
        "anywhere": kills.at_random(10),
        "audit": kills.while_auditing,
        "dbt": kills.while_dbt_writes,
        "publishing": kills.while_publishing,
    }
    outcomes, usage = {}, {}
    for name, moment in moments.items():
        outcomes[name] = killed_run(data, moment(data))
        usage[name] = _usage_or_error(data)
    scratch = stories.folder / "killed_scratch"
    scratch.mkdir()
    return Killed(
        data=data,
        kills=outcomes,
        usage_before=before,
        usage_after_kills=usage,
        completed=launched_run(data, scratch, deliveries.LAST_DAY.isoformat()),
    )


def sensed(stories: Stories) -> Sensed:
    before: Begun = stories.of(begun)
    data, scratch = stories.folder / "sensed", stories.folder / "sensed_scratch"
    shutil.copytree(before.data, data, symlinks=True)
    scratch.mkdir()
    steps = scratch / "steps.json"
    script = Path(__file__).with_name("sensing.py")
    outcome = watch(
        [sys.executable, script, data, before.held_back, steps],
        env=environment(METERHOUSE_DATA=data, DAGSTER_HOME=dagster_home(scratch)),
        cwd=scratch,
    )
    return Sensed(run=outcome, steps=json.loads(steps.read_text()) if steps.exists() else {})


def _usage_or_error(data: Path) -> object:
    try:
        return query(data, USAGE)
    except duckdb.Error as error:
        return str(error)


def validated(_: Stories) -> Outcome:
    """The check that Dagster's own tool makes of the code location."""
    return watch([BIN / "dagster", "definitions", "validate", "-w", "workspace.yaml"])


def azure_sample(stories: Stories) -> Ran:
    data = stories.folder / "azure_sample"
    deliveries.copy_of_what_the_user_keeps(SAMPLE, data)
    (data / "inputs" / "chat_logs").mkdir()
    (data / "inputs" / "chat_logs" / "today.log").write_text("hello\n")
    (data / "inputs" / "litellm").mkdir()
    (data / "inputs" / "litellm" / "empty.jsonl").touch()
    (data / "inputs" / "litellm" / "broken.jsonl").write_text("{broken\n")
    return Ran(data=data, run=run(data))


def _continued(stories: Stories, name: str) -> Path:
    """A copy of the company that has begun, with what was held back delivered."""
    before: Begun = stories.of(begun)
    data = stories.folder / name
    shutil.copytree(before.data, data, symlinks=True)
    assert deliveries.deliver(before.held_back, data) >= 4
    return data


def _files(data: Path) -> dict[str, tuple[int, int]]:
    """Size and time of everything below landing and published."""
    return {
        str(path.relative_to(data)): (path.lstat().st_size, path.lstat().st_mtime_ns)
        for name in ("landing", "published")
        for path in (data / name).rglob("*")
        if not path.is_dir()
    }
