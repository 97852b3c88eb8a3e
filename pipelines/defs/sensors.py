"""New files start a run for the days they touch; the daily schedule is the backstop."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from ingest.errors import MeterhouseError
from ingest.input_tree import tree_of
from ingest.landing_objects import list_objects
from pipelines.dagster_run import partition_range
from pipelines.defs.landing import land
from pipelines.defs.resources import DataFolder
from pipelines.defs.schedules import refresh
from pipelines.intake import input_locations
from pipelines.plan import make_plan, work_key
from pipelines.settings import Settings

# A file that was written to within this time may not be whole yet.
SETTLED_SECONDS = 30
# A log that is written all the time is never still; landing takes its whole lines.
LONGEST_WAIT_SECONDS = 900

land_new_files = dg.define_asset_job(
    "land_new_files",
    selection=dg.AssetSelection.assets(land),
    description="Land what is new; the days it touches are then refreshed",
)


@dg.sensor(
    job=land_new_files,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def new_files(
    context: dg.SensorEvaluationContext, folder: DataFolder
) -> dg.RunRequest | dg.SkipReason:
    """Land when a file came, grew, changed or went.

    It waits until all have been still for half a minute, but no longer than a quarter of an hour.
    No run key: a folder that is again as it was before would be taken for done.
    """
    landed, _, waits_since = (context.cursor or "").partition(" ")
    state, newest = _state_of(folder.settings)
    if state == landed:
        return dg.SkipReason("no file changed")
    now = datetime.now(UTC).timestamp()
    since = float(waits_since or now)
    if now - newest < SETTLED_SECONDS and now - since < LONGEST_WAIT_SECONDS:
        context.update_cursor(f"{landed} {since}")
        return dg.SkipReason("a file is still being written")
    context.update_cursor(state)
    return dg.RunRequest()


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[land_new_files],
    request_job=refresh,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def touched_days(
    context: dg.RunStatusSensorContext, folder: DataFolder
) -> dg.RunRequest | dg.SkipReason:
    """Refresh the days that the landed files touch.

    The same work is asked for once: several landings before a refresh are one, and what a gate
    stopped is tried again when something changed, or by the schedule.
    """
    settings = folder.settings
    plan = make_plan(settings)
    if plan.is_empty:
        return dg.SkipReason("the landed files changed nothing")
    dates = plan.dates or (datetime.now(UTC).date(),)
    context.log.info(f"{len(plan.dates)} days to refresh, {dates[0]} to {dates[-1]}")
    return dg.RunRequest(
        run_key=work_key(plan), tags=partition_range(settings, dates[0], dates[-1])
    )


def _state_of(settings: Settings) -> tuple[str, float]:
    """A fingerprint of what lies in the folder, and when the newest file was written."""
    tops: list[Path] = []
    with suppress(OSError):  # landing says what is wrong with it
        shown = (path for path in settings.inputs.iterdir() if not path.name.startswith("."))
        tops = sorted(shown)
    trees = [tree_of(folder) for folder in (*tops, settings.ledgers, settings.mappings)]
    stats = [stated for tree in trees for stated in tree.files]
    with suppress(FileNotFoundError):
        options = settings.data / "sources.toml"
        stats.append((options, options.stat()))
    digest = hashlib.sha256()
    for path in tops:
        digest.update(os.fsencode(path) + b"\n")
    for path, stat in stats:
        digest.update(os.fsencode(path))
        digest.update(f"\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    # What landing names and does not read: it starts a run once, which says what to do about it.
    told = [line for tree in trees for line in (*tree.unread, *tree.faults)]
    for line in (*told, *_object_lines(settings)):
        digest.update(f"{line}\n".encode())
    return digest.hexdigest(), max((stat.st_mtime for _, stat in stats), default=0.0)


def _object_lines(settings: Settings) -> Iterator[str]:
    """A line for each object below the stated locations; objects come whole, none is waited for.

    A location that cannot be listed is a line too: the run that it starts names the fault, and
    lands what came elsewhere.
    """
    for location in (place for places in input_locations(settings).values() for place in places):
        try:
            objects = [f"{o.url}\0{o.size}\0{o.e_tag}" for o in list_objects(location)]
        except MeterhouseError as error:
            objects = list(error.lines)
        yield from sorted(objects)
