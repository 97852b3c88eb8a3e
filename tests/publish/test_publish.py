import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pytest

from ingest.errors import MeterhouseError
from pipelines.publish import publish, read_current
from pipelines.settings import Settings
from pipelines.snapshot_manifest import check_snapshot

STAMP = datetime(2026, 8, 28, 2, 0, 0, 123456)  # noqa: DTZ001 naive UTC by contract


def _warehouse(folder: Path, *, kept: int = 5) -> Settings:
    settings = Settings(data=folder, snapshots_kept=kept)
    settings.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(settings.warehouse) as connection:
        connection.execute(
            "create table fct_usage_hourly (usage_date date, tokens bigint, batch bigint);"
            "insert into fct_usage_hourly select date '2026-08-01' + (i % 20)::int, i, 0 "
            "from range(20000) r(i);"
            "create table dim_prices (price_source varchar, price_snapshot varchar,"
            " price_snapshot_sha256 varchar, believed_from timestamp, unit decimal(18, 12));"
            "insert into dim_prices values"
            " ('list', 'genai-prices 0.2.3', 'a', '1970-01-01', '0.000000075');"
            "create view dim_models as select distinct batch as model from fct_usage_hourly;"
            "create table stg_secret as select 1 as hidden;"
            "comment on table fct_usage_hourly is 'One row for each hour; the user''s own.';"
            "comment on column fct_usage_hourly.tokens is 'All tokens: \"input\" and output.'"
        )
    return settings


def _set_batch(settings: Settings, batch: int) -> None:
    with duckdb.connect(settings.warehouse) as connection:
        connection.execute("update fct_usage_hourly set batch = ?", [batch])


def _rows(settings: Settings, query: str) -> list[tuple[object, ...]]:
    with read_current(settings) as connection:
        return connection.execute(query).fetchall()


def test_a_snapshot_holds_the_marts_and_nothing_else(tmp_path: Path) -> None:
    settings = _warehouse(tmp_path)
    snapshot = publish(settings, stamp=STAMP)
    assert snapshot.path.name == "wh-20260828T020000123456Z.duckdb"
    assert snapshot.row_counts == {"dim_models": 1, "dim_prices": 1, "fct_usage_hourly": 20000}
    assert str(snapshot.data_through) == "2026-08-20"
    tables = _rows(settings, "select table_name from duckdb_tables() order by 1")
    assert [name for (name,) in tables] == [*snapshot.row_counts, "meterhouse_snapshot"]


def test_a_snapshot_tells_what_it_is(tmp_path: Path) -> None:
    settings = _warehouse(tmp_path)
    publish(settings, stamp=STAMP.replace(tzinfo=timezone(timedelta(hours=2))))
    ((published_at, prices, marts, counted),) = _rows(
        settings,
        "select published_at, price_snapshot, tables, row_counts->>'fct_usage_hourly' "
        "from meterhouse_snapshot",
    )
    assert published_at == STAMP - timedelta(hours=2)
    assert (prices, marts, counted) == ("genai-prices 0.2.3", 3, "20000")


def test_the_price_list_that_came_last_is_told_and_not_the_last_of_the_alphabet(
    tmp_path: Path,
) -> None:
    settings = _warehouse(tmp_path)
    came = [
        ("list", "litellm imported 2026-07-01", "b", "2026-07-01 08:00"),
        # the import of August ended a price of the one before, and that is believed since then
        ("list", "litellm imported 2026-07-01", "b", "2026-08-01 08:00"),
        ("list", "genai-prices imported 2026-08-01", "c", "2026-08-01 08:00"),
        ("contract", None, "d", None),
    ]
    with duckdb.connect(settings.warehouse) as connection:
        connection.executemany("insert into dim_prices values (?, ?, ?, ?, 0)", came)
    publish(settings, stamp=STAMP)
    ((newest,),) = _rows(settings, "select price_snapshot from meterhouse_snapshot")
    assert newest == "genai-prices imported 2026-08-01"


def test_comments_are_not_lost_on_the_way(tmp_path: Path) -> None:
    settings = _warehouse(tmp_path)
    publish(settings, stamp=STAMP)
    assert _rows(
        settings, "select comment from duckdb_tables() where table_name = 'fct_usage_hourly'"
    ) == [("One row for each hour; the user's own.",)]
    assert _rows(settings, "select comment from duckdb_columns() where column_name = 'tokens'") == [
        ('All tokens: "input" and output.',)
    ]


def test_older_clients_are_not_locked_out_by_the_file_format(tmp_path: Path) -> None:
    settings = _warehouse(tmp_path)
    publish(settings, stamp=STAMP)
    ((tags, is_read_only),) = _rows(
        settings, "select tags, readonly from duckdb_databases() where not internal"
    )
    assert tags == {"storage_version": "v1.4.0+"}
    assert is_read_only is True


def test_two_snapshots_of_one_warehouse_do_not_differ_in_row_order(tmp_path: Path) -> None:
    settings = _warehouse(tmp_path)
    query = "select tokens from fct_usage_hourly"
    publish(settings, stamp=STAMP)
    first = _rows(settings, query)
    publish(settings, stamp=STAMP + timedelta(seconds=1))
    assert _rows(settings, query) == first == [(i,) for i in range(20000)]


