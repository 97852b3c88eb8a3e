"""What is read column by column is what would have been read value by value."""

from datetime import datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.records import exact_money, plain_money
from ingest.times import TimestampError, parse_utc, plain_utc

DIGITS = st.text("0123456789", min_size=1, max_size=30)
TWO = st.one_of(st.integers(0, 61).map("{:02}".format), st.text("0123456789", max_size=3))
FRACTIONS = st.text("0123456789", max_size=8).map(lambda digits: digits and f".{digits}")


@settings(deadline=None, max_examples=500)
@example("0.1234567890125")
@example("0.12345678901250000000001")
@example("999999999999.9999999999999")
@example("-0.0")
@example("1e11")
@example("1e12")
@given(
    st.one_of(
        st.builds("{}{}.{}{}".format, st.sampled_from(["", "-"]), DIGITS, DIGITS, st.just("")),
        st.builds("{}e{}".format, st.floats(0, 1e15).map(repr), st.integers(-99, 99)).filter(
            lambda text: text.count("e") == 1
        ),
        st.floats(allow_nan=False, allow_infinity=False).map(repr),
        st.decimals(-1, 1, places=13).map(str),
    )
)
def test_an_amount_is_exact_to_the_last_digit_or_left_to_the_slow_way(text: str) -> None:
    found = pl.DataFrame({"spend": [text]}).select(plain_money("spend")).item()
    if found is not None:
        assert found == exact_money(Decimal(text), "spend")


@pytest.mark.parametrize("text", ["0.0", "5e-05", "0.094055", "12", "1.7999999999999998e-07"])
def test_amounts_as_producers_write_them_need_no_slow_way(text: str) -> None:
    assert pl.DataFrame({"spend": [text]}).select(plain_money("spend")).item() is not None


@pytest.mark.parametrize("text", ["1e12", '"1"', "null", "NaN", "1_0", " 1", "٣", "true", "1e400"])
def test_what_is_no_plain_amount_is_left_to_the_slow_way(text: str) -> None:
    assert pl.DataFrame({"spend": [text]}).select(plain_money("spend")).item() is None


def parsed(text: str, zone: str | None) -> datetime | None:
    try:
        return parse_utc(text, zone)
    except TimestampError:
        return None


@settings(deadline=None, max_examples=1000)
@example("2026-05-02", "T23:59", ":60", "", "Z")
@example("2026-02-30", "T00:00", ":00", "", "Z")
@example("2024-02-29", "T00:00", ":00", ".123", "+00:00")
@example("2026-05-02", "T23:59", ":59", ".123456", "")
@given(
    st.one_of(st.dates().map(str), st.builds("{}-{}-{}".format, st.integers(0, 9999), TWO, TWO)),
    st.builds("{}{}:{}".format, st.sampled_from("Tt "), TWO, TWO),
    TWO.map(":{}".format),
    FRACTIONS,
    st.sampled_from(["Z", "+00:00", "", "+02:00", "z", "Z "]),
)
def test_a_time_is_the_one_of_the_slow_way_or_left_to_it(
    day: str, clock: str, seconds: str, fraction: str, zone: str
) -> None:
    text = f"{day}{clock}{seconds}{fraction}{zone}"
    frame = pl.DataFrame({"time": [text]})
    for is_naive_utc, stated in ((False, None), (True, "UTC")):
        found = frame.select(plain_utc("time", is_naive_utc=is_naive_utc)).item()
        assert found is None or found == parsed(text, stated)


@pytest.mark.parametrize(
    "text",
    ["2026-05-02T01:00:00Z", "2026-05-02T01:00:00.250Z", "2026-05-02T01:00:00.250001+00:00"],
)
def test_times_as_producers_write_them_need_no_slow_way(text: str) -> None:
    found = pl.DataFrame({"time": [text]}).select(plain_utc("time")).item()
    assert found == parse_utc(text, None)
