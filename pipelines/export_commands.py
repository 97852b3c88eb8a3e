"""`meterhouse export`: copies of the published marts in other formats."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.settings import Settings

export_app = typer.Typer(
    name="export",
    no_args_is_help=True,
    help="Write copies of the published marts in other formats.",
)

Data = Annotated[Path | None, typer.Option("--data", help="The data folder.", show_default="data")]


@export_app.callback()
def export() -> None:
    """Write copies of the published marts in other formats."""


@export_app.command("parquet")
def parquet(
    folder: Annotated[Path, typer.Argument(help="An earlier export in it is replaced.")],
    data: Data = None,
) -> None:
    """Write every mart as Parquet, large ones by month, with views for DuckDB beside them."""
    from pipelines.analyst.copies import export_parquet

    tables = export_parquet(Settings.from_environment(data), folder)
    rows = sum(table.rows for table in tables)
    typer.echo(f"Parquet    {folder} ({len(tables)} tables, {rows:,} rows)")


@export_app.command("duckdb")
def duckdb(
    file: Annotated[Path, typer.Argument(help="Such as marts.duckdb; replaced if it exists.")],
    data: Data = None,
) -> None:
    """Copy the newest snapshot and its manifest, checked byte for byte."""
    from pipelines.analyst.copies import export_duckdb

    typer.echo(f"DuckDB     {export_duckdb(Settings.from_environment(data), file)}")


@export_app.command("excel")
def excel(
    file: Annotated[Path, typer.Argument(help="Such as marts.xlsx; replaced if it exists.")],
    table: Annotated[
        list[str] | None,
        typer.Option(help="A mart; may be repeated. Without it all that are not too large."),
    ] = None,
    data: Data = None,
) -> None:
    """Write marts as sheets of an Excel workbook; text of logs never becomes a formula."""
    from pipelines.analyst.workbook import export_excel

    tables = export_excel(Settings.from_environment(data), file, table or ())
    rows = sum(one.rows for one in tables)
    typer.echo(f"Excel      {file} ({len(tables)} tables, {rows:,} rows)")


@export_app.command("focus")
def focus(
    folder: Annotated[
        Path, typer.Argument(help="Where to write; files of the same name are replaced.")
    ],
    version: Annotated[
        str, typer.Option(help="1.4 (four datasets) or 1.2 (Cost and Usage).")
    ] = "1.4",
    file_format: Annotated[str, typer.Option("--format", help="csv or parquet.")] = "csv",
    month: Annotated[
        list[str] | None,
        typer.Option(help="Such as 2026-10, also several times; without it every month."),
    ] = None,
    data: Data = None,
) -> None:
    """Write charges of cloud tokens and own GPUs in the FinOps FOCUS format."""
    from pipelines.exports.focus import export_focus

    written = export_focus(
        Settings.from_environment(data),
        folder,
        version=version,
        file_format=file_format,
        months=month or [],
    )
    for path, rows in written.row_counts.items():
        typer.echo(f"FOCUS      {path} ({rows:,} rows)")
    if written.unpriced_tokens:
        typer.echo(
            f"Left out   {written.unpriced_tokens:,} tokens without a known price: see"
            " fct_unpriced_usage"
        )