def test_readers_never_see_half_a_publication(tmp_path: Path) -> None:
    settings = _warehouse(tmp_path, kept=1)
    publish(settings, stamp=STAMP)
    done = threading.Event()
    seen: list[tuple[object, ...]] = []
    errors: list[Exception] = []

    def read() -> None:
        query = "select count(*), count(distinct batch), max(batch) from fct_usage_hourly"
        while not done.is_set():
            try:
                seen.extend(_rows(settings, query))
            except (MeterhouseError, duckdb.Error) as error:
                errors.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for batch in range(1, 11):
        _set_batch(settings, batch)
        publish(settings, stamp=STAMP + timedelta(seconds=batch))
    done.set()
    for reader in readers:
        reader.join()
    assert errors == []
    assert len(seen) > 10
    assert {row[:2] for row in seen} == {(20000, 1)}
    assert len({row[2] for row in seen}) > 1


def test_a_reader_keeps_its_snapshot_while_newer_ones_replace_it(tmp_path: Path) -> None:
    settings = _warehouse(tmp_path, kept=1)
    publish(settings, stamp=STAMP)
    with read_current(settings) as connection:
        _set_batch(settings, 7)
        publish(settings, stamp=STAMP + timedelta(seconds=1))
        assert connection.execute("select max(batch) from fct_usage_hourly").fetchall() == [(0,)]
    assert _rows(settings, "select max(batch) from fct_usage_hourly") == [(7,)]


_PUBLISH_FOR_EVER = """
import sys
from datetime import datetime, timedelta
from pathlib import Path
from pipelines.publish import publish
from pipelines.settings import Settings
from pipelines.snapshot_manifest import check_snapshot
settings = Settings(data=Path(sys.argv[1]), snapshots_kept=2)
stamp = datetime.fromisoformat(sys.argv[2])
print("ready", flush=True)
for step in range(10_000):
    publish(settings, stamp=stamp + timedelta(milliseconds=step))
"""


