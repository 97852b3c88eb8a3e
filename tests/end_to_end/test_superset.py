"""The Superset bundle: what it would ask of the database is asked, and what it names is there."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from figures import query
from product import REPOSITORY
from stories import Undisturbed

FOLDER = REPOSITORY / "deploy" / "superset"
QUERIES = [
    part.strip()
    for part in (FOLDER / "queries.sql").read_text().partition("\n")[2].split(";")
    if part.strip()
]
MAY_BE_EMPTY = ("fct_data_quality_results", "fct_cost_drivers", "fct_price_index")


@pytest.fixture(scope="module")
def bundle(undisturbed: Undisturbed, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    output = tmp_path_factory.mktemp("superset") / "bundle.zip"
    script = [sys.executable, FOLDER / "bundle.py", "--data", undisturbed.data, "--output", output]
    subprocess.run(script, check=True, capture_output=True)
    with zipfile.ZipFile(output) as archive:
        return {
            name.removeprefix("meterhouse/"): yaml.safe_load(archive.read(name))
            for name in archive.namelist()
        }


@pytest.mark.parametrize("sql", QUERIES, ids=range(len(QUERIES)))
def test_what_superset_asks_is_answered(undisturbed: Undisturbed, sql: str) -> None:
    rows = query(undisturbed.data, sql)
    assert rows or any(table in sql for table in MAY_BE_EMPTY)


def test_the_months_of_superset_are_the_charges_to_the_cent(undisturbed: Undisturbed) -> None:
    [by_month] = [sql for sql in QUERIES if "'MONTH'" in sql and "fct_charges_hourly" in sql]
    shown = sum(spend for _, spend in query(undisturbed.data, by_month))
    assert [(shown,)] == query(
        undisturbed.data, "select sum(effective_cost_usd) from fct_charges_hourly"
    )


def test_the_connection_is_to_this_snapshot_and_read_only(
    undisturbed: Undisturbed, bundle: dict[str, Any]
) -> None:
    database = bundle["databases/Meterhouse.yaml"]
    current = undisturbed.data / "published" / "current.duckdb"
    assert database["sqlalchemy_uri"] == f"duckdb:///{current}?access_mode=read_only"
    assert not database["allow_dml"]


def test_a_chart_names_only_columns_and_places_that_exist(bundle: dict[str, Any]) -> None:
    charts = _of("charts/", bundle)
    datasets = {dataset["uuid"]: dataset for dataset in _of("datasets/", bundle)}
    [dashboard] = _of("dashboards/", bundle)
    placed = {p["meta"]["uuid"] for p in dashboard["position"].values() if "uuid" in _meta(p)}
    assert placed == {chart["uuid"] for chart in charts}
    assert len(QUERIES) == len(charts)
    for chart in charts:
        columns = {c["column_name"] for c in datasets[chart["dataset_uuid"]]["columns"]}
        assert _named(chart["params"]) <= columns, chart["slice_name"]


def test_every_column_of_a_table_comes_with_its_description(bundle: dict[str, Any]) -> None:
    for dataset in _of("datasets/", bundle):
        if dataset["sql"] is None:
            assert dataset["description"]
            assert all(column["description"] for column in dataset["columns"])


def test_two_bundles_of_one_snapshot_are_the_same_bytes(
    undisturbed: Undisturbed, tmp_path: Path
) -> None:
    for name in ("one.zip", "two.zip"):
        script = [sys.executable, FOLDER / "bundle.py", "--data", undisturbed.data]
        subprocess.run([*script, "--output", tmp_path / name], check=True, capture_output=True)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_without_a_snapshot_the_script_says_what_to_do(tmp_path: Path) -> None:
    script = [sys.executable, FOLDER / "bundle.py", "--data", tmp_path]
    told = subprocess.run(script, check=False, capture_output=True, text=True, cwd=tmp_path)
    assert told.returncode == 1
    assert "meterhouse run" in told.stderr
    assert "Traceback" not in told.stderr


def _of(folder: str, bundle: dict[str, Any]) -> list[dict[str, Any]]:
    return [document for name, document in bundle.items() if name.startswith(folder)]


def _meta(place: object) -> dict[str, Any]:
    return place.get("meta", {}) if isinstance(place, dict) else {}


def _named(params: dict[str, Any]) -> set[str]:
    columns = {params[key] for key in ("x_axis", "granularity_sqla") if key in params}
    columns |= set(params.get("groupby", [])) | set(params.get("all_columns", []))
    columns |= {json.loads(order)[0] for order in params.get("order_by_cols", [])}
    return columns | {f["subject"] for f in params.get("adhoc_filters", []) if "subject" in f}
