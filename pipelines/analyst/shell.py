"""`meterhouse sql`: statements and dot commands, from an argument, a pipe or a prompt."""

import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TextIO

import duckdb

from ingest.errors import MeterhouseError
from pipelines.analyst import glossary
from pipelines.analyst.answers import Format, fault_of, write_answer

HELP = """\
.tables              every table, with its rows and what it is about
.describe TABLE      its columns, with type and description
.glossary WORD       tables, metrics and columns that have to do with a word
.metrics             every metric; `meterhouse metric NAME` computes one
.snapshot            what was published, when, and through which day
.format FORMAT       table, csv, json or markdown
.help, .quit
Anything else is SQL and ends with a semicolon. Nothing can be written.
"""
COMMANDS = [line.split()[0].rstrip(",") for line in HELP.splitlines() if line[0] == "."]
PROMPT, MORE = "meterhouse> ", "       ...> "
_SNAPSHOT = "select * exclude (row_counts) from meterhouse_snapshot"


class Quit(Exception):  # noqa: N818 no fault
    """The analyst has had enough."""


@dataclass(kw_only=True)
class Shell:
    """One session on one connection.

    Attributes:
        connection: Read-only and sealed.
        output: Where answers go.
        format: How they are written.
    """

    connection: duckdb.DuckDBPyConnection
    output: TextIO
    format: Format = Format.TABLE
    _pending: str = field(default="", init=False)

    def answer(self, text: str) -> None:
        """Run everything in a text: a dot command, or statements.

        Raises:
            MeterhouseError: Something in it is wrong; what came before has been answered.
            Quit: `.quit`.
        """
        if text.lstrip().startswith("."):
            self._command(text.strip())
            return
        try:
            for statement in self.connection.extract_statements(text):
                self._run(statement)
        except duckdb.Error as error:
            raise fault_of(error) from error

    def _run(self, statement: duckdb.Statement) -> None:
        """Answer one statement in a thread; Control-C ends it at once.

        In the main thread DuckDB hears a signal only between its tasks, of which one can take
        hours.
        """
        with ThreadPoolExecutor(max_workers=1) as thread:
            running = thread.submit(lambda: self._write(self.connection.execute(statement)))
            try:
                running.result()
            except KeyboardInterrupt:
                # Again and again: one that comes before the query has begun is not heard.
                while not running.done():
                    self.connection.interrupt()
                    wait([running], timeout=0.1)
                raise MeterhouseError("The query was interrupted.") from None

    def feed(self, line: str) -> None:
        """Take one more line; a dot command or a finished statement is answered at once.

        Raises:
            MeterhouseError: As `answer`; the session can go on.
            Quit: As `answer`.
        """
        if not self._pending and line.lstrip().startswith("."):
            self.answer(line)
            return
        self._pending += line if line.endswith("\n") else line + "\n"
        if self._pending.rstrip().endswith(";"):
            self.finish()

    def finish(self) -> None:
        """Answer what was begun and has no semicolon."""
        text, self._pending = self._pending, ""
        if text.strip():
            self.answer(text)

    def forget(self) -> None:
        """Drop what was begun."""
        self._pending = ""

    @property
    def prompt(self) -> str:
        """What stands before the next line."""
        return MORE if self._pending else PROMPT

    def _command(self, text: str) -> None:
        name, _, argument = text.removesuffix(";").partition(" ")
        argument = argument.strip()
        match name:
            case ".tables":
                self._write(glossary.tables(self.connection))
            case ".describe":
                self._write(glossary.columns(self.connection, argument))
            case ".glossary":
                self._write(glossary.explained(self.connection, argument))
            case ".metrics":
                self._write(glossary.metric_list(self.connection))
            case ".snapshot":
                self._write(self.connection.execute(_SNAPSHOT))
            case ".format":
                self.format = _format(argument)
            case ".help":
                self.output.write(HELP)
            case ".quit" | ".exit":
                raise Quit
            case _:
                raise MeterhouseError(f"There is no command {name}.", "See .help.")

    def _write(self, cursor: duckdb.DuckDBPyConnection) -> None:
        write_answer(cursor, self.output, self.format)


def _format(name: str) -> Format:
    if name not in list(Format):
        raise MeterhouseError(f"There is no format {name!r}. Formats: {', '.join(Format)}.")
    return Format(name)


def read_script(shell: Shell, lines: Iterable[str]) -> None:
    """Answer a file or pipe; the first fault ends it.

    Raises:
        MeterhouseError: Something in it is wrong.
    """
    try:
        for line in lines:
            shell.feed(line)
        shell.finish()
    except Quit:
        return


def converse(shell: Shell, complain: Callable[[MeterhouseError], None]) -> None:
    """Prompt until `.quit` or the end of input; a fault is told and the session goes on."""
    _offer_completion(shell.connection)
    shell.output.write("SQL on the newest snapshot, read-only. .help shows what else there is.\n")
    for line in _typed(shell):
        try:
            shell.feed(line)
        except MeterhouseError as error:
            complain(error)
        except Quit:
            return


def _typed(shell: Shell) -> Iterator[str]:
    while True:
        try:
            yield input(shell.prompt)
        except KeyboardInterrupt:
            shell.forget()
            sys.stdout.write("\n")
        except EOFError:
            sys.stdout.write("\n")
            return


def _offer_completion(connection: duckdb.DuckDBPyConnection) -> None:
    try:
        import readline
    except ImportError:  # a Python without it still reads lines
        return
    words = [
        name
        for (name,) in connection.execute(
            "select table_name from duckdb_tables() union select column_name from duckdb_columns() "
            "where not internal order by 1"
        ).fetchall()
    ] + COMMANDS

    def complete(text: str, state: int) -> str | None:
        fitting = [word for word in words if word.startswith(text)]
        return fitting[state] if state < len(fitting) else None

    readline.set_completer_delims(" \t\n,()=<>;\"'")
    readline.set_completer(complete)
    readline.parse_and_bind("tab: complete")
