"""Copies hold what the snapshot holds, exactly, and appear whole."""

import json
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

from ingest.errors import MeterhouseError
from pipelines.analyst import copies
from pipelines.analyst.copies import export_duckdb, export_parquet
from pipelines.analyst.workbook import export_excel
from pipelines.cli import app
from pipelines.publish import read_current
from pipelines.settings import Settings
from pipelines.snapshot_manifest import check_snapshot


@pytest.fixture
def by_month(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "ROWS_PARTITIONED", 1000)


def test_parquet_holds_every_row_and_every_decimal(settings, tmp_path, by_month) -> None:
    export_parquet(settings, tmp_path / "out")
    copy = pl.read_parquet(tmp_path / "out/fct_charges_hourly/*/*.parquet", hive_partitioning=False)
    with read_current(settings) as connection:
        original = connection.table("fct_charges_hourly").pl()
    assert copy.sort("hour_start_at").equals(original.sort("hour_start_at"))
    # 1,439 hours of 10 cents; of the first nobody knows the cost
    assert copy["effective_cost_usd"].sum() == Decimal("143.9")
    assert copy["effective_cost_usd"].null_count() == 1


def test_a_large_table_is_split_by_month_and_gains_no_column(settings, tmp_path, by_month) -> None:
    export_parquet(settings, tmp_path / "out")
    months = sorted(path.name for path in (tmp_path / "out/fct_charges_hourly").iterdir())
    assert months == ["usage_month=2026-01", "usage_month=2026-02", "usage_month=2026-03"]
    (january,) = (tmp_path / "out/fct_charges_hourly/usage_month=2026-01").iterdir()
    assert "usage_month" not in pl.read_parquet_schema(january)
    assert (tmp_path / "out/dim_teams.parquet").is_file()


def test_the_views_work_wherever_the_folder_lies(settings, tmp_path, by_month, monkeypatch) -> None:
    export_parquet(settings, tmp_path / "out")
    moved = (tmp_path / "out").rename(tmp_path / "somewhere else")
    query = "select count(*), sum(effective_cost_usd) from fct_charges_hourly"
    expected = [(1440, Decimal("143.900000000000"))]
    monkeypatch.chdir(moved)
    with duckdb.connect() as beside:
        beside.execute((moved / "views.sql").read_text())
        assert beside.execute(query).fetchall() == expected
    monkeypatch.chdir("/")
    with duckdb.connect() as elsewhere:
        elsewhere.execute(f"set file_search_path = '{moved}'")
        elsewhere.execute((moved / "views.sql").read_text())
        assert elsewhere.execute(query).fetchall() == expected


def test_a_parquet_file_says_what_its_columns_mean(settings, tmp_path) -> None:
    export_parquet(settings, tmp_path / "out")
    told = duckdb.execute(
        "select decode(key), decode(value) from parquet_kv_metadata(?)",
        [str(tmp_path / "out/dim_teams.parquet")],
    ).fetchall()
    assert dict(told)["description"] == "Teams."
    assert json.loads(dict(told)["columns"])["team_id"] == "The team."


def test_an_export_replaces_an_earlier_one_and_nothing_else(settings, tmp_path) -> None:
    folder = tmp_path / "out"
    export_parquet(settings, folder)
    (folder / "gone_mart.parquet").write_bytes(b"")
    export_parquet(settings, folder)
    assert not (folder / "gone_mart.parquet").exists()
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "cat.jpg").write_bytes(b"miaow")
    with pytest.raises(MeterhouseError, match="no export"):
        export_parquet(settings, photos)
    assert [path.name for path in photos.iterdir()] == ["cat.jpg"]
    assert not list(tmp_path.glob(".unfinished*"))


def test_a_copied_snapshot_is_the_published_one(settings, tmp_path) -> None:
    copy = export_duckdb(settings, tmp_path / "marts.duckdb")
    assert copy.read_bytes() == settings.current.resolve().read_bytes()
    assert check_snapshot(copy).tables == 3
    with pytest.raises(MeterhouseError, match=r"\.duckdb"):
        export_duckdb(settings, tmp_path / "marts")


def cells(workbook: Path, sheet: str) -> str:
    """The XML of one sheet; with constant memory its strings stand in it."""
    with ZipFile(workbook) as file:
        book = file.read("xl/workbook.xml").decode()
        number = book[: book.index(f'name="{sheet}"')].count("<sheet ")
        return file.read(f"xl/worksheets/sheet{number}.xml").decode()


def test_text_of_a_log_is_never_a_formula(settings, tmp_path) -> None:
    export_excel(settings, tmp_path / "out.xlsx")
    teams = cells(tmp_path / "out.xlsx", "dim_teams")
    assert "<t>=2+3</t>" in teams
    assert "<f>" not in teams


def test_in_a_workbook_numbers_are_numbers_and_unknown_is_empty(settings, tmp_path) -> None:
    export_excel(settings, tmp_path / "out.xlsx", ["fct_charges_hourly"])
    charges = cells(tmp_path / "out.xlsx", "fct_charges_hourly")
    assert '<c r="D3"><v>0.1</v></c>' in charges
    assert 'r="D2"' not in charges
    assert "Whether nobody used it." in cells(tmp_path / "out.xlsx", "columns")


def test_what_is_too_large_for_a_workbook_is_told(settings, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("pipelines.analyst.workbook.ROWS_BY_DEFAULT", 1000)
    tables = export_excel(settings, tmp_path / "out.xlsx")
    assert [table.name for table in tables] == ["dim_metrics", "dim_teams", "meterhouse_snapshot"]
    assert "too many rows" in cells(tmp_path / "out.xlsx", "contents")
    with pytest.raises(MeterhouseError, match="There is no table"):
        export_excel(settings, tmp_path / "out.xlsx", ["nowhere"])


@pytest.mark.parametrize("target", ["parquet", "excel", "duckdb"])
def test_each_command_says_what_it_wrote(settings, tmp_path, target) -> None:
    name = {"parquet": "out", "excel": "out.xlsx", "duckdb": "out.duckdb"}[target]
    said = CliRunner().invoke(
        app, ["export", target, str(tmp_path / name), "--data", str(settings.data)]
    )
    assert said.exit_code == 0, said.output
    assert str(tmp_path / name) in said.output.replace("\n", "")
    assert (tmp_path / name).exists()


def test_an_export_before_the_first_publication_leaves_nothing(tmp_path) -> None:
    with pytest.raises(MeterhouseError, match="meterhouse run"):
        export_parquet(Settings(data=tmp_path / "none"), tmp_path / "out")
    assert not list(tmp_path.glob("*out*"))
