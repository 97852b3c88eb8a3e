"""OpenAI's organization usage and costs: buckets, pages, exact money."""

import json
import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from translated import CANARIES, GOLDEN, check_golden, comparable, input_file, translate

from ingest.schema import INPUT_TOKEN_CLASSES, OUTPUT_TOKEN_CLASSES, conform
from ingest.source import Reader, Reject
from ingest.sources import anthropic_costs, openai_costs
from ingest.sources.openai_usage import read

START = 1_777_852_800
ONCE = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def bucket(*results: dict[str, Any], hour: int = 0) -> dict[str, Any]:
    start = START + 3600 * hour
    return {"object": "bucket", "start_time": start, "end_time": start + 3600, "results": results}


def page(*buckets: dict[str, Any]) -> dict[str, Any]:
    return {"object": "page", "data": buckets, "has_more": False, "next_page": None}


def result(**changes: Any) -> dict[str, Any]:
    return {
        "object": "organization.usage.completions.result",
        "input_tokens": 100,
        "output_tokens": 10,
        "num_model_requests": 2,
        "model": "gpt-5",
        **changes,
    }


def usage_of(tmp_path: Path, content: bytes | dict[str, Any]) -> tuple[pl.DataFrame, list[Reject]]:
    path = tmp_path / "usage.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return translate(read, input_file(path, "openai_usage"))


def costs_of(reader: Reader, path: Path) -> tuple[list[dict[str, Any]], list[Reject]]:
    rows, rejects = [], []
    for item in reader(input_file(path, "costs")):
        if isinstance(item, Reject):
            rejects.append(item)
        else:
            rows += conform(item.frame, item.table).to_dicts()
    return rows, rejects


def test_old_and_new_fields_embeddings_and_empty_buckets_are_read() -> None:
    check_golden(read, "openai_usage", input_file(GOLDEN / "openai_usage" / "input.json"))


@pytest.mark.parametrize(
    ("reader", "folder"),
    [(openai_costs.read, "openai_costs"), (anthropic_costs.read, "anthropic_costs")],
)
def test_money_of_a_provider_is_exact_to_the_last_digit(reader: Reader, folder: str) -> None:
    expected = json.loads((GOLDEN / folder / "expected.json").read_text())
    rows, rejects = costs_of(reader, GOLDEN / folder / "input.json")
    for row, wanted in zip(rows, expected["rows"], strict=True):
        assert {name: comparable(row[name]) for name in wanted} == wanted
    shown = [{name: getattr(one, name) for name in expected["rejects"][0]} for one in rejects]
    assert shown == expected["rejects"]
    assert len({row["cost_id"] for row in rows}) == len(rows)


@pytest.mark.parametrize("value", ["1e9999999", '"NaN"', '"sNaN"', '"-Infinity"', "true", "9e12"])
def test_an_amount_that_is_no_amount_is_one_reject(tmp_path: Path, value: str) -> None:
    path = tmp_path / "costs.json"
    amount = f'{{"amount": {{"value": {value}, "currency": "usd"}}}}'
    text = json.dumps(page(bucket(hour=1))).replace("[]", f"[{amount}]")
    path.write_text(text)
    rows, rejects = costs_of(openai_costs.read, path)
    assert rows == []
    assert [one.column_name for one in rejects] == ["amount.value"]


def test_a_later_delivery_of_a_bucket_has_the_ids_of_the_earlier_one(tmp_path: Path) -> None:
    early = page(bucket(result(), result(model="gpt-4o")))
    late = page(bucket(result(model="gpt-4o"), result(input_tokens=900, api_source=None)))
    before, after = usage_of(tmp_path, early)[0], usage_of(tmp_path, late)[0]
    assert set(before["event_id"]) == set(after["event_id"])
    late["data"][0]["end_time"] -= 1800  # cut off at the present
    assert set(before["event_id"]) == set(usage_of(tmp_path, late)[0]["event_id"])


def test_completions_and_embeddings_of_one_hour_do_not_replace_each_other(tmp_path: Path) -> None:
    embeddings = result(object="organization.usage.embeddings.result")
    frame = usage_of(tmp_path, page(bucket(result(), embeddings)))[0]
    assert frame["event_id"].n_unique() == 2


def test_a_dimension_newer_than_the_reader_does_not_merge_two_results(tmp_path: Path) -> None:
    results = [result(planet="CANARY-mars"), result(planet="CANARY-venus")]
    frame = usage_of(tmp_path, page(bucket(*results)))[0]
    assert frame["event_id"].n_unique() == 2
    twice = usage_of(tmp_path, page(bucket(results[0], results[0])))[0]
    assert twice["event_id"].n_unique() == 1
    assert b"CANARY" not in frame.write_ndjson().encode()


def test_pages_in_any_form_give_the_same_rows(tmp_path: Path) -> None:
    pages = [page(bucket(result(), hour=number)) for number in range(3)]
    texts = {
        "one a line": "\n".join(map(json.dumps, pages)),
        "indented in a row": "\n".join(json.dumps(one, indent=2) for one in pages),
        "one page": json.dumps(page(*(one["data"][0] for one in pages))),
        "a list of buckets": json.dumps([one["data"][0] for one in pages], indent=1),
        "buckets a line": "\n".join(json.dumps(one["data"][0]) for one in pages),
    }
    found = {}
    for name, text in texts.items():
        frame, rejects = usage_of(tmp_path, text.encode())
        assert rejects == [], name
        found[name] = frame.drop("line_number").to_dicts()
    assert len(found["one page"]) == 3
    assert all(rows == found["one page"] for rows in found.values())


