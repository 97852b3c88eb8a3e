import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest
from chromium import CHROMIUM, browser
from factory import HOSTILE_TEAM

from ingest.errors import MeterhouseError
from pipelines.dashboard import write_dashboard
from pipelines.publish import read_current
from pipelines.settings import Settings

Published = Callable[..., Settings]


class _Page(HTMLParser):
    """What a browser would see: elements, links, ids, and the text outside of scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.plots: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        values = dict(attrs)
        self.anchors.add(values.get("id") or "")
        self.links += [values["href"] or ""] if "href" in values else []
        self.links += [values["src"] or ""] if "src" in values else []
        self.plots += [values["data-plot"] or ""] if "data-plot" in values else []

    def handle_data(self, data: str) -> None:
        if self.cdata_elem is None:
            self.text += data


def _specs(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="specs">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    specs: dict[str, Any] = json.loads(found[1])
    return specs


def _row(html: str, section: str, first: str) -> list[str]:
    """The cells of the row of a section's table that begins so."""
    table = html.split(f'<section id="{section}">')[1].split("</section>")[0]
    row = re.search(f"<tr><td>{first}</td>.*?</tr>", table)
    assert row is not None
    return re.findall(r"<td[^>]*>(.*?)</td>", row[0])


def test_a_page_never_reaches_for_the_network(published: Published) -> None:
    page = _Page(write_dashboard(published()).read_text())
    assert page.links
    assert all(link.startswith("#") for link in page.links)
    assert not {"link", "iframe", "img", "base"} & set(page.tags)


def test_a_page_stays_small_enough_to_send(published: Published) -> None:
    assert write_dashboard(published()).stat().st_size < 6_000_000


def test_a_team_name_with_markup_is_shown_and_not_run(published: Published) -> None:
    html = write_dashboard(published()).read_text()
    page = _Page(html)
    assert page.tags.count("script") == 3
    assert "img" not in page.tags
    assert HOSTILE_TEAM in page.text
    series = {row["series"] for row in _specs(html)["spend"]["datasets"]["rows"]}
    assert HOSTILE_TEAM in series


def test_no_figure_stands_without_its_definition(published: Published) -> None:
    page = _Page(write_dashboard(published()).read_text())
    missing = [link for link in page.links if link.removeprefix("#") not in page.anchors]
    assert missing == []
    assert "What AI compute cost: cloud tokens at their price" in page.text


def test_every_chart_on_the_page_has_a_specification_with_data(published: Published) -> None:
    html = write_dashboard(published()).read_text()
    specs = _specs(html)
    assert sorted(_Page(html).plots) == sorted(specs)
    assert all(spec["datasets"]["rows"] for spec in specs.values())


def test_the_spend_tile_is_the_sum_of_the_charges_to_the_cent(published: Published) -> None:
    settings = published()
    with read_current(settings) as connection:
        row = connection.execute(
            "select sum(effective_cost_usd)::decimal(38, 2) from fct_charges_hourly "
            "where usage_date > date '2026-08-27' - 30"
        ).fetchone()
    assert row is not None
    assert f"${row[0]:,}" in _Page(write_dashboard(settings).read_text()).text


def test_a_quota_shows_its_chance_to_be_exceeded_and_is_an_alarm(published: Published) -> None:
    text = _Page(write_dashboard(published()).read_text()).text
    assert "93.4%" in text
    assert "2026-08-28" in text
    assert "expected to exceed" in text


def test_a_quota_whose_period_has_ended_has_no_forecast_instead_of_a_gap_in_reporting(
    published: Published,
) -> None:
    row = _row(write_dashboard(published()).read_text(), "quotas", "hostile-daily")
    assert row[1:3] == ["over the limit", "no forecast"]


def test_a_pool_of_gpus_is_told_apart_from_a_quota(published: Published) -> None:
    html = write_dashboard(published()).read_text()
    assert _row(html, "pool-capacity", "gpu-01")[1:3] == ["192", "40.0%"]
    quotas = html.split('<section id="quotas">')[1].split("</section>")[0]
    assert "gpu-01" not in quotas


def test_a_model_without_a_price_never_costs_zero(published: Published) -> None:
    row = _row(write_dashboard(published()).read_text(), "models", "mystery-1")
    assert row[1:6] == ["openai", *["not priced"] * 4]


def test_idle_gpus_are_not_hidden_in_the_price_of_a_token(published: Published) -> None:
    settings = published()
    with read_current(settings) as connection:
        row = connection.execute(
            "select (sum(effective_cost_usd) filter (model_name != '') * 1e6 / count)"
            "::decimal(38, 2), (sum(effective_cost_usd) * 1e6 / count)::decimal(38, 2) "
            "from fct_token_costs_daily, (select sum(total_tokens - unpriced_tokens) as count "
            "from fct_token_costs_daily where usage_date > date '2026-08-27' - 30) "
            "where usage_date > date '2026-08-27' - 30 group by count"
        ).fetchone()
    assert row is not None
    text = _Page(write_dashboard(settings).read_text()).text
    assert row[0] < row[1]
    assert f"${row[0]}" in text
    assert f"${row[1]} all in, with idle GPUs" in text


def test_the_teams_chart_leaves_no_charge_out(published: Published) -> None:
    settings = published()
    with read_current(settings) as connection:
        row = connection.execute("select sum(effective_cost_usd) from fct_charges_hourly")
        (total,) = row.fetchone() or (None,)
    rows = _specs(write_dashboard(settings).read_text())["spend"]["datasets"]["rows"]
    assert sum(row["value"] for row in rows) == pytest.approx(float(total))


