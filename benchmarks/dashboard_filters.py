"""Seconds until a page of the dashboard answers, under filters and on an hourly mart of any size.

Usage: python benchmarks/dashboard_filters.py DATA [ROWS]

Takes the published snapshot of DATA as it is, then a copy in which teams are repeated under new
names until the hourly charges and the hourly usage have at least ROWS rows (10 million unless
told). Both are served as `meterhouse serve` does and asked over a socket by one reader; the first
answer of each page is not counted, since it draws up the charts that later ones keep. Where
Chromium is installed the first paint of the written file and of the served overview is told too.
"""

import http.client
import shutil
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import uvicorn

from pipelines.dashboard import write_dashboard
from pipelines.serve.app import make_app
from pipelines.serve.guard import LOOPBACK
from pipelines.settings import REPOSITORY, Settings

sys.path.insert(0, str(REPOSITORY / "tests" / "dashboard"))
from chromium import CHROMIUM, browser

ROUNDS = 5
GROWN = ("fct_charges_hourly", "fct_usage_hourly", "fct_token_costs_daily")
FILTERS = {
    "no filter": "",
    "a team": "team={team}",
    "a model": "model={model}",
    "a week": "first={week}&last={last}",
    "team, model, 90 days": "team={team}&model={model}&first={quarter}&last={last}",
}
PAGES = {
    "overview": "/overview?",
    "explorer, spend by team": "/costs?",
    "explorer, cost per million by model": (
        "/costs?metric=cost_usd_per_million_tokens&by=model_name&"
    ),
    "own GPUs": "/own-gpus?",
    "quotas": "/quota?",
    "reconciliation": "/reconciliation?",
    "charges": "/charges?",
}


def grown(settings: Settings, folder: Path, rows: int) -> Settings:
    """Copy a published company and repeat its teams."""
    copy = Settings(data=folder)
    copy.published.mkdir(parents=True)
    target = copy.published / settings.current.resolve().name
    shutil.copy(settings.current, target)
    copy.current.symlink_to(target.name)
    with duckdb.connect(target) as connection:
        ((found,),) = connection.sql("select count(*) from fct_charges_hourly").fetchall()
        for table in GROWN:
            connection.execute(
                f"create or replace table {table} as "  # noqa: S608 names of this file
                f"select * replace (if(n = 0, team_id, team_id || '-' || n) as team_id) "
                f"from {table}, range({-(-rows // found)}) r(n) order by usage_date, n"
            )
        connection.execute("checkpoint")
        counts = [
            connection.sql(f"select count(*) from {table}").fetchall()[0][0]  # noqa: S608
            for table in GROWN
        ]
    print(", ".join(f"{table} {count:,} rows" for table, count in zip(GROWN, counts, strict=True)))
    return copy


@contextmanager
def served(settings: Settings) -> Iterator[int]:
    """Serve a company on a free port while the block runs."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(make_app(settings, LOOPBACK), log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(20)


def seconds(port: int, path: str) -> float:
    """Ask once."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, path  # noqa: S101 a benchmark of an error is none
    return time.perf_counter() - begun


def measure(settings: Settings) -> None:
    """Print a table: a line a page, a column a filter, the median of five answers."""
    with duckdb.connect(settings.current.resolve(), read_only=True) as connection:
        ((team, model, last),) = connection.sql(
            "select mode(team_id) filter (team_id != 'unattributed'), "
            "mode(model_name) filter (model_name != ''), max(usage_date) from fct_charges_hourly"
        ).fetchall()
        ((week, quarter),) = connection.sql(
            f"select date '{last}' - 6, date '{last}' - 89"
        ).fetchall()
    values = {"team": team, "model": model, "last": last, "week": week, "quarter": quarter}
    print(f"| page | {' | '.join(FILTERS)} |\n|---|{'---:|' * len(FILTERS)}")
    with served(settings) as port:
        for page, path in PAGES.items():
            medians = []
            for query in FILTERS.values():
                asked = path + query.format_map(values)
                seconds(port, asked)
                medians.append(statistics.median(seconds(port, asked) for _ in range(ROUNDS)))
            print(f"| {page} | {' | '.join(f'{one:.2f}' for one in medians)} |", flush=True)
        if CHROMIUM:
            paint(settings, port)


def paint(settings: Settings, port: int) -> None:
    """Print when a browser first shows something."""
    file = write_dashboard(settings)
    with browser() as page:
        for name, url in (("the file", file.as_uri()), ("overview", f"http://127.0.0.1:{port}/")):
            page.open(url, width=1280, height=900)
            told = page.evaluate("performance.getEntriesByType('paint').at(-1).startTime")
            print(f"first paint of {name}: {told / 1000:.2f} s")


def main() -> None:
    """Measure both sizes."""
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        small = Settings(data=Path(folder) / "small")
        shutil.copytree(Path(sys.argv[1]) / "published", small.published, symlinks=True)
        measure(small)
        measure(grown(small, Path(folder) / "grown", rows))


if __name__ == "__main__":
    main()
