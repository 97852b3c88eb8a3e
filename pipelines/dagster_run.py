"""The refresh job in this process, with its progress on the console."""

import os
from contextlib import redirect_stdout
from datetime import date
from uuid import uuid4

import dagster as dg
from dagster._core.instance.ref import InstanceRef
from rich.console import Console

from ingest.errors import MeterhouseError
from pipelines.quality import explain_failures, read_results
from pipelines.settings import REPOSITORY, Settings

STEPS = {
    "land": "Landing",
    "books": "Ledgers",
    "audit": "Audit",
    "warehouse": "Warehouse",
    "forecasts__forecasts": "Forecast",
    "inflation": "Inflation",
    "warehouse_2": "Warehouse",
    "publish": "Publish",
}
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"


def execute_refresh(settings: Settings, first: date, last: date, console: Console) -> None:
    """Run the job for the partitions from first to last (UTC days, both included).

    Raises:
        MeterhouseError: A gate or a step failed; the last good snapshot is still in place.
    """
    os.environ["METERHOUSE_DATA"] = str(settings.data)
    from pipelines.definitions import defs

    run_id = str(uuid4())
    log_path = settings.state / "last_run.log"
    with (
        _instance(settings) as instance,
        log_path.open("w") as log,
        redirect_stdout(log),  # dbt tells of every model; people want the steps
    ):
        instance.add_event_listener(run_id, _Progress(console))
        result = (
            defs()
            .resolve_job_def("refresh")
            .execute_in_process(
                instance=instance,
                run_id=run_id,
                raise_on_error=False,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                tags=partition_range(settings, first, last),
            )
        )
    if not result.success:
        raise _failure(settings, run_id, result)


def partition_range(settings: Settings, first: date, last: date) -> dict[str, str]:
    """Tags of the partitions that Dagster shows; older days are built without one."""
    start = max(first, settings.start_date)
    return {RANGE_START: start.isoformat(), RANGE_END: max(last, start).isoformat()}


def _instance(settings: Settings) -> dg.DagsterInstance:
    """The instance of dagster.yaml with its history in this data folder."""
    home = settings.state / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    storage = {"storage": {"sqlite": {"base_dir": str(home)}}}
    return dg.DagsterInstance.from_ref(
        InstanceRef.from_dir(str(home), config_dir=str(REPOSITORY), overrides=storage)
    )


class _Progress:
    """Prints each step as it ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._tables: dict[str, int] = {}

    def __call__(self, entry: dg.EventLogEntry) -> None:
        event = entry.dagster_event
        if event is None or event.step_key not in STEPS:
            return
        if event.is_step_materialization:
            self._tables[event.step_key] = self._tables.get(event.step_key, 0) + 1
        if event.is_step_success:
            seconds = event.step_success_data.duration_ms / 1000
            models = self._tables.get(event.step_key, 0)
            what = f", {models} models" if event.step_key.startswith("warehouse") else ""
            self._console.print(f"{STEPS[event.step_key]:<10} {seconds:.1f} s{what}")


def _failure(settings: Settings, run_id: str, result: dg.ExecuteInProcessResult) -> MeterhouseError:
    """What failed, in lines people can act on."""
    found = settings.quality_results / f"{run_id}.parquet"
    results = read_results(found) if found.exists() else ()
    failures = explain_failures([r for r in results if r.severity == "critical"])
    steps = [e for e in result.all_events if e.is_step_failure]
    causes = [] if failures else [_cause(event) for event in steps]
    return MeterhouseError(
        *failures,
        *causes,
        f"Not published. {settings.current} still holds the last good snapshot."
        if settings.current.exists()
        else "Nothing is published yet.",
    )


def _cause(event: dg.DagsterEvent) -> str:
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return f"{event.step_key} failed: {error.message.strip() if error else 'no reason was given'}"
