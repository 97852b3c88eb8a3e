"""`meterhouse export`: files for other tools."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pipelines.settings import Settings

export_app = typer.Typer(no_args_is_help=True, help="Write files that other tools read.")


@export_app.callback()
def export() -> None:
    """Write files that other tools read, from the published snapshot."""


@export_app.command("focus")
def focus(
    output: Annotated[Path, typer.Option(help="The folder to write into.")],
    version: Annotated[
        str, typer.Option(help="1.4 (four datasets) or 1.2 (Cost and Usage).")
    ] = "1.4",
    file_format: Annotated[str, typer.Option("--format", help="csv or parquet.")] = "csv",
    month: Annotated[
        list[str] | None,
        typer.Option(help="Such as 2026-10, also several times; without it every month."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="The data folder.", show_default="data")
    ] = None,
) -> None:
    """Write charges of cloud tokens and own GPUs in the FinOps FOCUS format."""
    from pipelines.exports.focus import export_focus

    settings = Settings.from_environment(data)
    os.environ["METERHOUSE_DATA"] = str(settings.data)
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    written = export_focus(
        settings, output, version=version, file_format=file_format, months=month or []
    )
    for path, rows in written.row_counts.items():
        console.print(f"FOCUS      {path} ({rows:,} rows)", markup=False)
    if written.unpriced_tokens:
        console.print(
            f"Left out   {written.unpriced_tokens:,} tokens without a known price: see"
            " fct_unpriced_usage",
            markup=False,
        )
