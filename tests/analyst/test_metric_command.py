"""`meterhouse metric`: one metric by name, on the newest snapshot."""

import json

import pytest
from typer.testing import CliRunner

from ingest.errors import MeterhouseError
from pipelines.cli import app


def metric(settings, *arguments: str) -> str:
    command = ["metric", *arguments, "--data", str(settings.data)]
    outcome = CliRunner().invoke(app, command, catch_exceptions=False)
    assert outcome.exit_code == 0
    return outcome.output


def test_a_metric_by_month_and_team_name(settings) -> None:
    # 24 hours of 10 cents a day, half of them of each team; nobody knows the first hour's cost
    months = json.loads(metric(settings, "spend_usd", "--by", "month", "--json"), parse_float=str)
    assert [(row["month"], row["spend_usd"]) for row in months] == [
        ("2026-01-01", "74.300000000000"),
        ("2026-02-01", "67.200000000000"),
        ("2026-03-01", "2.400000000000"),
    ]
    teams = metric(settings, "spend_usd", "--by", "team_name", "--where", "team_id=a", "--csv")
    assert teams == "team_name,spend_usd\nAlpha,71.900000000000\n"


def test_both_days_of_a_span_count(settings) -> None:
    span = ("--from", "2026-01-02", "--to", "2026-01-03")
    assert metric(settings, "spend_usd", *span).split() == ["spend_usd", "4.80"]


def test_without_a_name_every_metric_is_listed(settings) -> None:
    listed = metric(settings)
    assert "cost_usd_per_million_tokens" in listed
    assert "USD per million tokens" in listed


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["profit"], "There is no metric"),
        (["spend_usd", "--by", "weather"], "cannot be told by"),
        (["spend_usd", "--where", "team_id"], "is no condition"),
        (["quota_used_ratio"], "fct_quota_consumption_daily"),
    ],
)
def test_a_mistake_is_told(settings, arguments, told) -> None:
    with pytest.raises(MeterhouseError, match=told):
        metric(settings, *arguments)
