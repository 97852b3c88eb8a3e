"""What a snapshot holds: marts and exports of the warehouse, comments, one row about itself."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path

import duckdb

from ingest.errors import MeterhouseError
from pipelines.gates import Gates, checks_passed

# Files in this format open in DuckDB 1.4, 1.5 and 2; the default of 2.0 opens in 2.x only.
STORAGE_VERSION = "v1.4.0"

# Nothing is fetched at run time: an extension that is not bundled is an error, not a download.
OFFLINE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}

_SNAPSHOT_COMMENTS = {
    "published_at": "When this snapshot was published (UTC).",
    "data_through": "Last day (UTC) with usage; with GPU hours where there is no usage.",
    "tables": "How many marts the snapshot holds.",
    "row_counts": "Rows of each mart, as JSON.",
    "meterhouse_version": "Version of Meterhouse that published.",
    "price_snapshot": "The price list that came last; empty where none came.",
    "run_id": "The run that published, as Dagster names it; empty where none did.",
    "gates": "Checks of the audit and tests of the build that passed or did not, as JSON.",
}
_SNAPSHOT_COMMENT = "What this snapshot is: one row. The manifest beside the file says the same."

# A list came when its first row was believed: a later list that ends a row of an older one leaves
# that row a newer belief with the older list's name.
_NEWEST_PRICES = """
select price_snapshot
from snapshot.main.dim_prices
where price_snapshot is not null
group by price_snapshot, price_snapshot_sha256
order by min(believed_from) desc, price_snapshot
limit 1
"""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What was published.

    Attributes:
        path: The database file, `wh-<UTC stamp>.duckdb`.
        published_at: Naive UTC.
        data_through: Last day with usage (UTC), or with GPU hours where there is no usage; None
            when the marts are empty.
        row_counts: Rows of each published table.
        meterhouse_version: The version that published.
        price_snapshot: The price list that came last; None where none came.
        run_id: The run that published; None where none did.
        gates: 'checks' by severity and 'tests' of dbt: how many passed, and how many did not.
    """

    path: Path
    published_at: datetime
    data_through: date | None
    row_counts: Mapping[str, int]
    meterhouse_version: str
    price_snapshot: str | None
    run_id: str | None
    gates: Gates


def write_snapshot(
    warehouse: Path,
    target: Path,
    final: Path,
    *,
    published_at: datetime,
    run_id: str | None,
    tests: Mapping[str, int],
) -> Snapshot:
    """Write the marts (named dim_ or fct_ in schema main) and exports (focus_) into a new file.

    Views of marts become tables. Views of exports stay views: they repeat what the tables hold.

    Args:
        warehouse: The working database; opened read-only.
        target: The file to write; it must not exist.
        final: Where the caller will move it.
        published_at: Naive UTC.
        run_id: The run that publishes; None where none does.
        tests: Outcomes of dbt's tests.

    Raises:
        MeterhouseError: The warehouse holds no marts.
        duckdb.Error: A file cannot be read or written.
    """
    with duckdb.connect(config=dict(OFFLINE)) as connection:
        connection.execute(f"attach {_text(str(warehouse))} as warehouse (read_only)")
        options = f"storage_version '{STORAGE_VERSION}'"
        connection.execute(f"attach {_text(str(target))} as snapshot ({options})")
        connection.execute("set preserve_insertion_order = true")
        row_counts = _copy_marts(connection)
        if not row_counts:
            raise MeterhouseError(f"{warehouse} holds no marts. Build it with `meterhouse run`.")
        views = _copy_export_views(connection)
        _copy_comments(
            connection, dict.fromkeys(row_counts, "table") | dict.fromkeys(views, "view")
        )
        snapshot = Snapshot(
            path=final,
            published_at=published_at,
            data_through=_data_through(connection, row_counts),
            row_counts=row_counts,
            meterhouse_version=version("meterhouse"),
            price_snapshot=_price_snapshot(connection, row_counts),
            run_id=run_id,
            gates=_gates(connection, row_counts, tests),
        )
        _describe(connection, snapshot)
        connection.execute("checkpoint snapshot")
        connection.execute("detach snapshot")
    return snapshot


def _copy_marts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    row_counts = {}
    for table, is_view in _marts(connection).items():
        # Tables keep their order, views get one: two snapshots of one warehouse compare equal.
        order = " order by all" if is_view else ""
        connection.execute(
            f"create table snapshot.main.{_name(table)} as "  # noqa: S608 quoted name
            f"select * from warehouse.main.{_name(table)}{order}"
        )
        row_counts[table] = _row_count(connection, "warehouse", table)
    return row_counts


