"""Limits that LiteLLM and OpenAI export become rows of the quotas ledger, once."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import MeterhouseError
from ingest.ledgers import validate
from pipelines.quota_import import import_quotas
from pipelines.settings import Settings

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)
TEAMS = [
    {"team_id": "search", "max_budget": 250.5, "budget_duration": "30d", "tpm_limit": 60000},
    {"team_id": "legal", "max_budget": 10, "budget_duration": "36h", "rpm_limit": None},
]
KEYS = {"keys": [{"token": "88dc28", "team_id": "search", "user_id": "u", "rpm_limit": 12}]}
RATES = {
    "object": "list",
    "data": [
        {
            "object": "project.rate_limit",
            "id": "rl-gpt-5",
            "model": "gpt-5",
            "max_requests_per_1_minute": 500,
            "max_tokens_per_1_minute": 30000,
            "batch_1_day_max_input_tokens": 90000,
        }
    ],
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


def export(settings: Settings, content: Any) -> Path:
    path = settings.data / "export.json"
    path.write_text(json.dumps(content))
    return path


def ledger(settings: Settings) -> list[str]:
    frames, faults = validate(settings.ledgers)
    assert faults == []
    return [
        f"{row['quota_id']}: {row['limit_value'].normalize():f} from {row['valid_from']}"
        f" to {row['valid_to']}"
        for row in frames["quotas"].to_dicts()
    ]


def test_budgets_and_rates_are_taken_over(settings: Settings) -> None:
    imported = import_quotas(settings, export(settings, TEAMS), effective=JUNE)
    assert (imported.added, len(imported.left_out)) == (2, 1)
    assert "team legal" in imported.left_out[0]
    assert "36h" in imported.left_out[0]
    import_quotas(settings, export(settings, KEYS), effective=JUNE)
    import_quotas(settings, export(settings, RATES), effective=JUNE)
    assert ledger(settings) == [
        "team search tokens minute: 60000 from 2026-06-01 to None",
        "team search usd month: 250.5 from 2026-06-01 to None",
        "api_key 88dc28 requests minute: 12 from 2026-06-01 to None",
        "model gpt-5 requests minute: 500 from 2026-06-01 to None",
        "model gpt-5 tokens minute: 30000 from 2026-06-01 to None",
    ]


def test_a_changed_limit_ends_the_old_one_and_the_same_again_changes_nothing(
    settings: Settings,
) -> None:
    import_quotas(settings, export(settings, TEAMS), effective=JUNE)
    path = settings.ledgers / "quotas.csv"
    path.write_text(path.read_text().replace("month,,", "month,Europe/Berlin,"))
    raised = [TEAMS[0] | {"max_budget": 300}]
    imported = import_quotas(settings, export(settings, raised), effective=JULY)
    assert (imported.added, imported.changed, imported.unchanged) == (0, 1, 1)
    assert ledger(settings)[1:] == [
        "team search usd month: 250.5 from 2026-06-01 to 2026-07-01",
        "team search usd month: 300 from 2026-07-01 to None",
    ]
    assert path.read_text().count("Europe/Berlin") == 2
    before = path.read_bytes()
    import_quotas(settings, export(settings, raised), effective=JULY)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", ["no json", "{}", "[]", '[{"token": 5}]', "[1]"])
def test_another_file_is_refused_and_the_ledger_stays(settings: Settings, content: str) -> None:
    (settings.data / "x.json").write_text(content)
    with pytest.raises(MeterhouseError, match=r"x\.json"):
        import_quotas(settings, settings.data / "x.json")
    assert not settings.ledgers.exists()
