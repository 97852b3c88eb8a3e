import csv
import http.client
import io
import re
import socket
import threading
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from urllib.parse import quote

import duckdb
import pytest
import uvicorn
from chromium import CHROMIUM, browser
from factory import HOSTILE_TEAM, make_warehouse

from ingest.errors import MeterhouseError
from pipelines.publish import publish
from pipelines.serve.app import make_app
from pipelines.serve.guard import LOOPBACK
from pipelines.serve.server import serve_dashboard
from pipelines.serve.table_csv import cell
from pipelines.settings import Settings
from pipelines.snapshot import OFFLINE

PAGES = (
    *("overview", "costs", "own-gpus", "quota", "inflation", "forecast", "price-book"),
    *("reconciliation", "data-quality", "charges"),
)


class Site:
    """A served company, asked over a real socket."""

    def __init__(self, settings: Settings, port: int) -> None:
        self.settings = settings
        self._port = port

    def ask(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[int, str, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._port}{path}"

    def page(self, path: str) -> str:
        status, html, _ = self.ask(path)
        assert status == 200, html
        return html

    def rows(self, path: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.page(path))))

    def value(self, query: str) -> object:
        with duckdb.connect(
            self.settings.current.resolve(), read_only=True, config=dict(OFFLINE)
        ) as connection:
            ((value,),) = connection.sql(query).fetchall()
            return value


def serve(settings: Settings) -> Iterator[Site]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        make_app(settings, LOOPBACK), log_level="error", ws="none", lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield Site(settings, listener.getsockname()[1])
    server.should_exit = True
    thread.join(20)


@pytest.fixture(scope="module")
def site(company) -> Iterator[Site]:
    yield from serve(company())


@pytest.mark.parametrize("page", PAGES)
def test_every_page_answers_with_and_without_filters(site: Site, page: str) -> None:
    for query in (
        "",
        "?team=team-1&model=gpt-5&provider=openai&host=gpu-host-1",
        "?first=2026-08-01",
    ):
        html = site.page(f"/{page}{query}")
        links = set(re.findall(r'href="#([^"]+)"', html))
        assert links <= set(re.findall(r'id="([^"]+)"', html))


def test_a_company_with_nothing_gets_every_page(company) -> None:
    empty = company(usage=False, gpus=False, quotas=False, forecasts=False)
    for site in serve(empty):
        for page in PAGES:
            assert "$0" not in site.page(f"/{page}?driver=requests&times=2")


def test_the_explorer_is_the_sum_of_the_charges_under_its_filters(site: Site) -> None:
    rows = site.rows(
        "/costs/explorer.csv?team=team-1&by=model_name&first=2026-08-01&last=2026-08-10"
    )
    expected = site.value(
        "select sum(effective_cost_usd) from fct_charges_hourly where team_id = 'team-1' "
        "and usage_date between '2026-08-01' and '2026-08-10'"
    )
    assert sum(Decimal(row["now"]) for row in rows if row["now"]) == expected


def test_token_classes_cost_what_was_used_and_not_what_idled(site: Site) -> None:
    days = "first=2026-08-01&last=2026-08-10"
    rows = site.rows(f"/costs/cost-by-token-class.csv?{days}")
    expected = site.value(
        "select sum(effective_cost_usd) from fct_charges_hourly where usage_date between "
        "'2026-08-01' and '2026-08-10' and charge_kind in ('cloud_tokens', 'own_gpu_allocated')"
    )
    assert sum(Decimal(row["now"]) for row in rows) == expected
    explored = site.rows(f"/costs/explorer.csv?{days}&metric=token_class_cost_usd&by=token_class")
    assert explored == rows


def test_each_token_class_has_its_words_and_its_part_of_the_tokens(site: Site) -> None:
    rows = site.rows(
        "/costs/tokens-by-token-class.csv?first=2026-08-01&last=2026-08-01&team=team-1"
    )
    classes = {row["series"]: int(row["now"]) for row in rows}
    total = site.value(
        "select sum(total_tokens) from fct_token_costs_daily where team_id = 'team-1' "
        "and usage_date = '2026-08-01'"
    )
    assert set(classes) == {"uncached input", "cache read input", "output"}
    assert sum(classes.values()) == total


def test_a_team_of_the_explorer_leads_to_its_charges_and_each_of_them_to_its_explanation(
    site: Site,
) -> None:
    html = site.page("/costs?first=2026-08-20&last=2026-08-27")
    assert '<a href="/charges?first=2026-08-20&amp;last=2026-08-27&amp;team=team-1">' in html
    charges = site.page("/charges?first=2026-08-20&last=2026-08-27&team=team-1&provider=openai")
    (first, *_) = re.findall(r'<a href="(/explain\?id=[0-9a-f]{16})">', charges)
    assert "<pre>cloud tokens: openai" in site.page(first)


def test_a_figure_that_a_filter_does_not_narrow_says_so(site: Site) -> None:
    html = site.page("/overview?team=team-1")
    assert "; not narrowed by team" in html.split("Price inflation a year")[1][:400]
    assert "not narrowed" not in html.split(">Spend<")[1][:600]
    assert "Not narrowed by team." in site.page("/costs?team=team-1&metric=gpu_cost_usd")


