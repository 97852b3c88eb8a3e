"""The snapshot of a real build, as analysts meet it: every metric can be computed on it."""

import csv
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest
from warehouse_factory import REPOSITORY, Company

from pipelines.analyst.questions import PAGE, questions
from pipelines.metrics import metric_query, metrics
from pipelines.publish import publish, read_current
from pipelines.settings import Settings


@pytest.fixture(scope="module")
def settings(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    copy = company.copied(tmp_path_factory.mktemp("analysts") / "company")
    settings = Settings(data=copy.data)
    publish(settings, stamp=datetime(2026, 2, 10))  # noqa: DTZ001 naive UTC by contract
    return settings


@pytest.fixture
def snapshot(settings: Settings):
    with read_current(settings) as connection:
        yield connection


def ask(snapshot: duckdb.DuckDBPyConnection, *args, **kwargs) -> list[tuple[object, ...]]:
    query = metric_query(*args, **kwargs)
    return snapshot.execute(query.sql, query.parameters).fetchall()


@pytest.mark.parametrize("name", metrics())
def test_every_metric_can_be_told_by_everything_that_it_names(snapshot, name) -> None:
    if not metrics()[name].required_dimensions:
        assert len(ask(snapshot, name)) == 1
    for grouping in metrics()[name].groupings:
        ask(snapshot, name, [grouping])


def test_the_published_definitions_are_those_that_queries_are_composed_from(snapshot) -> None:
    published = snapshot.execute(
        "select metric_name, mart, numerator_sql, filter_sql, dimensions from dim_metrics"
    ).fetchall()
    assert sorted(published) == sorted(
        (m.name, m.mart, m.numerator_sql, m.filter_sql or None, ", ".join(m.dimensions) or None)
        for m in metrics().values()
    )


def test_gpt_x_cost_what_its_four_requests_cost_by_hand(snapshot) -> None:
    # 1,000 in and 100 out each: at 2 and 8 USD per million, at the contract's 6 for output, then
    # twice at February's 1 and 4.
    cost = 0.0028 + 0.0026 + 0.0014 + 0.0014
    ((rate,),) = ask(snapshot, "cost_usd_per_million_tokens", where={"model_name": "gpt-x-2025"})
    assert rate == pytest.approx(cost * 1e6 / 4400)


def test_a_gpu_hour_is_allocated_or_idle_and_both_are_the_ratio(snapshot) -> None:
    day = {"first": date(2026, 1, 30), "last": date(2026, 1, 30)}
    hours = dict(ask(snapshot, "gpu_hours", ["allocation_status"], **day))
    assert sum(hours.values()) == 72
    ((ratio,),) = ask(snapshot, "allocated_ratio", **day)
    assert ratio == pytest.approx(float(hours["allocated"]) / 72)


def test_spend_is_the_same_on_every_basis(snapshot) -> None:
    charged, allocated, shown = (
        ask(snapshot, name) for name in ("spend_usd", "allocated_spend_usd", "showback_cost_usd")
    )
    assert charged == allocated == shown
    assert charged[0][0] > 0


def test_every_table_and_column_of_the_snapshot_is_described(snapshot) -> None:
    undescribed = snapshot.execute(
        "select table_name, null from duckdb_tables() where not internal"
        " and coalesce(trim(comment), '') = '' union all"
        " select table_name, column_name from duckdb_columns() where not internal"
        " and database_name = current_database() and coalesce(trim(comment), '') = ''"
    ).fetchall()
    assert undescribed == []


QUESTIONS = questions(PAGE.read_text(encoding="utf-8"))


def test_there_are_twenty_questions() -> None:
    assert [question.number for question in QUESTIONS] == list(range(1, 21))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.title)
def test_the_query_of_a_question_runs_and_answers_as_the_page_shows(snapshot, question) -> None:
    cursor = snapshot.execute(question.sql)
    head = question.answer.splitlines()[0].strip("| ").split(" | ")
    assert [name for name, *_ in cursor.description] == head


def answer(snapshot: duckdb.DuckDBPyConnection, number: int) -> list[tuple[object, ...]]:
    return snapshot.execute(QUESTIONS[number - 1].sql).fetchall()


def test_question_3_says_what_a_million_tokens_of_gpt_x_cost(snapshot) -> None:
    rates = {model: (tokens, rate) for _, model, tokens, rate in answer(snapshot, 3)}
    # 0.0082 USD for 4,400 tokens, as the four requests above
    assert rates["gpt-x-2025"] == (4400, 1.8636)


def test_question_4_splits_the_whole_among_the_teams(snapshot) -> None:
    rows = answer(snapshot, 4)
    ((spend,),) = ask(snapshot, "spend_usd")
    assert sum(usd for _, usd, _ in rows) == pytest.approx(spend, abs=Decimal(len(rows)) / 100)
    assert sum(share for _, _, share in rows) == pytest.approx(1, abs=0.001)


def test_question_8_finds_the_hours_in_which_nobody_held_the_training_gpu(snapshot) -> None:
    # five days, of which the training held host-b's GPU for 80 minutes
    hours = {cause: hours for cause, hours, _ in answer(snapshot, 8)}
    assert hours["no_deployment"] == round(5 * 24 - 80 / 60)


def test_question_12_lists_what_has_no_price(snapshot) -> None:
    reasons = {(model, reason) for _, model, reason, _ in answer(snapshot, 12)}
    assert ("nobody-knows", "no_price_for_model") in reasons
    assert ("claude-x", "no_price_for_service_tier") in reasons


def test_question_20_says_through_which_day_the_figures_go(snapshot) -> None:
    ((through, *_),) = answer(snapshot, 20)
    assert through == date(2026, 2, 3)


def relationships() -> list[tuple[str, str, str, str]]:
    with (REPOSITORY / "dbt_project/seeds/relationships.csv").open() as file:
        return [tuple(row) for row in csv.reader(file)][1:]


@pytest.mark.parametrize("way", relationships(), ids=lambda way: ".".join(way[:2]))
def test_a_fact_leads_to_one_row_of_each_dimension(snapshot, way) -> None:
    fact, column, dimension, key = way
    rows, keys = snapshot.execute(
        f"select count(*), count(distinct {key}) from {dimension}"  # noqa: S608 names of ours
    ).fetchone()
    assert rows == keys > 0
    lost = f"from {fact} anti join {dimension} on {fact}.{column} = {dimension}.{key}"
    assert snapshot.execute(f"select count(*) {lost} where {column} is not null").fetchone() == (0,)


def test_the_published_star_is_the_one_that_is_tested(snapshot) -> None:
    published = snapshot.execute("from dim_relationships").fetchall()
    assert sorted(published) == sorted(relationships())


def test_no_key_is_larger_than_what_every_tool_keeps_exact(snapshot) -> None:
    keys = snapshot.execute("select min(model_key), max(model_key) from dim_models").fetchone()
    assert 0 < keys[0] <= keys[1] < 2**53


def test_joined_by_keys_a_star_says_the_same_as_the_names(snapshot) -> None:
    by_key = snapshot.execute(
        "select team_name, models.model_name, sum(effective_cost_usd) from fct_charges_hourly"
        " join dim_teams using (team_key) left join dim_models as models using (model_key)"
        " group by all"
    ).fetchall()
    by_name = snapshot.execute(
        "select team_name, nullif(model_name, ''), sum(effective_cost_usd)"
        " from fct_charges_hourly join dim_teams using (team_id) group by all"
    ).fetchall()
    assert sorted(map(repr, by_key)) == sorted(map(repr, by_name))
