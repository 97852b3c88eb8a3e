import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.schema import INPUT_TOKEN_CLASSES, OUTPUT_TOKEN_CLASSES
from ingest.tokens import PART_COLUMNS, split_tokens

COUNT = st.one_of(st.none(), st.integers(0, 50), st.integers(0, 10**9))
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(PART_COLUMNS, COUNT)), min_size=1, max_size=20)


@settings(deadline=None)  # the cores are shared
@given(ROWS)
def test_classes_add_up_to_the_reported_totals_whatever_the_parts_claim(
    rows: list[dict[str, int | None]],
) -> None:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(PART_COLUMNS, pl.Int64()))
    split = split_tokens(frame).to_dicts()
    for row, classes in zip(rows, split, strict=True):
        for total, names in (
            (row["input_total"], INPUT_TOKEN_CLASSES),
            (row["output_total"], OUTPUT_TOKEN_CLASSES),
        ):
            found = [classes.get(name) for name in names]
            assert all(amount is None or amount >= 0 for amount in found)
            if total is None:
                assert not any(found)
            else:
                assert sum(amount or 0 for amount in found) == total


@settings(deadline=None)  # the cores are shared
@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_parts_that_fit_their_total_are_taken_as_reported(
    uncached: int, cached: int, written: int
) -> None:
    parts: dict[str, int | None] = dict.fromkeys(PART_COLUMNS)
    parts |= {
        "input_total": uncached + cached + written,
        "input_cache_read": cached,
        "input_cache_write": written,
    }
    row = split_tokens(pl.DataFrame([parts], schema=dict.fromkeys(PART_COLUMNS, pl.Int64())))
    assert row.select(
        "uncached_input_tokens",
        "cache_read_input_tokens",
        "cache_write_other_input_tokens",
        "clamped",
        "inferred_cross",
    ).row(0) == (uncached, cached, written, False, False)