def test_a_page_that_is_cut_off_is_one_reject_and_the_other_pages_load(tmp_path: Path) -> None:
    pages = [json.dumps(page(bucket(result(), hour=n)), indent=2) for n in range(3)]
    pages[1] = pages[1][:-40]
    frame, rejects = usage_of(tmp_path, "\n".join(pages).encode())
    assert frame["started_at"].dt.hour().to_list() == [0, 2]
    assert [one.line_number for one in rejects] == [len(pages[0].splitlines()) + 1]


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"input_tokens": 1.5}, "input_tokens"),
        ({"input_tokens": -1}, "input_tokens"),
        ({"input_tokens": 10**40}, "input_tokens"),
        ({"output_tokens": "12"}, "output_tokens"),
        ({"num_model_requests": [1]}, "num_model_requests"),
        ({"model": 7}, "model"),
        ({"batch": "yes"}, "batch"),
        ({"object": "organization.usage.vector_stores.result"}, "object"),
    ],
)
def test_a_result_that_cannot_be_is_one_reject_and_its_neighbors_load(
    tmp_path: Path, changes: dict[str, Any], column: str
) -> None:
    frame, rejects = usage_of(tmp_path, page(bucket(result(), result(**changes))))
    assert frame.height == 1
    assert [(one.line_number, one.column_name) for one in rejects] == [(1, column)]


def test_an_answer_that_is_an_error_is_a_reject_that_repeats_nothing(tmp_path: Path) -> None:
    frame, rejects = usage_of(tmp_path, {"error": {"message": "CANARY key sk-CANARY"}})
    assert (frame.height, len(rejects)) == (0, 1)
    assert "CANARY" not in repr(rejects)


COUNTS = st.integers(min_value=0, max_value=10**12)


@st.composite
def splits(draw: st.DrawFn) -> Iterator[dict[str, Any]]:
    """A result whose parts add up, in the old or the new fields, some of them reported as null."""
    parts = draw(st.lists(COUNTS, min_size=12, max_size=12))
    text, audio, image, c_text, c_audio, c_image, w30, w12, o_text, o_audio, o_image, new = parts
    fields = {
        "input_tokens": sum(parts[:8]),
        "input_cached_tokens": c_text + c_audio + c_image,
        "input_audio_tokens": audio,
        "output_tokens": o_text + o_audio + o_image,
        "output_audio_tokens": o_audio,
    }
    if new % 2:
        fields |= {
            "input_uncached_tokens": text + audio + image,
            "input_cache_write_tokens": w30 + w12,
            "input_cache_write_30m_tokens": w30,
            "input_cache_write_12h_tokens": w12,
            "input_text_tokens": text,
            "input_image_tokens": image,
            "input_cached_text_tokens": c_text,
            "input_cached_audio_tokens": c_audio,
            "input_cached_image_tokens": c_image,
            "output_text_tokens": o_text,
            "output_image_tokens": o_image,
        }
    return {**result(), **fields}


@ONCE
@given(results=st.lists(splits(), min_size=1, max_size=6), seed=st.integers(0, 99))
def test_token_classes_add_up_to_the_reported_totals_in_any_order(
    tmp_path: Path, results: list[dict[str, Any]], seed: int
) -> None:
    named = [{**one, "model": str(number)} for number, one in enumerate(results)]
    first = usage_of(tmp_path, page(bucket(*named)))[0]
    shuffled = random.Random(seed).sample(named, len(named))  # noqa: S311
    text = b"\xef\xbb\xbf" + json.dumps(page(bucket(*shuffled)), indent=1).encode()
    second = usage_of(tmp_path, text.replace(b"\n", b"\r\n"))[0]
    assert (
        first.drop("line_number")
        .sort("event_id")
        .equals(second.drop("line_number").sort("event_id"))
    )
    for row in first.to_dicts():
        for classes, total in (
            (INPUT_TOKEN_CLASSES, row["reported_input_tokens"]),
            (OUTPUT_TOKEN_CLASSES, row["reported_output_tokens"]),
        ):
            assert sum(row[name] or 0 for name in classes) == total
            assert min(row[name] or 0 for name in classes) >= 0
        assert "clamped" not in row["quality_flags"]


@ONCE
@given(cut=st.integers(0, 600), junk=st.sampled_from([None, "CANARY", 10**30, [1], {"a": None}]))
def test_a_cut_or_strange_page_gives_rows_or_rejects_and_never_its_text(
    tmp_path: Path, cut: int, junk: Any
) -> None:
    strange = [result(model=f"m{n}", unheard_of=junk, user={"email": "CANARY"}) for n in range(3)]
    content = json.dumps(page(bucket(*strange)), indent=1).encode()
    frame, rejects = usage_of(tmp_path, content[: len(content) - cut])
    # A page counts as a whole: a part of its buckets would replace all of them.
    assert (frame.height, len(rejects)) == ((0, 1) if cut else (3, 0))
    shown = frame.write_ndjson().encode() + repr(rejects).encode()
    assert not any(canary in shown for canary in CANARIES)


def test_cents_become_dollars_without_a_float() -> None:
    rows = costs_of(anthropic_costs.read, GOLDEN / "anthropic_costs" / "input.json")[0]
    assert sum(row["cost_amount"] for row in rows) == Decimal("1.338891200001")
