"""New files start a run for the days they touch; the daily schedule is the backstop."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from ingest.errors import MeterhouseError
from ingest.landing_objects import list_objects
from pipelines.dagster_run import partition_range
from pipelines.defs.landing import land
from pipelines.defs.resources import DataFolder
from pipelines.defs.schedules import refresh
from pipelines.intake import input_locations
from pipelines.plan import make_plan
from pipelines.settings import Settings

# A file that was written to within this time may not be whole yet.
SETTLED_SECONDS = 30

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
    """Land when a file came, grew or changed, and all have been still for half a minute."""
    state, newest = _state_of(folder.settings)
    if state == context.cursor:
        return dg.SkipReason("no file changed")
    if datetime.now(UTC).timestamp() - newest < SETTLED_SECONDS:
        return dg.SkipReason("a file is still being written")
    context.update_cursor(state)
    return dg.RunRequest(run_key=state)


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[land_new_files],
    request_job=refresh,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def touched_days(
    context: dg.RunStatusSensorContext, folder: DataFolder
) -> dg.RunRequest | dg.SkipReason:
    """Refresh the days that the landed files touch."""
    settings = folder.settings
    plan = make_plan(settings)
    if plan.is_empty:
        return dg.SkipReason("the landed files changed nothing")
    dates = plan.dates or (datetime.now(UTC).date(),)
    return dg.RunRequest(
        run_key=context.dagster_run.run_id, tags=partition_range(settings, dates[0], dates[-1])
    )


def _state_of(settings: Settings) -> tuple[str, float]:
    """A fingerprint of what lies in the folder, and when the newest file was written."""
    watched = [settings.inputs, settings.ledgers, settings.mappings]
    files = sorted(path for root in watched if root.is_dir() for path in root.rglob("*"))
    stats = [(path, path.stat()) for path in files if path.is_file()]
    digest = hashlib.sha256()
    for path, stat in stats:
        digest.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    for line in _object_lines(settings):
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
