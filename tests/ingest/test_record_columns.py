"""Columns made for thousands of records hold what each record by itself would tell."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.formats.count_columns import detail_columns, part_columns
from ingest.formats.record_fields import Fields
from ingest.formats.value_columns import value_column
from ingest.quality_flags import flag_texts, joined_flags, listed_flags, raised_flags
from ingest.records import FieldError, exact_money
from ingest.schema import MONEY, TIMESTAMP
from ingest.times import EPOCH, MICROSECONDS, EpochUnit, TimestampError, from_epoch
from ingest.tokens import has_unknown_tokens, reported_details

PATHS = ("a_tokens", "b_tokens", "c.a_tokens", "novelTokenCount", "seconds")
KNOWN = frozenset(PATHS[:3])
PARTS = {"first": ("a_tokens", "c.a_tokens"), "second": ("b_tokens",), "none": ("d_tokens",)}
COUNTS = st.dictionaries(st.sampled_from(PATHS), st.integers(0, 10**9))
FLAGS = ("clamped", "no_model", "residual")


@given(st.lists(st.none() | st.datetimes(), min_size=1))
def test_a_column_of_times_is_exact_in_all_years(times: list[datetime | None]) -> None:
    assert value_column("at", times, TIMESTAMP).to_list() == times


@given(st.lists(st.none() | st.decimals(-(10**11), 10**11, places=12), min_size=1))
def test_a_column_of_money_is_exact(amounts: list[Decimal | None]) -> None:
    exact = [None if amount is None else exact_money(amount, "spend") for amount in amounts]
    assert value_column("spend", exact, MONEY).to_list() == exact


@pytest.mark.parametrize(("value", "dtype"), [("5", pl.Int64()), (5, pl.String()), (1, TIMESTAMP)])
def test_a_value_of_another_type_is_no_column(value: object, dtype: pl.DataType) -> None:
    with pytest.raises(TypeError):
        value_column("odd", [None, value], dtype)


@given(st.lists(COUNTS, min_size=1))
def test_counts_by_path_become_the_first_that_is_reported(counts: list[Mapping[str, int]]) -> None:
    columns = {column.name: column.to_list() for column in part_columns(counts, PARTS)}
    columns |= {column.name: column.to_list() for column in detail_columns(counts, KNOWN)}
    for part, paths in PARTS.items():
        first = [next((one[path] for path in paths if path in one), None) for one in counts]
        assert columns[part] == first
    assert columns["reported_details"] == [reported_details(one) for one in counts]
    unknown = [bool(one.get("novelTokenCount")) for one in counts]
    assert columns["unknown_token_field"] == unknown
    assert [has_unknown_tokens(one, KNOWN) for one in counts] == unknown


@given(st.lists(st.tuples(*[st.sampled_from([None, False, True])] * 3), min_size=1))
def test_flags_are_told_in_their_order_however_they_are_raised(rows: list[tuple[Any, ...]]) -> None:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(FLAGS, pl.Boolean()), orient="row")
    wanted = [
        [name for name, is_raised in zip(FLAGS, row, strict=True) if is_raised] for row in rows
    ]
    flags = {name: pl.col(name) for name in FLAGS}
    assert frame.select(raised_flags(flags)).to_series().to_list() == wanted
    texts = frame.select(flag_texts(flags))
    assert texts.to_series().to_list() == [",".join(names) for names in wanted]
    assert texts.select(listed_flags(pl.col("quality_flags"))).to_series().to_list() == wanted
    assert joined_flags(**dict(zip(FLAGS, map(bool, rows[0]), strict=True))) == ",".join(wanted[0])


@settings(max_examples=300)
@given(
    st.one_of(
        st.integers(-(10**20), 10**20),
        st.integers(0, 10**19).map(str),
        st.floats(-1e12, 1e12, allow_nan=False),
        st.decimals(0, 10**10, places=9),
        st.sampled_from(["", "x", "1_0", "1.5", "٣", "-1", "9" * 5000]),
    ),
    st.sampled_from(["s", "ms", "us", "ns"]),
)
def test_a_count_of_units_is_exact_whatever_it_is_written_as(value: Any, unit: EpochUnit) -> None:
    exact: datetime | None
    try:
        written = Decimal(repr(value) if isinstance(value, float) else value)
        exact = EPOCH + timedelta(microseconds=int(written * MICROSECONDS[unit]))
    except (ArithmeticError, ValueError):
        exact = None
    if exact is not None:
        assert from_epoch(value, unit) == exact
    else:
        with pytest.raises(TimestampError):
            from_epoch(value, unit)


@pytest.mark.parametrize(
    ("written", "text", "number", "count"),
    [
        ("null", None, None, None),
        ('""', None, None, None),
        ('"null"', None, None, None),
        ("12", "12", "12", 12),
        ('"12"', "12", "12", 12),
        ("12.0", "12.0", "12.0", 12),
        ("1.50", "1.50", "1.50", FieldError),
        ("1000000001", "1000000001", "1000000001", FieldError),
        ("-1", "-1", "-1", FieldError),
        ('"x"', "x", FieldError, FieldError),
        ('"NaN"', "NaN", FieldError, FieldError),
        ("true", FieldError, FieldError, FieldError),
        ("[1]", FieldError, FieldError, FieldError),
    ],
)
def test_a_field_is_read_in_each_way_it_may_be_written(
    written: str, text: Any, number: Any, count: Any
) -> None:
    fields = Fields(f'{{"other": null, "tokens": {written}}}'.encode())
    number = Decimal(number) if isinstance(number, str) else number
    for method, wanted in ((fields.text, text), (fields.number, number), (fields.count, count)):
        if wanted is FieldError:
            with pytest.raises(FieldError):
                method("absent", "other", "tokens")
        else:
            assert method("absent", "other", "tokens") == wanted
