"""The command line: thin verbs over the functions that the Dagster assets call."""

import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ingest.errors import MeterhouseError
from pipelines.analyst.commands import metric_value, sql
from pipelines.export_commands import export_app
from pipelines.price_commands import prices_app
from pipelines.quota_commands import quotas_app
from pipelines.settings import Settings

app = typer.Typer(
    name="meterhouse",
    help="The books of record for AI compute: what a token costs, who used it, how long it lasts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(export_app, name="export")
app.add_typer(prices_app, name="prices")
app.add_typer(quotas_app, name="quotas")
app.command("sql")(sql)
app.command("metric")(metric_value)
console = Console(file=sys.stdout, highlight=False, soft_wrap=True)

WHOLE_LINE = 1000

Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help="The data folder: inputs/, ledgers/, mappings/ and what is made from them.",
        show_default="data, or METERHOUSE_DATA",
    ),
]


@app.command()
def run(data: Data = None) -> None:
    """Land new files, audit them, rebuild the days they touch, forecast and publish."""
    from pipelines.run import run_pipeline

    run_pipeline(_settings(data), console)


@app.command()
def simulate(
    data: Data = None,
    days: Annotated[int, typer.Option(help="Days of history.", min=1)] = 180,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 7,
    scale: Annotated[float, typer.Option(help="Multiplies the requests.", min=0.01)] = 1.0,
) -> None:
    """Write the native log files and ledgers of an invented company, to try Meterhouse with."""
    from data.simulator import simulate as write_company

    settings = _settings(data)
    report = write_company(settings.data, seed=seed, days=days, scale=scale, progress=console.print)
    console.print(str(report))


@app.command()
def doctor(data: Data = None) -> None:
    """Check the installation, the folder and the ledgers; name each fault with its remedy."""
    from pipelines.doctor import examine

    findings = examine(_settings(data))
    for finding in findings:
        console.print(finding.line(), markup=False)
    raise typer.Exit(1 if any(finding.is_fault for finding in findings) else 0)


@app.command()
def rejects(data: Data = None) -> None:
    """List the lines that could not be read, by reason, and what to do about them."""
    from pipelines.reject_list import reject_lines

    for line in reject_lines(_settings(data)):
        console.print(line, markup=False)


@app.command()
def dashboard(data: Data = None) -> None:
    """Write the dashboard, one HTML file, from the published snapshot."""
    from pipelines.dashboard import write_dashboard

    console.print(f"Dashboard  {write_dashboard(_settings(data))}")


@app.command()
def serve(
    data: Data = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; off 127.0.0.1 others can read everything.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Its port; 0 for any free one.", min=0)] = 8700,
) -> None:
    """Show the dashboard in a browser, with filters; it has no login and stays on this machine."""
    from pipelines.serve import serve_dashboard

    serve_dashboard(_settings(data), host=host, port=port, say=console.print)


@app.command()
def explain(
    cost_id: Annotated[
        str, typer.Argument(help="A charge_id of fct_charges_hourly, or an event_id.")
    ],
    data: Data = None,
    most: Annotated[int, typer.Option(help="Requests and GPUs to show.", min=1)] = 10,
) -> None:
    """Take one number of the books apart: down to log lines, prices, assets and rules."""
    from pipelines.explain import drawn
    from pipelines.explain import explain as take_apart

    tree = drawn(take_apart(_settings(data), cost_id, most=most))
    # A terminal wraps inside the tree; into a pipe or file every node is one whole line.
    width = None if sys.stdout.isatty() else WHOLE_LINE
    Console(file=sys.stdout, highlight=False, width=width).print(tree)


@app.command()
def why(
    data: Data = None,
    first: Annotated[
        str | None,
        typer.Option("--from", help="First day of the later period; without it 28 days."),
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", help="Its last day; without it the last day known.")
    ] = None,
    team: Annotated[
        str | None, typer.Option(help="A team_id; without it the organization.")
    ] = None,
) -> None:
    """Say why cost and tokens changed, against as many days before: users, context, price, mix."""
    from pipelines.why import compare, report

    # A pipe or a file has no width that a table should bow to.
    width = None if sys.stdout.isatty() else WHOLE_LINE
    wide = Console(file=sys.stdout, highlight=False, markup=False, width=width)
    for part in report(compare(_settings(data), first=first, last=last, team=team)):
        wide.print(part)


@app.command()
def whatif(
    scenario: Annotated[Path, typer.Argument(help="A TOML file of shocks: docs/scenarios.md.")],
    data: Data = None,
    days: Annotated[int, typer.Option(help="Days to look ahead.", min=1, max=365)] = 90,
    chart: Annotated[Path | None, typer.Option(help="A picture: .html, .png or .svg.")] = None,
) -> None:
    """Show what a scenario does to quotas, demand and cost, and how far it may go."""
    from pipelines.whatif import what_if

    width = None if sys.stdout.isatty() else 200
    printer = Console(file=sys.stdout, highlight=False, width=width)
    what_if(_settings(data), scenario, days=days, chart=chart, console=printer)


@app.command()
def journal(
    data: Data = None,
    month: Annotated[
        str | None, typer.Option(help="Such as 2026-10; without it every month.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="The file to write; without it standard output.")
    ] = None,
) -> None:
    """Write booking lines as CSV: date, account, cost center, debit, credit; they balance."""
    from pipelines.journal import write_journal

    count = write_journal(_settings(data), month, output or sys.stdout)
    if output is not None:
        console.print(f"Journal    {output} ({count:,} lines)", markup=False)


@app.command("sample-gpus")
def sample_gpus(
    data: Data = None,
    interval: Annotated[float, typer.Option(help="Seconds between readings.", min=0.1)] = 15.0,
    duration: Annotated[
        float | None, typer.Option(help="Seconds to run; without it until stopped.", min=0.1)
    ] = None,
) -> None:
    """Read this machine's NVIDIA GPUs through NVML into inputs/nvml, until stopped."""
    from ingest.sampler import sample_gpus as sample

    sample(
        _settings(data).inputs,
        interval_seconds=interval,
        duration_seconds=duration,
        warn=lambda line: typer.echo(line, err=True),
    )


def _settings(data: Path | None) -> Settings:
    settings = Settings.from_environment(data)
    os.environ["METERHOUSE_DATA"] = str(settings.data)
    return settings


def main() -> None:
    """Entry point: files belong to their owner alone, and users see one clear error."""
    os.umask(0o077)
    try:
        app()
    except MeterhouseError as error:
        _complain(*error.lines)
        sys.exit(2)
    except Exception as error:  # noqa: BLE001 - the last boundary: no traceback reaches a user
        _complain(f"Meterhouse failed, which it should not: {error}", f"Details: {_keep_details()}")
        sys.exit(3)


def _complain(*lines: str) -> None:
    for line in lines:
        Console(stderr=True).print(line, style="red", markup=False, highlight=False, soft_wrap=True)


def _keep_details() -> str:
    handle, name = tempfile.mkstemp(prefix="meterhouse-", suffix=".log")
    with os.fdopen(handle, "w") as file:
        traceback.print_exc(file=file)
    return name


if __name__ == "__main__":
    main()
