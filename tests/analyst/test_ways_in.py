"""The ways in that docs/analysts.md tells of, each taken for real."""

from decimal import Decimal

import adbc_driver_duckdb
import adbc_driver_manager.dbapi as adbc
import duckdb
import polars as pl
import pytest

SUM = "select sum(effective_cost_usd) as usd from fct_charges_hourly"
EXPECTED = Decimal("143.900000000000")


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
