"""One request that several spans of a trace tell counts once, however the spans were delivered."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from warehouse_factory import Company, moment

from ingest.landing import land
from ingest.sources import SOURCES

MARTS = (
    "fct_usage_events",
    "fct_repeated_spans",
    "fct_usage_hourly",
    "fct_token_costs_daily",
    "dim_models",
)
NOON = "2026-05-04 12:00"
SERVER = 2
CLIENT = 3
Span = Mapping[str, Any]


def span(
    trace: str,
    number: int,
    parent: int | None,
    tokens: tuple[int, int] | None,
    *,
    kind: int = CLIENT,
    at: str = NOON,
    name: str = "chat m",
    is_failure: bool = False,
    service: str = "shop",
    **attributes: str,
) -> Span:
    """A span; attributes have no `gen_ai.` and `_` for `.`; tokens are those in and out."""
    found: dict[str, Any] = {
        f"gen_ai.{key.replace('_', '.')}": {"stringValue": text} for key, text in attributes.items()
    }
    counts = zip(("input_tokens", "output_tokens"), tokens or (), strict=False)
    found |= {f"gen_ai.usage.{key}": {"intValue": str(count)} for key, count in counts}
    nanoseconds = int((moment(at) - moment("1970-01-01")).total_seconds()) * 10**9 + number
    return {
        "service": service,
        "traceId": trace.encode().hex().rjust(32, "f"),
        "spanId": f"{number:016x}",
        "parentSpanId": "" if parent is None else f"{parent:016x}",
        "name": name,
        "kind": kind,
        "startTimeUnixNano": str(nanoseconds),
        "endTimeUnixNano": str(nanoseconds + 10**9),
        "status": {"code": 2 if is_failure else 0},
        "attributes": [{"key": key, "value": value} for key, value in found.items()],
    }


def chat(*place: Any, **columns: Any) -> Span:
    return span(*place, operation_name="chat", **columns)


def bare(*place: Any, **columns: Any) -> Span:
    """No model call: an HTTP client, a web server, a tool."""
    return span(*place, None, name="POST", **columns)


def engine(*place: Any, **columns: Any) -> Span:
    """As vLLM writes it: no model, no operation, its own names of attributes."""
    return span(*place, kind=SERVER, name="llm_request", service="llama-server", **columns)


OWN = {"provider_name": "vllm", "request_model": "llama"}
GROQ = {"provider_name": "groq", "request_model": "llama-a"}
OPENAI = {"provider_name": "openai", "request_model": "gpt-x"}
GEMINI = {"provider_name": "gcp.gemini", "request_model": "gemini-x"}

# Trace -> its spans, and the tokens that count with the numbers of their spans.
TRACES: Mapping[str, tuple[Sequence[Span], Sequence[tuple[int, int | None]]]] = {
    "nested": (
        [
            chat("nested", 1, None, (1000, 100), response_id="r1", **GROQ),
            chat("nested", 2, 1, (1000, 100), response_id="r1", **GROQ),
        ],
        [(2, 1100)],
    ),
    "nested by way of others": (
        [
            chat("by way", 1, None, (10, 1), response_id="r2", **GROQ),
            bare("by way", 2, 1),
            bare("by way", 3, 2),
            chat("by way", 4, 3, (10, 1), response_id="r2", **GROQ),
            chat("by way", 5, 4, (10, 1), response_id="r2", **GROQ),
        ],
        [(5, 11)],
    ),
    "siblings and other answers": (
        [
            bare("siblings", 1, None),
            chat("siblings", 2, 1, (10, 1), response_id="r3", **GROQ),
            chat("siblings", 3, 1, (10, 1), response_id="r3", **GROQ),
            chat("siblings", 4, 3, (20, 2), response_id="r4", **GROQ),
            chat("siblings", 5, 4, (30, 3), **GROQ),
        ],
        [(2, 11), (3, 11), (4, 22), (5, 33)],
    ),
    "outer alone has tokens": (
        [
            chat("outer", 1, None, (10, 1), response_id="r5", **GROQ),
            chat("outer", 2, 1, None, response_id="r5", **GROQ),
        ],
        [(1, 11)],
    ),
    "client and engine": (
        [
            chat("engine", 1, None, (2000, 200), response_id="r6", **OWN),
            bare("engine", 2, 1),
            engine("engine", 3, 2, (2000, 200), request_id="r6"),
        ],
        [(3, 2200)],
    ),
    "own engine by OpenAI's client, other ids": (
        [
            chat("by sdk", 1, None, (50, 5), response_id="r7", **OPENAI),
            engine("by sdk", 2, 1, (51, 5), request_id="x7"),
        ],
        [(2, 56)],
    ),
    "a cloud's call that asks the own engine in a tool": (
        [
            chat("tool", 1, None, (900, 90), response_id="r8", **GEMINI),
            bare("tool", 2, 1),
            engine("tool", 3, 2, (70, 7), request_id="x8"),
        ],
        [(1, 990), (3, 77)],
    ),
    "an attempt that failed at the engine": (
        [
            chat("retry", 1, None, (60, 6), response_id="r9", **OWN),
            engine("retry", 2, 1, None, request_id="x9", is_failure=True),
        ],
        [(1, 66), (2, None)],
    ),
    "two attempts within one call": (
        [
            chat("twice", 1, None, (60, 6), response_id="r10", **OWN),
            engine("twice", 2, 1, None, request_id="x10", is_failure=True),
            engine("twice", 3, 1, (60, 6), request_id="x11"),
        ],
        [(2, None), (3, 66)],
    ),
    "engine without client": (
        [engine("alone", 1, 77, (8, 1), request_id="x12")],
        [(1, 9)],
    ),
    "a circle": (
        [
            chat("circle", 1, 2, (10, 1), response_id="r13", **GROQ),
            chat("circle", 2, 1, (10, 1), response_id="r13", **GROQ),
            chat("circle", 3, 3, (10, 1), response_id="r13", **GROQ),
        ],
        [(1, 11), (2, 11), (3, 11)],
    ),
    "over midnight": (
        [
            chat("midnight", 1, None, (400, 40), at="2026-05-01 23:59", response_id="r14", **OWN),
            bare("midnight", 2, 1, at="2026-05-02 00:01"),
            engine("midnight", 3, 2, (400, 40), at="2026-05-03 00:01", request_id="r14"),
        ],
        [(3, 440)],
    ),
}
SPANS = [one for spans, _ in TRACES.values() for one in spans]


def export(company: Company, name: str, spans: Sequence[Span]) -> set[date]:
    """Deliver a file of spans, one to a line; returns the days that it touches."""
    path = company.data / "inputs" / "otlp_spans" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    for one in spans:
        bare_span = {key: value for key, value in one.items() if key != "service"}
        service = {"key": "service.name", "value": {"stringValue": one["service"]}}
        scoped = {"scopeSpans": [{"spans": [bare_span]}], "resource": {"attributes": [service]}}
        lines.append(json.dumps({"resourceSpans": [scoped]}))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    report = land(company.data / "inputs", company.data / "landing", SOURCES)
    return {day for days in report.touched_dates.values() for day in days}


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Company:
    """All spans in one file, with every test of the project."""
    company = Company.found(tmp_path_factory.mktemp("traced") / "data", project)
    export(company, "all.jsonl", SPANS)
    company.dbt("build", "--exclude-resource-type", "unit_test")
    return company


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Company:
    """What is called comes first, calls later and some twice; what lies between them at last."""
    company = Company.found(tmp_path_factory.mktemp("late") / "data", project)
    callers = [one for one in SPANS if one["parentSpanId"] == ""]
    between = [one for one in SPANS if one["name"] == "POST"]
    export(company, "called.jsonl", [one for one in SPANS[::-1] if one not in between + callers])
    company.dbt("build", "--exclude-resource-type", "unit_test", "test")
    company.touch(export(company, "callers.jsonl", callers[::-1] + SPANS[3:5]))
    company.dbt("run")
    company.touch(export(company, "between.jsonl", between))
    company.dbt("run")
    return company


@pytest.mark.parametrize("mart", MARTS)
def test_spans_that_come_late_and_in_another_order_give_the_same_rows(
    traced: Company, late: Company, mart: str
) -> None:
    # which file a copy was read from is all that differs
    def rows(company: Company) -> list[tuple[Any, ...]]:
        lineage = "file_name|line_number"
        return company.query(
            f"select columns(lambda name: not regexp_full_match(name, '{lineage}')) from {mart}"  # noqa: S608
            " order by all"
        )

    assert rows(traced)
    assert rows(late) == rows(traced)


@pytest.mark.parametrize("name", TRACES)
def test_a_request_counts_once_in_its_trace(traced: Company, name: str) -> None:
    spans, counted = TRACES[name]
    assert traced.query(
        "select cast('0x' || spans.span_id as bigint), events.total_tokens"
        " from fct_usage_events as events"
        " inner join intermediate.int_trace_spans as spans using (event_id)"
        " where spans.trace_id = ? order by all",
        spans[0]["traceId"],
    ) == list(counted)


def test_what_does_not_count_is_told_with_what_counts_instead(traced: Company) -> None:
    assert traced.query(
        "select reason, count(*), sum(input_tokens + output_tokens) from fct_repeated_spans"
        " group by reason order by reason"
    ) == [
        # r6, r7, r10, r14
        ("engine_span", 4, 2200 + 55 + 66 + 440),
        ("nested_span", 3, 1100 + 11 + 11),
        ("no_tokens", 1, None),
    ]
    assert (
        traced.value(
            "select count(*) from fct_repeated_spans as repeated"
            " left join fct_usage_events as events on repeated.kept_event_id = events.event_id"
            " where events.event_id is null"
        )
        == 0
    )


def test_an_engine_that_names_no_model_takes_that_of_its_client(traced: Company) -> None:
    assert traced.query(
        "select provider_name, model_name, total_tokens from fct_usage_events"
        " where provider_name = 'self_hosted' and total_tokens in (9, 56, 2200) order by 3"
    ) == [
        ("self_hosted", "llama-server", 9),
        ("self_hosted", "gpt-x", 56),
        ("self_hosted", "llama", 2200),
    ]


def test_an_account_of_the_clients_project_holds_the_engines_span(
    traced: Company, tmp_path: Path
) -> None:
    company = traced.copied(tmp_path / "data")
    account = {"account_id": "shop_gpus", "provider_name": "self_hosted", "project_id": "shop"}
    company.keep("provider_accounts", [account])
    company.dbt("run", "--full-refresh", "--select", "+int_usage_events_counted")
    assert company.query(
        "select account_id, sum(total_tokens) from intermediate.int_usage_events_counted"
        " where is_self_hosted group by account_id order by account_id"
    ) == [
        # the client of the failed attempt, and r6, r7, r10, r14
        ("self_hosted", 77 + 9),
        ("shop_gpus", 66 + 2200 + 56 + 66 + 440),
    ]
