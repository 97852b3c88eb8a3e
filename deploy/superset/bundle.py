"""Write the Superset bundle of a data folder: its snapshot, its tables, its metrics, one dashboard.

    .venv/bin/python deploy/superset/bundle.py --data data --output meterhouse-superset.zip

Datasets come from the published snapshot itself, with the comments and metrics that it holds, so
that Superset and the database cannot disagree. Charts and their places are in dashboard.yaml.
"""

import argparse
import sys
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import yaml

from ingest.errors import MeterhouseError
from pipelines.metrics import Metric, metric, metrics
from pipelines.publish import read_current
from pipelines.settings import Settings

# Same name, same id: importing a second time replaces, and does not add.
_NAMESPACE = uuid.UUID("6f6d1c3e-6c1f-4d0e-9a55-3b1d5f7b6a10")
_ROOT = "meterhouse"
_VERSION = "1.0.0"
_SETTLED = "2026-01-01T00:00:00+00:00"
_PLAN = Path(__file__).with_name("dashboard.yaml")

Document = dict[str, Any]


def bundle(settings: Settings) -> dict[str, Document]:
    """Make every document of the bundle, by its path inside the zip.

    Raises:
        MeterhouseError: Nothing has been published yet.
    """
    plan = yaml.safe_load(_PLAN.read_text(encoding="utf-8"))
    charts = [chart for row in plan["rows"] for chart in row["charts"]]
    tables = sorted({_table(chart) for chart in charts})
    with read_current(settings) as connection:
        datasets = {
            f"datasets/Meterhouse/{table}.yaml": _dataset(
                connection, table, plan["queries"].get(table)
            )
            for table in tables
        }
    return {
        "metadata.yaml": {"version": _VERSION, "type": "Dashboard", "timestamp": _SETTLED},
        "databases/Meterhouse.yaml": _database(settings.current),
        **datasets,
        **{f"charts/{_id(chart['name'])}.yaml": _chart(chart) for chart in charts},
        "dashboards/Meterhouse.yaml": _dashboard(plan),
    }


def write_bundle(settings: Settings, output: Path) -> Path:
    """Write the bundle as the zip that Superset imports; the same snapshot gives the same bytes."""
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, document in bundle(settings).items():
            text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
            archive.writestr(zipfile.ZipInfo(f"{_ROOT}/{name}"), text)
    return output


def _id(*names: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "/".join(names)))


def _database(path: Path) -> Document:
    return {
        "database_name": "Meterhouse",
        "sqlalchemy_uri": f"duckdb:///{path.absolute()}?access_mode=read_only",
        "expose_in_sqllab": True,
        "allow_dml": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_file_upload": False,
        "allow_run_async": False,
        "extra": {},
        "uuid": _id("database"),
        "version": _VERSION,
    }


def _dataset(connection: duckdb.DuckDBPyConnection, table: str, query: str | None) -> Document:
    described = connection.execute(f"describe {query or f'from {table}'}").fetchall()
    comments = dict(
        connection.execute(
            "select column_name, comment from duckdb_columns() where table_name = ?", [table]
        ).fetchall()
    )
    columns = [(name, kind, comments.get(name)) for name, kind, *_ in described]
    (description,) = connection.execute(
        "select comment from duckdb_tables() where table_name = ?", [table]
    ).fetchone() or (None,)
    dates = [name for name, kind, _ in columns if kind == "DATE"]
    return {
        "table_name": table,
        "schema": "main",
        "sql": query,
        "main_dttm_col": next(iter(dates), None),
        "description": description,
        "metrics": list(_saved_metrics(table)),
        "columns": [
            {
                "column_name": name,
                "type": kind,
                "is_dttm": kind in ("DATE", "TIMESTAMP"),
                "groupby": True,
                "filterable": True,
                "description": comment,
            }
            for name, kind, comment in columns
        ],
        "uuid": _id("dataset", table),
        "database_uuid": _id("database"),
        "version": _VERSION,
    }


def _saved_metrics(table: str) -> Iterator[Document]:
    # A metric that counts some rows only would, without its filter, be another number.
    for defined in metrics().values():
        if defined.mart == table and not defined.filter_sql:
            yield {
                "metric_name": defined.name,
                "verbose_name": defined.title,
                "metric_type": "expression",
                "expression": defined.value_sql,
                "description": f"{defined.description} ({defined.unit})",
            }


def _chart(chart: Document) -> Document:
    params = {"viz_type": chart["viz_type"], **chart["params"]}
    if "metric" in chart:
        params |= _measured_by(metric(chart["metric"]), chart["viz_type"])
    return {
        "slice_name": chart["name"],
        "viz_type": chart["viz_type"],
        "params": params,
        "uuid": _id("chart", chart["name"]),
        "dataset_uuid": _id("dataset", _table(chart)),
        "version": _VERSION,
    }


def _measured_by(chosen: Metric, viz_type: str) -> Document:
    expression = {
        "expressionType": "SQL",
        "label": chosen.name,
        "hasCustomLabel": True,
        "sqlExpression": chosen.value_sql,
    }
    where = {"clause": "WHERE", "expressionType": "SQL", "sqlExpression": chosen.filter_sql}
    filters = {"adhoc_filters": [where]} if chosen.filter_sql else {}
    measure: Document = (
        {"metric": expression} if viz_type == "big_number" else {"metrics": [expression]}
    )
    return {**filters, **measure}


def _table(chart: Document) -> str:
    return str(metric(chart["metric"]).mart if "metric" in chart else chart["dataset"])


def _dashboard(plan: Document) -> Document:
    return {
        "dashboard_title": plan["title"],
        "slug": plan["slug"],
        "published": True,
        "position": _position(plan),
        "metadata": {"color_scheme": "supersetColors", "refresh_frequency": 0},
        "uuid": _id("dashboard"),
        "version": _VERSION,
    }


def _position(plan: Document) -> Document:
    rows = [f"ROW-{number}" for number in range(len(plan["rows"]))]
    position: Document = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"id": "ROOT_ID", "type": "ROOT", "children": ["GRID_ID"]},
        "GRID_ID": {"id": "GRID_ID", "type": "GRID", "children": rows, "parents": ["ROOT_ID"]},
        "HEADER_ID": {"id": "HEADER_ID", "type": "HEADER", "meta": {"text": plan["title"]}},
    }
    for row_id, row in zip(rows, plan["rows"], strict=True):
        parents = ["ROOT_ID", "GRID_ID"]
        places = [f"CHART-{_id('chart', chart['name'])}" for chart in row["charts"]]
        position[row_id] = {
            "id": row_id,
            "type": "ROW",
            "children": places,
            "parents": parents,
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        for place, chart in zip(places, row["charts"], strict=True):
            position[place] = {
                "id": place,
                "type": "CHART",
                "children": [],
                "parents": [*parents, row_id],
                "meta": {
                    "chartId": 0,
                    "uuid": _id("chart", chart["name"]),
                    "sliceName": chart["name"],
                    "width": chart["width"],
                    "height": row["height"],
                },
            }
    return position


def main() -> None:
    """Entry point of the script."""
    parser = argparse.ArgumentParser(description="Write the Superset bundle of a data folder.")
    parser.add_argument("--data", type=Path, default=None, help="the data folder")
    parser.add_argument("--output", type=Path, default=Path("meterhouse-superset.zip"))
    arguments = parser.parse_args()
    try:
        settings = Settings.from_environment(arguments.data)
        sys.stdout.write(f"Bundle     {write_bundle(settings, arguments.output)}\n")
    except MeterhouseError as error:
        sys.exit("\n".join(error.lines))


if __name__ == "__main__":
    main()