def test_a_publisher_killed_at_any_moment_leaves_a_snapshot_that_opens(tmp_path: Path) -> None:
    settings = _warehouse(tmp_path, kept=2)
    publish(settings, stamp=STAMP)
    moments = random.Random(20260828)  # noqa: S311 the same moments in each run
    for attempt in range(1, 13):
        start = (STAMP + timedelta(hours=attempt)).isoformat()
        process = subprocess.Popen(
            [sys.executable, "-c", _PUBLISH_FOR_EVER, str(tmp_path), start],
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(moments.uniform(0, 0.35))
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        process.stdout.close()
        assert _rows(settings, "select count(*) from fct_usage_hourly") == [(20000,)]
    publish(settings, stamp=STAMP + timedelta(days=1))
    assert list(settings.published.glob(".unfinished*")) == []
    assert len(list(settings.published.glob("wh-*.duckdb"))) == 2


def test_old_snapshots_go_and_the_current_one_stays(tmp_path: Path) -> None:
    settings = _warehouse(tmp_path, kept=3)
    for second in range(6):
        publish(settings, stamp=STAMP + timedelta(seconds=second))
    assert len(list(settings.published.glob("wh-*.duckdb"))) == 3
    # A clock that went back gives the current snapshot the oldest name of all.
    late = publish(settings, stamp=STAMP - timedelta(days=1))
    assert settings.current.resolve() == late.path
    assert late.path.exists()


def test_leftovers_of_a_killed_publisher_do_not_fill_the_disk(tmp_path: Path) -> None:
    settings = _warehouse(tmp_path)
    settings.published.mkdir()
    for name in (".unfinished-wh-1.duckdb", ".unfinished-wh-1.duckdb.wal"):
        (settings.published / name).write_bytes(b"half")
    (settings.published / ".unfinished-current.duckdb").symlink_to("nowhere")
    publish(settings, stamp=STAMP)
    assert list(settings.published.glob(".unfinished*")) == []


def test_a_full_disk_leaves_the_current_snapshot_untouched(tmp_path: Path) -> None:
    settings = _warehouse(tmp_path)
    before = publish(settings, stamp=STAMP).path
    # A limit on the size of a file fails a write in the middle, as a full disk does.
    script = (
        "import resource, signal, sys\n"
        "from datetime import datetime\n"
        "from pathlib import Path\n"
        "from ingest.errors import MeterhouseError\n"
        "from pipelines.publish import publish\n"
        "from pipelines.settings import Settings\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "try:\n"
        "    publish(Settings(data=Path(sys.argv[1])), stamp=datetime(2026, 9, 1))\n"
        "except MeterhouseError as error:\n"
        "    print(error.lines[-1])\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    ).stdout
    assert said == "The snapshot published before is still the current one.\n"
    assert settings.current.resolve() == before
    assert [path.name for path in settings.published.glob("*wh-*.duckdb")] == [before.name]


def test_the_manifest_beside_a_snapshot_says_what_it_is(tmp_path: Path) -> None:
    settings = _warehouse(tmp_path)
    with duckdb.connect(settings.warehouse) as connection:
        connection.execute(
            "create table fct_data_quality_results as select * from (values"
            " ('fct', date '2026-08-01', 'unique', 'id', 'critical', false, 1, 'r1'),"
            # the day was delivered again, and then it passed
            " ('fct', date '2026-08-01', 'unique', 'id', 'critical', true, 2, 'r2'),"
            " ('fct', date '2026-08-02', 'range', 'id', 'warning', false, 2, 'r2'))"
            " t(table_name, usage_date, expectation_name, column_name, severity, is_success,"
            " checked_at, run_id)"
        )
    build = settings.dbt_target / "builds" / "warehouse-1"
    build.mkdir(parents=True)
    results = [("test.a", "pass"), ("test.b", "pass"), ("test.c", "warn"), ("model.d", "success")]
    (build / "run_results.json").write_text(
        json.dumps({"results": [{"unique_id": name, "status": told} for name, told in results]})
    )
    snapshot = publish(settings, stamp=STAMP, run_id="run-7")
    facts = json.loads(settings.current.resolve().with_suffix(".json").read_text())
    assert facts["file"] == snapshot.path.name
    assert facts["sha256"] == hashlib.sha256(snapshot.path.read_bytes()).hexdigest()
    assert facts["bytes"] == snapshot.path.stat().st_size
    assert facts["published_at"] == "2026-08-28T02:00:00.123456Z"
    told = ("data_through", "run_id", "price_snapshot", "storage_version")
    assert [facts[name] for name in told] == [
        "2026-08-20",
        "run-7",
        "genai-prices 0.2.3",
        "v1.4.0",
    ]
    assert facts["gates"] == {
        "checks": {
            "critical": {"passed": 1, "failed": 0},
            "warning": {"passed": 0, "failed": 1},
        },
        "tests": {"dbt": {"passed": 2, "warned": 1}},
    }
    assert facts["row_counts"]["fct_usage_hourly"] == 20000
    assert snapshot.path.stat().st_mode == snapshot.path.with_suffix(".json").stat().st_mode
    ((run_id, gates),) = _rows(settings, "select run_id, gates from meterhouse_snapshot")
    assert (run_id, json.loads(str(gates))) == ("run-7", facts["gates"])


def test_a_copy_that_lost_a_byte_is_found_out(tmp_path: Path) -> None:
    settings = _warehouse(tmp_path)
    snapshot = publish(settings, stamp=STAMP)
    assert check_snapshot(settings.current).path == snapshot.path
    damaged = bytearray(snapshot.path.read_bytes())
    damaged[-1] ^= 1
    snapshot.path.write_bytes(damaged)
    with pytest.raises(MeterhouseError, match="is not what was published"):
        check_snapshot(settings.current)
    snapshot.path.with_suffix(".json").unlink()
    with pytest.raises(MeterhouseError, match="cannot be checked"):
        check_snapshot(settings.current)


def test_a_manifest_goes_with_its_snapshot(tmp_path: Path) -> None:
    settings = _warehouse(tmp_path, kept=2)
    for second in range(4):
        publish(settings, stamp=STAMP + timedelta(seconds=second))
    kept = {path.stem for path in settings.published.glob("wh-*.duckdb")}
    assert {path.stem for path in settings.published.glob("wh-*.json")} == kept
    assert len(kept) == 2


def test_everything_in_a_snapshot_that_is_its_own_is_described(tmp_path: Path) -> None:
    settings = _warehouse(tmp_path)
    publish(settings, stamp=STAMP)
    undescribed = _rows(
        settings,
        "select table_name from duckdb_tables() where table_name = 'meterhouse_snapshot'"
        " and comment is null union all select column_name from duckdb_columns()"
        " where table_name = 'meterhouse_snapshot' and comment is null",
    )
    assert undescribed == []


def test_a_snapshot_is_never_overwritten(tmp_path: Path) -> None:
    settings = _warehouse(tmp_path)
    publish(settings, stamp=STAMP)
    with pytest.raises(MeterhouseError, match="published already"):
        publish(settings, stamp=STAMP.replace(tzinfo=UTC))
    assert _rows(settings, "select count(*) from fct_usage_hourly") == [(20000,)]


def test_a_warehouse_without_marts_does_not_replace_the_last_good_snapshot(tmp_path: Path) -> None:
    settings = _warehouse(tmp_path)
    before = publish(settings, stamp=STAMP).path
    settings.warehouse.unlink()
    with pytest.raises(MeterhouseError, match="no warehouse"):
        publish(settings, stamp=STAMP + timedelta(seconds=1))
    with duckdb.connect(settings.warehouse) as connection:
        connection.execute("create table stg_only as select 1 as one")
    with pytest.raises(MeterhouseError, match="holds no marts"):
        publish(settings, stamp=STAMP + timedelta(seconds=2))
    assert settings.current.resolve() == before


def test_reading_before_the_first_publication_says_what_to_do(tmp_path: Path) -> None:
    with (
        pytest.raises(MeterhouseError, match="meterhouse run"),
        read_current(Settings(data=tmp_path)),
    ):
        pass
