"""The same requests in several logs count once, however their files were delivered."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from warehouse_factory import REPOSITORY, Company, event, moment

from ingest.sources import SOURCES

VOLUME_ROLES = {"request_log", "provider_usage", "client_log"}
MARTS = (
    "fct_usage_events",
    "fct_usage_hourly",
    "fct_charges_hourly",
    "fct_token_costs_daily",
    "fct_reconciliation_daily",
    "fct_bucket_versions",
    "fct_provider_costs_daily",
    "fct_bill_lines",
    "fct_unknown_token_fields",
    "fct_gpu_jobs",
    "fct_benchmark_runs",
    "dim_models",
)
WITH_ANCESTORS = [f"+{mart}" for mart in MARTS]

CLAUDE = {"provider_name": "anthropic", "response_model": "claude-x"}
GPT = {"provider_name": "openai", "response_model": "gpt-x"}
Delivery = Callable[[Company], None]


def gateway(company: Company) -> None:
    company.land(
        "usage_events",
        "litellm",
        "litellm/spend.jsonl",
        [
            event("one", moment("2026-03-01 10:00"), **CLAUDE, uncached_input_tokens=900),
            event(
                "two",
                moment("2026-03-01 11:00"),
                **GPT,
                uncached_input_tokens=500,
                reported_cost_usd=Decimal("0.25"),
                quality_flags=["unknown_token_field"],
            ),
        ],
    )


def session(company: Company) -> None:
    # the gateway's traffic on the first day, and on the second day of no other log
    company.land(
        "usage_events",
        "claude_code",
        "claude_code/session.jsonl",
        [
            event("m1 r1", moment("2026-03-01 10:00"), **CLAUDE, uncached_input_tokens=890),
            event("m2 r2", moment("2026-03-01 23:59"), **CLAUDE, uncached_input_tokens=1),
            event(
                "m3 r3",
                moment("2026-03-02 09:00"),
                **CLAUDE,
                uncached_input_tokens=70,
                request_id="m3",
            ),
        ],
        source_role="client_log",
    )


def fork(company: Company) -> None:
    company.land(
        "usage_events",
        "claude_code",
        "claude_code/fork.jsonl",
        [
            # the rest of an answer that began before midnight
            event("m2 r2", moment("2026-03-02 00:01"), **CLAUDE, uncached_input_tokens=10),
            # copied with a new time
            event("m3 r3", moment("2026-03-04 09:00"), **CLAUDE, uncached_input_tokens=70),
            event(
                "m3 r9",
                moment("2026-03-04 09:01"),
                **CLAUDE,
                uncached_input_tokens=70,
                request_id="m3",
                is_sidechain=True,
            ),
            event("m4 r4", moment("2026-03-04 09:02"), **CLAUDE, uncached_input_tokens=4),
        ],
        source_role="client_log",
    )


def bucket(name: str, day: str, tokens: int) -> dict[str, object]:
    columns = {"grain": "bucket_1d", "request_count": None, "status": None}
    return event(name, moment(day), **GPT, uncached_input_tokens=tokens) | columns


def first_report(company: Company) -> None:
    company.land(
        "usage_events",
        "openai_usage",
        "openai_usage/monday.json",
        [
            bucket("1 a", "2026-03-01", 400),
            bucket("3 a", "2026-03-03", 7),
            bucket("3 b", "2026-03-03", 5),
        ],
        source_role="provider_usage",
        delivered_at=moment("2026-03-04 06:00"),
    )


def restated_report(company: Company) -> None:
    company.land(
        "usage_events",
        "openai_usage",
        "openai_usage/tuesday.json",
        [bucket("1 a", "2026-03-01", 600), bucket("3 a", "2026-03-03", 9)],
        source_role="provider_usage",
        delivered_at=moment("2026-03-05 06:00"),
    )


def cost(name: str, day: str, amount: str) -> dict[str, object]:
    return {
        "cost_id": name,
        "window_start_at": moment(day),
        "provider_name": "openai",
        "line_item": name,
        "cost_amount": Decimal(amount),
        "cost_currency": "USD",
    }


def costs(company: Company) -> None:
    company.land(
        "provider_costs",
        "openai_costs",
        "openai_costs/monday.json",
        [cost("tokens", "2026-03-01", "0.20"), cost("search", "2026-03-01", "0.10")],
        delivered_at=moment("2026-03-04 06:00"),
    )


def restated_costs(company: Company) -> None:
    company.land(
        "provider_costs",
        "openai_costs",
        "openai_costs/tuesday.json",
        [cost("tokens", "2026-03-01", "0.22")],
        delivered_at=moment("2026-03-05 06:00"),
    )


def bill_line(name: str, day: str, service: str, amount: str) -> dict[str, object]:
    return {
        "bill_line_id": name,
        "charge_period_start": moment(day),
        "billing_period_start": moment("2026-03-01"),
        "billing_account_id": "123456789012",
        "service_provider_name": "AWS",
        "service_name": service,
        "billed_cost": Decimal(amount),
        "billing_currency": "USD",
    }


def bill(company: Company) -> None:
    company.land(
        "bill_lines",
        "focus",
        "focus/2026-03-02.csv",
        [
            bill_line("bedrock", "2026-03-01", "Amazon Bedrock", "1.00"),
            bill_line("credit", "2026-03-01", "Amazon Bedrock", "-0.40"),
        ],
        delivered_at=moment("2026-03-02 03:00"),
    )


def restated_bill(company: Company) -> None:
    company.land(
        "bill_lines",
        "focus",
        "focus/2026-03-03.csv",
        [
            bill_line("bedrock", "2026-03-01", "Amazon Bedrock", "1.00"),
            bill_line("servers", "2026-03-02", "Amazon Elastic Compute Cloud", "50.00"),
        ],
        delivered_at=moment("2026-03-03 03:00"),
    )


def jobs(company: Company) -> None:
    row = {"job_id": "7", "cluster_name": "c", "started_at": moment("2026-03-01 08:00")}
    company.land(
        "gpu_jobs",
        "slurm_sacct",
        "slurm_sacct/morning.txt",
        [{**row, "state": "RUNNING", "elapsed_seconds": 1800, "gpu_count": 8}],
        delivered_at=moment("2026-03-01 08:30"),
    )
    company.land(
        "gpu_jobs",
        "slurm_sacct",
        "slurm_sacct/evening.txt",
        [{**row, "state": "COMPLETED", "elapsed_seconds": 5400, "gpu_count": 8}],
        delivered_at=moment("2026-03-01 20:00"),
    )


def benchmark(company: Company) -> None:
    for name in ("vllm_bench/run.json", "vllm_bench/copy.json"):
        run = {"run_id": "r", "started_at": moment("2026-03-01"), "output_tokens": 5}
        company.land("benchmark_runs", "vllm_bench", name, [run])


DELIVERIES: tuple[Delivery, ...] = (
    gateway,
    session,
    fork,
    first_report,
    restated_report,
    costs,
    restated_costs,
    bill,
    restated_bill,
    jobs,
    benchmark,
)


def founded(data: Path, project: Path) -> Company:
    company = Company.found(data, project)
    company.match_prices([("openai", "gpt-x", "openai", "gpt-x")])
    return company


@pytest.fixture(scope="module")
def seen_twice(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Company:
    """All deliveries in one build, with every test of the project."""
    company = founded(tmp_path_factory.mktemp("whole") / "data", project)
    for deliver in DELIVERIES:
        deliver(company)
    company.dbt("build", "--exclude-resource-type", "unit_test")
    return company


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Company:
    """What came last comes first; of the rest only the days of its own rows are touched."""
    company = founded(tmp_path_factory.mktemp("late") / "data", project)
    for deliver in (fork, restated_report, restated_costs, restated_bill):
        deliver(company)
    company.dbt(
        "build", "--exclude-resource-type", "unit_test", "test", "--select", *WITH_ANCESTORS
    )
    for deliver in (gateway, session, first_report, costs, bill, jobs, benchmark):
        deliver(company)
    company.touch(map(date.fromisoformat, ("2026-03-01", "2026-03-02", "2026-03-03")))
    company.dbt("run", "--select", *WITH_ANCESTORS)
    return company


@pytest.mark.parametrize("mart", MARTS)
def test_files_that_come_late_and_in_another_order_give_the_same_rows(
    seen_twice: Company, late: Company, mart: str
) -> None:
    assert seen_twice.rows(mart)
    assert late.rows(mart) == seen_twice.rows(mart)


def test_one_source_counts_for_an_account_and_day(seen_twice: Company) -> None:
    assert seen_twice.query(
        "select usage_date, provider_name, source, count(*), sum(input_tokens)"
        " from fct_usage_events group by all order by all"
    ) == [
        # 1 March: the gateway for both, though OpenAI reports more
        (date(2026, 3, 1), "anthropic", "litellm", 1, 900),
        (date(2026, 3, 1), "openai", "litellm", 1, 500),
        # no gateway rows: the transcript; what began before midnight is of the day before
        (date(2026, 3, 2), "anthropic", "claude_code", 1, 70),
        # the restated bucket alone
        (date(2026, 3, 3), "openai", "openai_usage", 1, 9),
        # the fork's own request: neither its copy nor the replay
        (date(2026, 3, 4), "anthropic", "claude_code", 1, 4),
    ]


def test_the_other_sources_stand_beside_it_with_their_difference(seen_twice: Company) -> None:
    assert seen_twice.query(
        "select usage_date, account_id, counted_source, reconciling_source, difference_tokens,"
        " difference_usd, reason from fct_reconciliation_daily where counted_source is not null"
        " order by all"
    ) == [
        # 890 and the 10 of the answer that began before midnight
        (date(2026, 3, 1), "anthropic", "litellm", "claude_code", 0, None, "agrees"),
        # 500 tokens at 0.000001: 0.0005 USD
        (
            date(2026, 3, 1),
            "openai",
            "litellm",
            "litellm",
            0,
            Decimal("0.2495"),
            "price_differs",
        ),
        (
            date(2026, 3, 1),
            "openai",
            "litellm",
            "openai_costs",
            None,
            Decimal("0.2195"),
            "no_token_split",
        ),
        (date(2026, 3, 1), "openai", "litellm", "openai_usage", 100, None, "unlogged_traffic"),
    ]


def test_money_for_a_day_that_no_log_knows_is_seen(seen_twice: Company) -> None:
    assert seen_twice.query(
        "select account_id, counted_source, reconciling_source, reconciling_cost_usd, reason"
        " from fct_reconciliation_daily where counted_source is null"
    ) == [("aws.bedrock", None, "focus", Decimal("1.00"), "counted_source_missing_day")]


def test_a_bill_delivered_again_has_lost_the_lines_it_no_longer_states(
    seen_twice: Company,
) -> None:
    assert seen_twice.query(
        "select bill_line_id, provider_name, billed_cost from fct_bill_lines order by 1"
    ) == [("bedrock", "aws.bedrock", Decimal("1.00")), ("servers", None, Decimal("50.00"))]


def test_a_job_told_twice_is_one_job_as_it_ended(seen_twice: Company) -> None:
    assert seen_twice.query("select job_id, state, gpu_hours from fct_gpu_jobs") == [
        ("7", "COMPLETED", 12.0)
    ]


def test_a_benchmark_delivered_twice_is_one_run(seen_twice: Company) -> None:
    assert seen_twice.value("select count(*) from fct_benchmark_runs") == 1


@pytest.mark.parametrize(
    ("believed_at", "tokens", "usd"),
    [
        ("2026-03-04 05:59", None, None),
        ("2026-03-04 06:00", 412, Decimal("0.30")),
        ("2026-03-05 05:59", 412, Decimal("0.30")),
        # the restatement has neither the second bucket nor the search
        ("2026-03-05 06:00", 609, Decimal("0.22")),
    ],
)
def test_what_was_believed_on_a_day_is_a_where_clause(
    seen_twice: Company, believed_at: str, tokens: int | None, usd: Decimal | None
) -> None:
    at: datetime = moment(believed_at)
    assert seen_twice.query(
        "select sum(input_tokens), sum(cost_amount) from fct_bucket_versions"
        " where record_kind != 'bill_line'"
        " and believed_from_at <= ? and (believed_to_at > ? or believed_to_at is null)",
        at,
        at,
    ) == [(tokens, usd)]


def test_a_bucket_that_tells_no_requests_leaves_their_number_unknown(seen_twice: Company) -> None:
    assert seen_twice.query(
        "select request_count, total_tokens from fct_token_costs_daily"
        " where usage_date = date '2026-03-03'"
    ) == [(None, 9)]


def test_a_token_field_that_nothing_counts_raises_an_alarm(seen_twice: Company) -> None:
    assert seen_twice.query("select * from fct_unknown_token_fields") == [
        (date(2026, 3, 1), "openai", "litellm", 1, "litellm/spend.jsonl:2")
    ]


def test_the_users_choice_and_accounts_override_the_precedence(
    seen_twice: Company, tmp_path: Path
) -> None:
    company = seen_twice.copied(tmp_path / "data")
    company.keep(
        "volume_sources",
        [{"account_id": "openai", "source": "openai_usage", "valid_from": date(2026, 3, 1)}],
    )
    company.keep(
        "provider_accounts",
        [{"account_id": "seats", "provider_name": "anthropic", "source": "claude_code"}],
    )
    company.dbt(
        *("build", "--full-refresh", "--exclude-resource-type", "unit_test"),
        *("--indirect-selection", "cautious"),
        *("--select", "+fct_usage_events", "+fct_reconciliation_daily"),
    )
    assert company.query(
        "select provider_name, source, sum(input_tokens) from fct_usage_events"
        " where usage_date = date '2026-03-01' group by all order by all"
    ) == [
        ("anthropic", "claude_code", 900),
        ("anthropic", "litellm", 900),
        ("openai", "openai_usage", 600),
    ]


def test_every_source_of_usage_has_a_place_in_the_precedence() -> None:
    listed = {
        tuple(line.split(",")[1:3])
        for line in (REPOSITORY / "dbt_project/seeds/source_precedence.csv")
        .read_text()
        .splitlines()
    }
    of_usage = {
        (source.role, source.name) for source in SOURCES.values() if "usage_events" in source.tables
    }
    assert of_usage <= listed
    assert {(role, "*") for role in VOLUME_ROLES} <= listed
