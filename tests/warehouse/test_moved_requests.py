"""A request whose copies name different days, or say different things, counts once."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from warehouse_factory import DELIVERED, Company, event, moment

BUILD = ("build", "--resource-type", "model", "--resource-type", "seed", "--select")
EVENTS = (*BUILD, "+fct_usage_hourly", "fct_usage_events")
COUNTED = (
    "select event_id, usage_date, total_tokens, user_id"
    " from intermediate.int_usage_events_deduplicated order by 1, 2"
)
FIRST, SECOND, THIRD = (date(2026, 5, day) for day in (20, 21, 22))


def request(name: str, started_at: str, tokens: int, **columns: str) -> dict[str, Any]:
    model = {"provider_name": "openai", "response_model": "gpt-x"}
    row = event(name, moment(started_at), **model, uncached_input_tokens=tokens, **columns)
    return {**row, "event_id": name}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Company:
    """Three days; `late` has copies on the second and the third, of which the latter is fuller."""
    company = Company.found(tmp_path_factory.mktemp("moved") / "data", project)
    rows = [
        request("mid", "2026-05-20 00:00:00", 10),
        request("late", "2026-05-21 23:59:59", 5),
        request("late", "2026-05-22 00:00:01", 6),
    ]
    company.land("usage_events", "litellm", "first.jsonl", rows)
    company.dbt(*EVENTS)
    return company


def counted(company: Company) -> list[tuple[object, ...]]:
    """What counts, the same in the marts."""
    rows = company.query(COUNTED)
    assert company.value("select sum(total_tokens) from fct_usage_hourly") == sum(
        tokens for _, _, tokens, _ in rows
    )
    assert company.value("select count(*) from fct_usage_events") == len(rows)
    return [row[:3] for row in rows]


def test_a_request_that_moved_to_another_day_counts_there_alone(
    company: Company, tmp_path: Path
) -> None:
    moved = company.copied(tmp_path / "moved")
    restated = request("mid", "2026-05-21 00:00:01", 12)
    moved.land("usage_events", "litellm", "restated.jsonl", [restated])
    moved.touch([SECOND])
    moved.dbt(*EVENTS)
    wanted = [("late", THIRD, 6), ("mid", SECOND, 12)]
    assert counted(moved) == wanted
    moved.dbt(*EVENTS, "--full-refresh")
    assert counted(moved) == wanted


def test_a_day_built_anew_for_one_request_brings_back_no_copy_that_lost(
    company: Company, tmp_path: Path
) -> None:
    again = company.copied(tmp_path / "again")
    # the first day has a copy of what counts on the third; the second has the one that lost
    rows = [request("late", "2026-05-20 23:59:59", 4)]
    again.land("usage_events", "litellm", "another.jsonl", rows)
    again.touch([FIRST])
    again.dbt(*EVENTS)
    wanted = [("late", THIRD, 6), ("mid", FIRST, 10)]
    assert counted(again) == wanted
    rows = [request("mid", "2026-05-21 00:00:01", 9)]
    again.land("usage_events", "litellm", "poorer.jsonl", rows)
    again.touch([SECOND])
    again.dbt(*EVENTS)
    assert counted(again) == wanted


def test_of_copies_that_are_as_full_the_last_delivered_counts(
    company: Company, tmp_path: Path
) -> None:
    corrected = company.copied(tmp_path / "corrected")
    later = DELIVERED + timedelta(days=2)
    names = [f"{number}.jsonl" for number in range(6)]  # the hash of none decides
    for text, delivered_at in (("old", DELIVERED), ("new", later)):
        for name in names:
            row = request(name, "2026-05-20 10:00:00", 10, user_id=text)
            corrected.land(
                "usage_events", "litellm", f"{text}/{name}", [row], delivered_at=delivered_at
            )
    corrected.touch([FIRST])
    corrected.dbt(*BUILD, "+int_usage_events_deduplicated")
    said = corrected.query(COUNTED)
    assert [row[3] for row in said if row[0] in names] == ["new"] * len(names)
