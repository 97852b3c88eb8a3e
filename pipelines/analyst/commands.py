"""`meterhouse sql` and `meterhouse metric`."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer
from rich.console import Console

from ingest.errors import MeterhouseError
from pipelines.analyst.answers import Format, fault_of, write_answer
from pipelines.metrics import metric, metric_query, metrics
from pipelines.settings import Settings

Data = Annotated[Path | None, typer.Option("--data", help="The data folder.", show_default="data")]
Csv = Annotated[bool, typer.Option("--csv", help="Write CSV.")]
Json = Annotated[bool, typer.Option("--json", help="Write JSON, exact numbers.")]
Markdown = Annotated[bool, typer.Option("--markdown", help="Write a table in Markdown.")]


def sql(
    query: Annotated[
        str | None,
        typer.Argument(help="SQL, or .tables, .glossary WORD...; else a prompt or pipe."),
    ] = None,
    data: Data = None,
    csv: Csv = False,
    json: Json = False,
    markdown: Markdown = False,
) -> None:
    """Query the newest snapshot, read-only, with the glossary at hand."""
    from pipelines.analyst.reading import read_sealed
    from pipelines.analyst.shell import Quit, Shell, converse, read_script

    chosen = _format(csv=csv, json=json, markdown=markdown)
    with _pipes_may_close(), read_sealed(Settings.from_environment(data)) as connection:
        shell = Shell(connection=connection, output=sys.stdout, format=chosen)
        if query is not None:
            try:
                shell.answer(query)
            except Quit:
                return
        elif sys.stdin.isatty():
            converse(shell, _complain)
        else:
            read_script(shell, sys.stdin)


def metric_value(
    name: Annotated[str | None, typer.Argument(help="The metric; without it, their list.")] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(help="day, week, month, a dimension, team_name; may be repeated."),
    ] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day (UTC).")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day (UTC).")
    ] = None,
    where: Annotated[
        list[str] | None, typer.Option(help="dimension=value; may be repeated.")
    ] = None,
    data: Data = None,
    csv: Csv = False,
    json: Json = False,
    markdown: Markdown = False,
) -> None:
    """Compute one metric as docs/metrics.md defines it: a ratio of sums."""
    from pipelines.analyst.reading import read_sealed

    chosen = _format(csv=csv, json=json, markdown=markdown)
    if name is None:
        for known in metrics().values():
            typer.echo(f"{known.name:<42} {known.title} ({known.unit})")
        return
    query = metric_query(
        name,
        by or (),
        first=first.date() if first else None,
        last=last.date() if last else None,
        where=_conditions(where or ()),
    )
    with _pipes_may_close(), read_sealed(Settings.from_environment(data)) as connection:
        try:
            connection.execute(query.sql, query.parameters)
        except duckdb.Error as error:
            raise fault_of(error) from error
        write_answer(connection, sys.stdout, chosen)
        if chosen is Format.TABLE and sys.stdout.isatty():
            typer.echo(f"{metric(name).title}, {metric(name).unit}.")


def _format(**flags: bool) -> Format:
    asked = [name for name, is_asked in flags.items() if is_asked]
    if len(asked) > 1:
        raise MeterhouseError(f"Choose one of {', '.join(f'--{name}' for name in asked)}.")
    return Format(asked[0]) if asked else Format.TABLE


def _conditions(texts: Sequence[str]) -> dict[str, Any]:
    conditions: dict[str, list[str]] = {}
    for text in texts:
        dimension, sign, value = text.partition("=")
        if not sign:
            raise MeterhouseError(f"{text!r} is no condition. Write: --where team_id=team-search")
        conditions.setdefault(dimension.strip(), []).append(value.strip())
    return conditions


@contextmanager
def _pipes_may_close() -> Iterator[None]:
    """A reader such as `head` that has seen enough is no fault."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at exit, and would complain about the same again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(error: MeterhouseError) -> None:
    for line in error.lines:
        Console(stderr=True).print(line, style="red", markup=False, highlight=False)
