"""Quotas of every kind on one evening of a small company, by hand."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from warehouse_factory import Company, event, moment

SINCE = {"valid_from": date(2026, 1, 1)}
TOKENS = {"measure": "tokens", **SINCE}


def quota(name: str, scope: str, limit: str, period: str, **columns: Any) -> dict[str, Any]:
    """A quota on tokens; `scope` is its kind and, after a colon, its id."""
    kind, _, scope_id = scope.partition(":")
    return {
        "quota_id": name,
        "scope_kind": kind,
        "scope_id": scope_id or None,
        "limit_value": Decimal(limit),
        "period_kind": period,
        **TOKENS,
        **columns,
    }


def asked(name: str, started_at: str, user: str, tokens: int | None, **columns: Any) -> Any:
    """A request of team red for gpt-x with input only."""
    return event(
        name,
        moment(started_at),
        provider_name="openai",
        response_model="gpt-x",
        team_id="red",
        user_id=user,
        api_key_id="key-1",
        uncached_input_tokens=tokens,
        **columns,
    )


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Company:
    company = Company.found(tmp_path_factory.mktemp("limited"), project)
    company.match_prices([("openai", "gpt-x", "openai", "gpt-x")])
    company.keep("teams", [{"team_id": "red", "team_name": "Red"}])
    company.keep(
        "quotas",
        [
            quota("everyone", "organization", "1000", "month", rollover_ratio=Decimal("0.5")),
            quota("everyone-daily", "organization", "50", "day"),
            quota("red", "team:red", "100", "day", time_zone="Europe/Berlin"),
            quota("gpt-x-rate", "model:gpt-x", "60", "minute"),
            quota("ann", "user:ann", "0.001", "month", measure="usd"),
            quota("key", "api_key:key-1", "10", "contract", measure="requests")
            | {"valid_to": date(2026, 2, 1)},
            quota("red-claude", "team:red", "1", "day", model_name="claude-x"),
        ],
    )
    company.keep(
        "quota_boosts",
        [
            {
                "boost_id": "launch",
                "quota_id": "red",
                "extra_value": Decimal(50),
                "valid_from": date(2026, 1, 31),
                "valid_to": date(2026, 2, 1),
            }
        ],
    )
    company.land(
        "usage_events",
        "litellm",
        "litellm/a.ndjson",
        [
            asked("before midnight in Berlin", "2026-01-30T22:30", "ann", 40),
            asked("after it", "2026-01-30T23:30:05", "bob", 45),
            asked("in the same minute", "2026-01-30T23:30:55", "ann", 30),
            asked(
                "refused",
                "2026-01-30T23:31",
                "bob",
                None,
                status="failure",
                error_type="RateLimitError",
            ),
            asked("next month", "2026-02-01T10:00", "ann", 20),
        ],
    )
    company.dbt("seed")
    company.dbt("run", "--select", "+fct_quota_consumption_daily", "+fct_quota_consumers_daily")
    return company


def days(company: Company, name: str, *columns: str) -> list[tuple[Any, ...]]:
    return company.query(
        f"select cast(usage_date as text), {', '.join(columns)} from fct_quota_consumption_daily"  # noqa: S608
        " where quota_id = ? and (quota_used_value > 0 or throttled_request_count > 0)"
        " order by usage_date",
        name,
    )


def test_a_day_ends_at_midnight_of_the_quotas_own_time_zone(limited: Company) -> None:
    assert days(limited, "red", "quota_used_value", "quota_limit_value", "quota_used_ratio") == [
        ("2026-01-30", Decimal(40), Decimal(100), 0.4),
        ("2026-01-31", Decimal(75), Decimal(150), 0.5),  # raised by 50 for this day
        ("2026-02-01", Decimal(20), Decimal(100), 0.2),
    ]


def test_half_of_what_was_left_is_carried_into_the_next_month_and_no_further(
    limited: Company,
) -> None:
    columns = ("quota_used_to_date_value", "rollover_value", "quota_remaining_value")
    assert days(limited, "everyone", *columns) == [
        ("2026-01-30", Decimal(115), Decimal(0), Decimal(885)),
        ("2026-02-01", Decimal(20), Decimal("442.5"), Decimal("1422.5")),
    ]


def test_of_a_rate_the_busiest_minute_counts(limited: Company) -> None:
    columns = ("quota_used_value", "peak_at", "quota_used_ratio", "throttled_request_count")
    assert days(limited, "gpt-x-rate", *columns, "above_80_percent_seconds") == [
        ("2026-01-30", Decimal(75), moment("2026-01-30T23:30"), 1.25, 1, 60),
        ("2026-02-01", Decimal(20), moment("2026-02-01T10:00"), 20 / 60, 0, 0),
    ]


def test_a_stock_is_above_four_fifths_from_the_minute_in_which_it_passed(
    limited: Company,
) -> None:
    # 40 of 50 at 22:30: an hour and a half before midnight
    assert days(limited, "everyone-daily", "above_80_percent_seconds", "quota_used_ratio") == [
        ("2026-01-30", 5400, 2.3),
        ("2026-02-01", 0, 0.4),
    ]


def test_money_of_one_user_and_requests_of_one_key(limited: Company) -> None:
    # January's price is 2 USD a million, February's 1
    assert days(limited, "ann", "quota_used_to_date_value") == [
        ("2026-01-30", Decimal("0.00014")),
        ("2026-02-01", Decimal("0.00002")),
    ]
    assert days(limited, "key", "quota_used_to_date_value", "period_end_date") == [
        ("2026-01-30", Decimal(4), date(2026, 2, 1))
    ]


def test_the_tightest_quota_around_is_named(limited: Company) -> None:
    bound = dict(
        limited.query(
            "select quota_id, binding_quota_id from fct_quota_consumption_daily"
            " where usage_date = '2026-01-30'"
        )
    )
    # the organization's day is overrun; the rate of the model lies beside the team, not around it
    assert bound == {
        "everyone": "everyone-daily",
        "everyone-daily": "everyone-daily",
        "red": "everyone-daily",
        "gpt-x-rate": "everyone-daily",
        "ann": "everyone-daily",
        "key": "everyone-daily",
        "red-claude": "everyone-daily",
    }
    assert limited.query(
        "select outer_quota_id from intermediate.int_quotas_nested where quota_id = 'ann'"
        " order by 1"
    ) == [("ann",), ("everyone",), ("everyone-daily",), ("red",)]


def test_who_used_it_is_told(limited: Company) -> None:
    assert limited.query(
        "select consumer_kind, consumer_id, used_value, used_ratio, throttled_request_count"
        " from fct_quota_consumers_daily where quota_id = 'red' and usage_date = '2026-01-31'"
        " order by consumer_id"
    ) == [("user", "ann", Decimal(30), 0.4, 0), ("user", "bob", Decimal(45), 0.6, 1)]


def test_a_quota_that_nothing_used_has_days_of_zero(limited: Company) -> None:
    assert limited.query(
        "select quota_used_value, quota_used_ratio, peak_value from fct_quota_consumption_daily"
        " where quota_id = 'red-claude' and usage_date = '2026-01-30'"
    ) == [(Decimal(0), 0.0, None)]
