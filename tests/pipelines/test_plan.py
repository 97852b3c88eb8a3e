"""What a run has to build: the days of the files that came or went."""

import json
from datetime import date

import pytest

from pipelines.intake import take_in
from pipelines.plan import announce, make_plan, mark_built
from pipelines.settings import Settings

GOOD = {
    "request_id": "r",
    "startTime": "2026-05-03T10:00:00Z",
    "endTime": "2026-05-03T10:00:01Z",
    "model": "gpt-5",
    "custom_llm_provider": "openai",
    "prompt_tokens": 1,
    "completion_tokens": 1,
    "total_tokens": 2,
}


@pytest.fixture
def company(tmp_path):
    """A log of one day, built."""
    settings = Settings(data=tmp_path)
    settings.warehouse.parent.mkdir(parents=True)
    settings.warehouse.touch()
    put(settings, "good.jsonl", json.dumps(GOOD) + "\n")
    take_in(settings)
    announce(settings, make_plan(settings))
    mark_built(settings)
    return settings


def put(settings, name, content):
    path = settings.inputs / "litellm" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


@pytest.mark.parametrize("content", ["", "{broken\n", '{"data": []}\n'])
def test_a_file_without_a_row_touches_no_day(company, content) -> None:
    put(company, "strange.jsonl", content)
    report = take_in(company)
    assert len(report.landed) == 1
    plan = make_plan(company)
    assert plan.is_empty
    announce(company, plan)
    mark_built(company)
    put(company, "next.jsonl", json.dumps(GOOD | {"request_id": "s"}) + "\n")
    take_in(company)
    assert make_plan(company).dates == (date(2026, 5, 3),)
