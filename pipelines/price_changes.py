"""What a newer price list changes, and from which day on."""

from collections.abc import Iterator
from datetime import date

import polars as pl

from pipelines.price_book import (
    SCHEMA,
    Row,
    Timeline,
    book_frame,
    key_of,
    prices_of,
    timelines,
)


def new_periods(book: pl.DataFrame, fresh: pl.DataFrame, effective: date) -> pl.DataFrame:
    """Periods of a newer list that ask something else than the book does, from a day on.

    The book's own periods before that day stay as they are; models that the newer list does not
    have keep their prices.

    Args:
        book: All that was believed so far.
        fresh: The newer list, believed from one moment on.
        effective: First day (UTC) that may change.

    Returns:
        Rows of the newer list, the first of each model cut to begin where it differs.
    """
    believed = timelines(book)
    rows: list[Row] = []
    for key, timeline in timelines(fresh).items():
        rows.extend(_changed(believed.get(key, ()), timeline, effective))
    return book_frame(rows) if rows else pl.DataFrame(schema=dict(SCHEMA))


def changed_models(rows: pl.DataFrame, book: pl.DataFrame) -> tuple[int, int]:
    """How many models of some rows the book knows, and how many it does not."""
    known = {key_of(row)[:2] for row in book.iter_rows(named=True)}
    models = {key_of(row)[:2] for row in rows.iter_rows(named=True)}
    return len(models & known), len(models - known)


def _changed(before: Timeline, after: Timeline, effective: date) -> Iterator[Row]:
    differing = [day for day in _days(before, after, effective) if _differ(before, after, day)]
    if not differing:
        return
    first = differing[0]
    for period in after:
        if period.valid_to is None or period.valid_to > first:
            for row in period.sheet:
                yield {**row, "valid_from": max(row["valid_from"], first)}


def _days(before: Timeline, after: Timeline, effective: date) -> list[date]:
    """Days from the effective one on at which either list may change."""
    edges = {
        day
        for period in (*before, *after)
        for day in (period.valid_from, period.valid_to)
        if day is not None and day > effective
    }
    return sorted(edges | {effective})


def _differ(before: Timeline, after: Timeline, day: date) -> bool:
    asked = _sheet_at(after, day)
    return bool(asked) and prices_of(asked) != prices_of(_sheet_at(before, day))


def _sheet_at(timeline: Timeline, day: date) -> tuple[Row, ...]:
    for period in timeline:
        if period.valid_from <= day and (period.valid_to is None or day < period.valid_to):
            return period.sheet
    return ()
