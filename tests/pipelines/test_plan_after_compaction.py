"""Merging small parts of a log is no news to a plan, whatever came before or with it."""

import json
from datetime import date

import pytest

from ingest import landing_compaction
from ingest.landing import read_manifests
from ingest.landing_compaction import compact
from pipelines.intake import take_in
from pipelines.plan import announce, make_plan, mark_built, published_manifests
from pipelines.settings import Settings

DAYS = ["2026-05-03", "2026-05-03", "2026-05-04", "2026-05-04"]


@pytest.fixture
def company(tmp_path, monkeypatch):
    monkeypatch.setattr(landing_compaction, "FEWEST_PARTS", 2)
    settings = Settings(data=tmp_path)
    settings.warehouse.parent.mkdir(parents=True)
    settings.warehouse.touch()
    return settings


def line(number, day):
    return json.dumps(
        {
            "request_id": f"r{number}",
            "startTime": f"{day}T10:00:00Z",
            "endTime": f"{day}T10:00:01Z",
            "model": "gpt-5",
            "custom_llm_provider": "openai",
            "prompt_tokens": 1,
            "completion_tokens": 1,
            "total_tokens": 2,
        }
    )


def land_until(settings, lines):
    """Land the log once for each line that it gets."""
    log = settings.inputs / "litellm" / "app.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    begun = len(read_manifests(settings.landing))
    for count in range(begun + 1, lines + 1):
        log.write_text("".join(line(n, DAYS[n]) + "\n" for n in range(count)))
        take_in(settings)


def build(settings):
    announce(settings, make_plan(settings))
    mark_built(settings)


def merge(settings):
    manifests = read_manifests(settings.landing)
    published = published_manifests(settings)
    return compact(settings.landing, manifests, settled=published, today=date(2026, 6, 1))


def test_after_a_merge_there_is_nothing_to_build(company) -> None:
    land_until(company, 4)
    build(company)
    assert make_plan(company).is_empty
    assert merge(company) == 4
    assert len(read_manifests(company.landing)) == 1
    assert make_plan(company).is_empty


def test_rows_that_come_after_a_merge_touch_their_own_day_alone(company) -> None:
    land_until(company, 3)
    build(company)
    assert merge(company) == 3
    log = company.inputs / "litellm" / "app.log"
    log.write_text(log.read_text() + line(3, DAYS[3]) + "\n")
    take_in(company)
    assert make_plan(company).dates == (date(2026, 5, 4),)


def test_what_is_not_published_is_not_merged_with_what_is(company) -> None:
    land_until(company, 3)
    build(company)
    land_until(company, 4)
    assert merge(company) == 3
    assert len(read_manifests(company.landing)) == 2
    assert make_plan(company).dates == (date(2026, 5, 4),)


def test_a_build_after_a_merge_needs_the_parts_no_more(company) -> None:
    land_until(company, 4)
    build(company)
    merge(company)
    build(company)
    assert len(published_manifests(company)) == 1
    assert make_plan(company).is_empty
