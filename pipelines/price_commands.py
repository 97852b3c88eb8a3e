"""`meterhouse prices`: show a model's price, import newer price lists."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from pipelines.settings import Settings


class _ShowByDefault(TyperGroup):
    """`prices MODEL` is `prices show MODEL`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        known = args[0] in self.commands
        return super().resolve_command(ctx, args if known else ["show", *args])


prices_app = typer.Typer(
    cls=_ShowByDefault,
    no_args_is_help=True,
    help="Show a model's price on a date and where it comes from; import newer price lists.",
)
Data = Annotated[Path | None, typer.Option("--data", help="The data folder.", show_default="data")]


@prices_app.command("show")
def show(
    model: Annotated[str, typer.Argument(help="As a log, the price list or a ledger names it.")],
    on: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help="UTC; without it today."),
    ] = None,
    provider: Annotated[str | None, typer.Option(help="Such as openai; all of them else.")] = None,
    data: Data = None,
) -> None:
    """Which price a model has on a date, class by class, and who says so."""
    from pipelines.price_lookup import price_table

    day = on.date() if on else datetime.now(UTC).date()
    # A pipe has no width of its own: what is cut off there is lost.
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 200)
    console.print(price_table(Settings.from_environment(data), model, day, provider))


@prices_app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="JSON of genai-prices or of LiteLLM.")],
    effective_from: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First day (UTC) that may change; else today."),
    ] = None,
    restate: Annotated[
        bool, typer.Option("--restate", help="Let published days change; both costs are kept.")
    ] = False,
    model: Annotated[
        list[str] | None, typer.Option(help="Only this model; may be given several times.")
    ] = None,
    data: Data = None,
) -> None:
    """Add what a newer price list asks from a day on; days before keep their prices."""
    from pipelines.price_import import import_prices

    imported = import_prices(
        Settings.from_environment(data),
        file,
        effective=_day(effective_from),
        restate=restate,
        models=tuple(model or ()),
    )
    for line in imported.lines():
        typer.echo(line)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