def _marts(connection: duckdb.DuckDBPyConnection) -> dict[str, bool]:
    rows = connection.execute(
        "select table_name, table_type = 'VIEW' from information_schema.tables "
        "where table_catalog = 'warehouse' and table_schema = 'main' "
        "and (starts_with(table_name, 'dim_') or starts_with(table_name, 'fct_') "
        "or (starts_with(table_name, 'focus_') and table_type != 'VIEW')) order by 1"
    ).fetchall()
    return dict(rows)


def _copy_export_views(connection: duckdb.DuckDBPyConnection) -> list[str]:
    # DuckDB keeps a view's text without the name of its database; in the order of their making
    # no view comes before what it reads.
    views = connection.execute(
        "select view_name, sql from duckdb_views() where database_name = 'warehouse' "
        "and schema_name = 'main' and starts_with(view_name, 'focus_') order by view_oid"
    ).fetchall()
    connection.execute("use snapshot")
    for _, statement in views:
        connection.execute(statement)
    connection.execute("use memory")
    return [name for name, _ in views]


def _copy_comments(connection: duckdb.DuckDBPyConnection, kinds: Mapping[str, str]) -> None:
    tables = connection.execute(
        "select table_name, comment from duckdb_tables() "
        "where database_name = 'warehouse' and schema_name = 'main' and comment is not null "
        "union all select view_name, comment from duckdb_views() "
        "where database_name = 'warehouse' and schema_name = 'main' and comment is not null"
    ).fetchall()
    for table, comment in tables:
        if table in kinds:
            connection.execute(
                f"comment on {kinds[table]} snapshot.main.{_name(table)} is {_text(comment)}"
            )
    columns = connection.execute(
        "select table_name, column_name, comment from duckdb_columns() "
        "where database_name = 'warehouse' and schema_name = 'main' and comment is not null"
    ).fetchall()
    for table, column, comment in columns:
        if table in kinds:
            connection.execute(
                f"comment on column snapshot.main.{_name(table)}.{_name(column)} "
                f"is {_text(comment)}"
            )


def _data_through(
    connection: duckdb.DuckDBPyConnection, row_counts: Mapping[str, int]
) -> date | None:
    for table in ("fct_usage_hourly", "fct_gpu_hours"):
        if row_counts.get(table):
            (day,) = _one_row(
                connection,
                f"select max(usage_date) from snapshot.main.{table}",  # noqa: S608 constant
            )
            return day if isinstance(day, date) else None
    return None


def _price_snapshot(
    connection: duckdb.DuckDBPyConnection, row_counts: Mapping[str, int]
) -> str | None:
    if "dim_prices" not in row_counts:
        return None
    (name,) = _one_row(connection, _NEWEST_PRICES)
    return None if name is None else str(name)


def _gates(
    connection: duckdb.DuckDBPyConnection, row_counts: Mapping[str, int], tests: Mapping[str, int]
) -> dict[str, Mapping[str, Mapping[str, int]]]:
    results = "fct_data_quality_results"
    known = results in row_counts
    checks = checks_passed(connection, f"snapshot.main.{results}") if known else {}
    return {"checks": checks, "tests": {"dbt": tests} if tests else {}}


def _describe(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    table = "snapshot.main.meterhouse_snapshot"
    connection.execute(
        f"create table {table} (published_at timestamp, data_through date, tables bigint, "
        "row_counts json, meterhouse_version varchar, price_snapshot varchar, run_id varchar, "
        "gates json)"
    )
    connection.execute(
        f"insert into {table} values (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 constant
        [
            snapshot.published_at,
            snapshot.data_through,
            len(snapshot.row_counts),
            json.dumps(dict(snapshot.row_counts)),
            snapshot.meterhouse_version,
            snapshot.price_snapshot,
            snapshot.run_id,
            json.dumps(snapshot.gates),
        ],
    )
    connection.execute(f"comment on table {table} is {_text(_SNAPSHOT_COMMENT)}")
    for column, comment in _SNAPSHOT_COMMENTS.items():
        connection.execute(f"comment on column {table}.{column} is {_text(comment)}")


def verify_snapshot(path: Path, snapshot: Snapshot) -> None:
    """Open the written file as a reader would and count its rows.

    Raises:
        MeterhouseError: A table does not have the rows that the warehouse has.
    """
    with duckdb.connect(config=dict(OFFLINE)) as connection:
        connection.execute(f"attach {_text(str(path))} as copy (read_only)")
        for table, expected in snapshot.row_counts.items():
            found = _row_count(connection, "copy", table)
            if found != expected:
                raise MeterhouseError(
                    f"The copy of {table} has {found} rows, the warehouse {expected}.",
                    "Nothing was published. Run `meterhouse run` again.",
                )


def _row_count(connection: duckdb.DuckDBPyConnection, database: str, table: str) -> int:
    (count,) = _one_row(
        connection,
        f"select count(*) from {_name(database)}.main.{_name(table)}",  # noqa: S608 quoted names
    )
    return int(str(count))


def _one_row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[object, ...]:
    return connection.execute(query).fetchone() or (None,)


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
