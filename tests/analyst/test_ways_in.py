"""The ways in that docs/analysts.md tells of, each taken for real."""

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import adbc_driver_duckdb
import adbc_driver_manager.dbapi as adbc
import duckdb
import polars as pl
import pytest

from pipelines.analyst.copies import export_parquet

SUM = "select sum(effective_cost_usd) as usd from fct_charges_hourly"
EXPECTED = Decimal("143.900000000000")


def duckdb_cli(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "duckdb_cli", *arguments]
    home = {"HOME": str(folder), "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=home)


def test_the_command_line_of_duckdb_1(settings, tmp_path) -> None:
    said = duckdb_cli("-readonly", "-csv", settings.current.resolve(), SUM, folder=tmp_path)
    assert said.stdout.splitlines() == ["usd", str(EXPECTED)]
    version = duckdb_cli("-noheader", "-list", "-c", "select version()", folder=tmp_path).stdout
    assert version.startswith("v1.")
    written = duckdb_cli("-readonly", settings.current, "drop table dim_teams", folder=tmp_path)
    assert "read-only" in written.stderr + written.stdout


def test_the_command_line_opens_the_views_of_a_parquet_export(settings, tmp_path) -> None:
    export_parquet(settings, tmp_path / "out")
    arguments = ("-init", "views.sql", "-csv", "-c", SUM)
    said = duckdb_cli(*arguments, folder=tmp_path / "out")
    assert said.stdout.splitlines() == ["usd", str(EXPECTED)]


def test_python(settings) -> None:
    with duckdb.connect(settings.current.resolve(), read_only=True) as connection:
        assert connection.execute(SUM).fetchall() == [(EXPECTED,)]
        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            connection.execute("delete from dim_teams")


def test_polars_keeps_decimals(settings) -> None:
    with duckdb.connect(settings.current.resolve(), read_only=True) as connection:
        frame = connection.sql("from fct_charges_hourly").pl()
    assert frame["effective_cost_usd"].dtype == pl.Decimal(38, 12)
    assert frame["effective_cost_usd"].sum() == EXPECTED


def test_pandas(settings) -> None:
    with duckdb.connect(settings.current.resolve(), read_only=True) as connection:
        frame = connection.sql("from fct_charges_hourly").df()
    assert len(frame) == 1440
    assert frame["effective_cost_usd"].isna().sum() == 1
    assert frame["effective_cost_usd"].sum() == pytest.approx(143.9)


def test_adbc_through_duckdbs_own_library(settings) -> None:
    options = {"path": str(settings.current.resolve()), "access_mode": "READ_ONLY"}
    with (
        adbc.connect(
            driver=adbc_driver_duckdb.driver_path(),
            entrypoint="duckdb_adbc_init",
            db_kwargs=options,
            autocommit=True,
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(SUM)
        assert cursor.fetch_arrow_table()["usd"].to_pylist() == [EXPECTED]
        with pytest.raises(adbc.Error, match="read-only"):
            cursor.execute("delete from dim_teams")
