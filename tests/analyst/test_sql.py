"""`meterhouse sql` as a process of its own: it reads, explains, and writes nothing."""

import csv
import io
import json
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.errors import MeterhouseError
from pipelines.analyst.answers import Format
from pipelines.analyst.reading import read_sealed
from pipelines.analyst.shell import Shell
from pipelines.settings import Settings


def sql(settings: Settings, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pipelines.cli", "sql", *arguments, "--data"]
    return subprocess.run(
        [*command, str(settings.data)], input=typed, capture_output=True, text=True
    )


def test_one_query_is_answered_in_the_format_that_is_asked_for(settings) -> None:
    query = "select team_id, sum(effective_cost_usd) as usd from fct_charges_hourly group by all"
    query += " order by 1"
    # 720 hours of 10 cents each; of the first hour nobody knows the cost
    assert sql(settings, query).stdout.split() == ["team_id", "usd", "a", "71.90", "b", "72.00"]
    assert list(csv.reader(io.StringIO(sql(settings, query, "--csv").stdout))) == [
        ["team_id", "usd"],
        ["a", "71.900000000000"],
        ["b", "72.000000000000"],
    ]
    exact = json.loads(sql(settings, query, "--json").stdout, parse_float=str)
    assert exact[0] == {"team_id": "a", "usd": "71.900000000000"}
    assert "| a | 71.90 |" in sql(settings, query, "--markdown").stdout


def test_unknown_is_told_apart_from_zero_and_from_nothing(settings) -> None:
    query = "select null as a, 0 as b, '' as c"
    assert "NULL" in sql(settings, query).stdout
    assert sql(settings, query, "--csv").stdout == "a,b,c\n,0,\n"
    assert json.loads(sql(settings, query, "--json").stdout) == [{"a": None, "b": 0, "c": ""}]


def test_a_pipe_brings_statements_and_commands(settings) -> None:
    typed = ".format csv\nselect count(*) as n\nfrom dim_teams;\nselect ';' as semicolon"
    assert sql(settings, typed=typed).stdout == "n\n2\nsemicolon\n;\n"


def test_the_glossary_is_at_hand(settings) -> None:
    assert "Whether nobody used it." in sql(settings, ".describe fct_charges_hourly").stdout
    found = sql(settings, ".glossary team", "--csv").stdout.splitlines()
    assert "dim_teams,table,Teams." in found
    assert 'team_id,"dim_teams, fct_charges_hourly",The team.' in found
    assert "metric" in sql(settings, ".glossary IDLE").stdout
    assert "spend_usd" in sql(settings, ".metrics").stdout
    assert "2026-03-02" in sql(settings, ".snapshot").stdout


@pytest.mark.parametrize(
    "statement",
    [
        "drop table dim_teams",
        "delete from dim_teams",
        "create table mine as select 1",
        "copy dim_teams to '{folder}/out.csv'",
        "export database '{folder}/out'",
        "attach '{folder}/out.duckdb' as other",
        "from read_text('/etc/hostname')",
        "install httpfs",
        "set enable_external_access = true",
        "set memory_limit = '1TB'",
    ],
)
def test_nothing_can_be_written_and_no_other_file_read(settings, tmp_path, statement) -> None:
    before = settings.current.resolve().read_bytes()
    said = sql(settings, statement.format(folder=tmp_path))
    assert said.returncode == 2, said.stdout
    assert "Traceback" not in said.stderr
    assert not list(tmp_path.glob("out*"))
    assert settings.current.resolve().read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["selec 1"], "syntax error"),
        (["from nowhere"], ".tables"),
        ([".describe nowhere"], "dim_teams"),
        ([".glossary"], "Which word?"),
        ([".nothing"], ".help"),
        (["select 1", "--csv", "--json"], "Choose one"),
    ],
)
def test_a_mistake_is_told_with_its_remedy(settings, arguments, told) -> None:
    said = sql(settings, *arguments)
    assert said.returncode == 2
    assert told in said.stderr
    assert "Traceback" not in said.stderr


def test_a_fault_in_a_pipe_ends_it(settings) -> None:
    said = sql(settings, typed="select 1;\nselec 2;\nselect 3;\n")
    assert said.returncode == 2
    assert "3" not in said.stdout


def test_a_reader_that_has_seen_enough_is_no_fault(settings) -> None:
    command = f"{sys.executable} -m pipelines.cli sql 'from range(1000000)' --csv --data "
    command += f"{settings.data} | head -1"
    said = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert (said.stdout, said.stderr) == ("range\n", "")


def test_at_a_prompt_a_mistake_is_told_and_the_session_goes_on(settings) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", "sql", "--data", str(settings.data)],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    os.write(ours, b"selec 1;\nselect 40 +\n2 as answer;\n.quit\n")
    said, _ = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 0
    assert "syntax error" in said
    assert "42" in said
    assert "Traceback" not in said


@pytest.fixture
def _heard() -> Iterator[None]:
    """Control-C reaches this process, also where a shell started it to ignore that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_heard")
def test_control_c_ends_the_query_and_not_the_session(settings) -> None:
    answers = io.StringIO()
    with read_sealed(settings) as connection:
        shell = Shell(connection=connection, output=answers, format=Format.CSV)
        # The query below runs for years, so that the signal always finds it running.
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(MeterhouseError, match="interrupted"):
            shell.answer("select sum(a.range + b.range) from range(10000000000) a, range(1000) b")
        shell.answer("select 40 + 2 as answer")
    assert answers.getvalue() == "answer\n42\n"


def test_before_the_first_publication_it_says_what_to_do(tmp_path: Path) -> None:
    said = sql(Settings(data=tmp_path), "select 1")
    assert said.returncode == 2
    assert "meterhouse run" in said.stderr