def test_this_month_is_compared_with_the_same_days_of_the_month_before(site: Site) -> None:
    month = "first=2026-08-01&amp;last=2026-08-27"
    before = "before_first=2026-07-01&amp;before_last=2026-07-27"
    assert f'<a href="/overview?{before}&amp;{month}">this month</a>' in site.page("/overview")
    rows = site.rows(f"/overview/spend.csv?{before}&{month}".replace("&amp;", "&"))
    expected = site.value(
        "select sum(effective_cost_usd) from fct_charges_hourly "
        "where usage_date between '2026-07-01' and '2026-07-27'"
    )
    assert sum(Decimal(row["before"]) for row in rows if row["before"]) == expected


def test_twice_the_requests_are_twice_the_requests(site: Site) -> None:
    rows = {row["name"]: row for row in site.rows("/forecast/whatif.csv?driver=requests&times=2")}
    assert float(rows["requests"]["change"]) == pytest.approx(1)
    assert float(rows["requests"]["after"]) == pytest.approx(2 * float(rows["requests"]["before"]))
    same = {row["name"]: row for row in site.rows("/forecast/whatif.csv?driver=price&times=1")}
    assert same["cost"]["before"] == same["cost"]["after"]


def test_what_stands_in_an_address_is_a_value_and_never_sql(site: Site) -> None:
    for hostile in ("x' or '1'='1", '"; drop table dim_teams; --', "$first", "%"):
        assert site.rows(f"/costs/explorer.csv?team={quote(hostile)}") == []
    status, html, _ = site.ask("/costs?by=" + quote("1); drop table dim_teams; --"))
    assert status == 200
    assert "Spend by charge kind" in html
    assert site.value("select count(*) from dim_teams") == 10


def test_a_name_with_markup_is_text_everywhere(site: Site) -> None:
    html = site.page("/costs?team=" + quote(HOSTILE_TEAM))
    assert "<b>S" not in html
    assert "alert(1)</script>" not in html.replace("&lt;/script&gt;", "")
    assert html.count("<script") == 3


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/nothing", 404, "There is no such page"),
        ("/assets/../cli.py", 404, "There is no such page"),
        ("/costs?metric=nope", 400, "There is no metric"),
        ("/costs?first=2026-13-01", 400, "is not a day"),
        ("/costs?first=2026-08-02&last=2026-08-01", 400, "ends before it begins"),
        ("/forecast?driver=luck", 400, "is none of requests"),
        ("/forecast?driver=requests&times=-1", 400, "is no number from 0 to 100"),
        ("/explain?id=0", 400, "No charge or request has the id"),
    ],
)
def test_an_error_is_a_page_that_says_what_is_wrong(
    site: Site, path: str, status: int, said: str
) -> None:
    found, html, _ = site.ask(path)
    assert (found, said in html, "Traceback" in html) == (status, True, False)


def test_only_names_of_this_machine_are_answered(site: Site) -> None:
    assert site.ask("/overview", Host="rebound.example:8700")[0] == 403
    assert site.ask("/overview", Host="localhost:8700")[0] == 200
    assert site.ask("/overview", Host="[::1]:8700")[0] == 200


def test_nothing_can_be_written(site: Site) -> None:
    assert site.ask("/overview", method="POST")[0] == 405


def test_a_page_loads_from_its_own_server_alone(site: Site) -> None:
    status, html, headers = site.ask("/overview")
    assert status == 200
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe-eval" not in policy
    assert headers["Set-Cookie"] is None
    loaded = re.findall(r'(?:src|href)="((?!#|/|data:)[^"]*)"', html)
    assert loaded == []


def test_a_new_snapshot_is_shown_with_the_next_request(published) -> None:
    settings = published()
    for site in serve(settings):
        before = site.page("/overview")
        make_warehouse(settings.warehouse, usage=False)
        publish(settings, stamp=datetime(2026, 8, 29, 2))  # noqa: DTZ001 naive UTC by contract
        after = site.page("/overview")
        assert "2026-08-28 02:00 UTC" in before
        assert "2026-08-29 02:00 UTC" in after
        assert "no usage" in after


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2", "'-2"),
        ("\t=1", "'\t=1"),
        (Decimal("-12.500000000000"), "-12.500000000000"),
        (Decimal("1E-12"), "0.000000000001"),
        (None, ""),
        ("team-1", "team-1"),
    ],
)
def test_a_spreadsheet_finds_no_formula_in_a_download(value: object, written: str) -> None:
    assert cell(value) == written


def test_a_port_in_use_is_one_clear_line(company) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(MeterhouseError, match=f"127.0.0.1:{port} cannot be listened on"):
            serve_dashboard(company(), host="127.0.0.1", port=port)


def test_a_company_that_published_nothing_is_not_served(tmp_path) -> None:
    with pytest.raises(MeterhouseError, match="Nothing has been published"):
        serve_dashboard(Settings(data=tmp_path), host="127.0.0.1", port=0)


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_every_page_fits_a_telephone_with_all_its_charts(site: Site) -> None:
    with browser() as chromium:
        for page in PAGES:
            chromium.open(site.url(f"/{page}"), width=390, height=12000)
            shown = chromium.evaluate("document.documentElement.outerHTML")
            assert chromium.evaluate("document.documentElement.scrollWidth") == 390, page
            assert shown.count("data-plot=") == shown.count('class="marks"'), page
            assert "could not be drawn" not in shown, page