def test_a_fan_opens_at_what_is_used_and_ends_at_the_sum_of_its_days(
    published: Published,
) -> None:
    settings = published()
    specs = _specs(write_dashboard(settings).read_text())
    spec = next(one for one in specs.values() if one["description"] == "Quota team-a-tokens")
    rows = spec["datasets"]["rows"]
    opening = next(row for row in rows if row["day"] == "2026-08-27")
    assert opening["expected"] == opening["upper_95"] == opening["known"]
    with read_current(settings) as connection:
        ahead = connection.execute(
            "select cumulative_value, cumulative_upper_95_value from fct_forecasts_daily "
            "where series_kind = 'team' and team_id = 'team-1' and measure = 'total_tokens' "
            "and forecast_date = '2026-08-31'"
        ).fetchone()
    assert ahead is not None
    assert rows[-1]["day"] == "2026-08-31"
    assert rows[-1]["expected"] - opening["known"] == pytest.approx(ahead[0])
    assert rows[-1]["upper_95"] - opening["known"] == pytest.approx(ahead[1])


def test_a_providers_quota_is_foretold_by_that_provider_alone(published: Published) -> None:
    settings = published()
    specs = _specs(write_dashboard(settings).read_text())
    spec = next(one for one in specs.values() if one["description"] == "Quota openai-usd")
    rows = spec["datasets"]["rows"]
    opening = next(row for row in rows if row["day"] == "2026-08-27")
    with read_current(settings) as connection:
        ahead = connection.execute(
            "select cumulative_value from fct_forecasts_daily where series_kind = 'provider' "
            "and provider_name = 'openai' and measure = 'effective_cost_usd' "
            "and forecast_date = '2026-08-31'"
        ).fetchone()
    assert ahead is not None
    assert rows[-1]["expected"] - opening["known"] == pytest.approx(ahead[0])


def test_the_waterfall_of_causes_ends_at_the_change_of_the_cost(published: Published) -> None:
    bars = _specs(write_dashboard(published()).read_text())["why-causes"]["datasets"]["rows"]
    *steps, total = bars
    assert [bar["begin"] for bar in steps[1:]] == [bar["end"] for bar in steps[:-1]]
    assert (total["begin"], total["end"], total["text"]) == (0, 310, "+$310.00")
    assert [bar["cause"] for bar in steps][:3] == [
        "active users",
        "requests per user",
        "tokens per request",
    ]
    assert "rounding" not in [bar["cause"] for bar in bars]


def test_the_causes_say_what_they_compare(published: Published) -> None:
    page = _Page(write_dashboard(published()).read_text())
    assert "from $1,000.00 to $1,310.00, period to 2026-08-27" in page.text
    assert "context, read anew" in page.text
    assert "price index \N{MINUS SIGN}40.0% a year" in page.text


def test_a_failure_that_a_later_run_cleared_is_not_shown_as_failed(published: Published) -> None:
    text = _Page(write_dashboard(published()).read_text()).text
    assert "1 of 3" in text
    assert "spend.ndjson:17" in text
    assert "spend.ndjson:3" not in text


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("gpus", "fill ledgers/gpu_fleet.csv"),
        ("quotas", "write them in ledgers/quotas.csv"),
        ("forecasts", "There is no forecast yet"),
        ("causes", "it needs 56 days of usage"),
        ("usage", "No priced usage yet."),
    ],
)
def test_a_page_without_some_data_says_what_is_missing(
    published: Published, missing: str, said: str
) -> None:
    html = write_dashboard(published(**{missing: False})).read_text()
    page = _Page(html)
    assert said in page.text
    assert ("demand-total_tokens" in page.plots) == (missing != "usage")


def test_an_empty_company_gets_a_page_and_no_zero_dollars(published: Published) -> None:
    settings = published(usage=False, gpus=False, quotas=False, forecasts=False)
    page = _Page(write_dashboard(settings).read_text())
    assert page.plots == []
    assert "$0" not in page.text


def test_a_company_that_published_nothing_gets_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(MeterhouseError, match="Nothing has been published"):
        write_dashboard(Settings(data=tmp_path))


def test_a_snapshot_without_a_mart_is_named_and_not_a_traceback(published: Published) -> None:
    settings = published()
    with duckdb.connect(settings.current.resolve()) as connection:
        connection.execute("drop table fct_unpriced_usage")
    with pytest.raises(MeterhouseError, match="fct_unpriced_usage"):
        write_dashboard(settings)


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.parametrize("parts", [{}, {"gpus": False, "quotas": False, "forecasts": False}])
def test_every_chart_is_drawn_by_a_browser_without_network(
    published: Published, parts: dict[str, bool]
) -> None:
    page = write_dashboard(published(**parts))
    with browser() as chromium:
        chromium.open(page.as_uri() + "#everything", width=1280, height=20000)
        drawn = chromium.evaluate("document.documentElement.outerHTML")
    body = drawn[: drawn.index('id="specs"')]
    assert body.count("data-plot=") == body.count('class="marks"') > 0
    assert body.count("mark-line") + body.count("mark-rect") >= body.count("data-plot=")
    assert "could not be drawn" not in body
    assert "NaN" not in body
