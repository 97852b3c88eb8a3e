"""`meterhouse quotas`: take over limits that are kept elsewhere."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines.settings import Settings

quotas_app = typer.Typer(no_args_is_help=True, help="Take over limits that are kept elsewhere.")


@quotas_app.callback()
def quotas() -> None:
    """Keep `import` a command of its own; Typer would merge a single one."""


@quotas_app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="JSON of LiteLLM's or OpenAI's API.")],
    effective_from: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First day (UTC) they hold; else today."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="The data folder.", show_default="data")
    ] = None,
) -> None:
    """Write budgets and rate limits into ledgers/quotas.csv; earlier limits stay there, ended."""
    from pipelines.quota_import import import_quotas

    imported = import_quotas(
        Settings.from_environment(data),
        file,
        effective=effective_from.date() if effective_from else None,
    )
    for line in imported.lines():
        typer.echo(line)
