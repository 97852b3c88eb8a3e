"""`meterhouse export`: copies of the published marts in other formats."""

from pathlib import Path
from typing import Annotated

import typer

export_app = typer.Typer(
    name="export",
    no_args_is_help=True,
    help="Write copies of the published marts in other formats.",
)

Data = Annotated[Path | None, typer.Option("--data", help="The data folder.", show_default="data")]


@export_app.callback()
def export() -> None:
    """Write copies of the published marts in other formats."""
