"""`meterhouse run`: land, plan, and where there is something to do, the Dagster job."""

from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from rich.console import Console

from ingest.errors import MeterhouseError
from ingest.input_tree import tree_of
from pipelines.intake import input_locations, take_in
from pipelines.lock import hold_run_lock
from pipelines.plan import Plan, make_plan
from pipelines.settings import REPOSITORY, Settings
from pipelines.summary import summary_table


def run_pipeline(settings: Settings, console: Console) -> None:
    """Bring the published snapshot up to date with the data folder.

    Raises:
        MeterhouseError: Nothing to read, a wrong ledger, a failed gate, or another run under way.
    """
    places = [place.url for stated in input_locations(settings).values() for place in stated]
    if not places and not _has_files(settings.inputs) and not settings.landing.exists():
        raise MeterhouseError(
            f"There are no files in {settings.inputs}.",
            "Put logs into inputs/<source>/, or try an invented company: meterhouse simulate",
        )
    began = monotonic()
    hold_run_lock(settings)
    for place in [settings.inputs, *places]:
        console.print(f"Reading    {place}", markup=False)
    with console.status("Reading") as status:
        report = take_in(settings, progress=lambda name: status.update(f"Reading {name}"))
    console.print(f"Landed     {report.summary()}")
    for line in report.lines():
        console.print(f"           {line}", style="yellow", markup=False)
    plan = make_plan(settings)
    if plan.is_empty and settings.current.exists():
        console.print("Nothing new since the last build: nothing to do.")
    else:
        _build(settings, plan, console)
    console.print(summary_table(settings))
    _where_to_look(settings, console, monotonic() - began)


def _has_files(inputs: Path) -> bool:
    """Whether landing has something to read, or to say."""
    try:
        trees = [tree_of(top) for top in inputs.iterdir()]
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return any(tree.files or tree.unread or tree.faults for tree in trees)


def _build(settings: Settings, plan: Plan, console: Console) -> None:
    why = f" ({', '.join(plan.rebuild_reasons)})" if plan.rebuild_reasons else ""
    days = len(plan.dates)
    console.print(f"Rebuilding {days} day{'' if days == 1 else 's'}{why}")
    # Imported here: Dagster costs seconds that a run with nothing to do should not pay.
    from pipelines.dagster_run import execute_refresh

    dates = plan.dates or (datetime.now(UTC).date(),)
    execute_refresh(settings, dates[0], dates[-1], console)


def _where_to_look(settings: Settings, console: Console, seconds: float) -> None:
    console.print(f"Database   {settings.current}")
    console.print(f"Dashboard  {settings.dashboard}")
    console.print(f"Lineage    cd {REPOSITORY} && .venv/bin/dagster dev -w workspace.yaml")
    console.print(f"Done in {seconds:.0f} s")
