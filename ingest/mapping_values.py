"""Texts of a log to the values of canonical columns: a converter for each mapped column."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, Final

import polars as pl

from ingest.mapping_spec import ColumnSpec
from ingest.mapping_targets import (
    COUNTS,
    DURATIONS,
    FLAGS,
    MONEY,
    MONEY_UNITS,
    TIMES,
    MappedTable,
    measure_units,
    target_type,
)
from ingest.records import TOKEN_LIMIT, FieldError, exact_money
from ingest.times import EPOCH, MICROSECONDS, EpochUnit, TimestampError, from_epoch, parse_utc

BOOLEANS: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
STATUSES: Final = ("success", "failure", "aborted", "unknown")
# Above any meter's, below what a 64-bit integer holds.
MEASURE_LIMIT: Final = Decimal(10) ** 18
JOULES_STEP: Final = Decimal("0.000001")

Converter = Callable[[str], Any]


def converter(
    table: MappedTable, target: str, source: ColumnSpec, zone: str | None, name: str
) -> Converter:
    """What turns a text of the log into a value of the canonical column.

    Args:
        table: Of the target.
        target: The canonical column.
        source: Its column of the log, with unit, origin or format.
        zone: Of times without an offset, where it is stated.
        name: Of the mapping, for remedies.

    Returns:
        A function that raises FieldError or TimestampError for a text that cannot be one.
    """
    if target in TIMES:
        return _time(source, zone, name)
    if target in DURATIONS:
        return partial(_duration, target, MICROSECONDS[str(source.unit)])
    if target in COUNTS:
        return partial(_count, target)
    if target in FLAGS:
        return partial(_boolean, target)
    if target == MONEY:
        return partial(_money, MONEY_UNITS[source.unit or "USD"])
    if target == "status":
        return _status
    if units := measure_units(target):
        factor = units[source.unit or next(iter(units))]
        return partial(_measure, target, target_type(table, target), factor)
    return _uuid if target == "gpu_uuid" else str


def _time(source: ColumnSpec, zone: str | None, name: str) -> Converter:
    unit: Any = source.unit
    if source.origin is not None:
        return partial(_since, parse_utc(source.origin, zone) - EPOCH, unit)
    if unit is not None:
        return partial(from_epoch, unit=unit)
    if source.format is not None:
        return partial(_formatted, source.format, zone, name)
    return partial(parse_utc, zone=zone, source=name)


def _since(origin: timedelta, unit: EpochUnit, text: str) -> datetime:
    moment = from_epoch(text, unit)
    try:
        return moment + origin
    except OverflowError:
        raise TimestampError("bad_timestamp", "a time outside all years", "correct it") from None


def _formatted(form: str, zone: str | None, name: str, text: str) -> datetime:
    try:
        moment = datetime.strptime(text, form)  # noqa: DTZ007 - parse_utc wants a stated zone
    except ValueError:
        raise TimestampError(
            "bad_timestamp", f"not a time as {form} writes it", "correct the mapping's format"
        ) from None
    return parse_utc(moment.isoformat(), zone, source=name)


def _count(target: str, text: str) -> int:
    if not text.isdecimal() or (count := int(text[:20])) > TOKEN_LIMIT:
        raise FieldError(target, f"not a whole number from 0 to {TOKEN_LIMIT:,}")
    return count


def _duration(target: str, factor: Decimal, text: str) -> timedelta:
    try:
        return timedelta(microseconds=int(Decimal(text) * factor))
    except (InvalidOperation, OverflowError, ValueError):
        raise FieldError(target, "not a duration") from None


def _measure(target: str, dtype: pl.DataType, factor: Decimal, text: str) -> float | int | Decimal:
    """A reading in the column's own unit; only temperatures lie below zero."""
    least = -MEASURE_LIMIT if target.endswith("_celsius") else Decimal(0)
    try:
        value = Decimal(text) * factor
        if least <= value < MEASURE_LIMIT:
            if dtype == pl.Float64():
                return float(value)
            return int(value) if dtype == pl.Int64() else value.quantize(JOULES_STEP)
    except InvalidOperation:
        pass
    raise FieldError(target, "not a reading from 0 to 10**18")


def _boolean(target: str, text: str) -> bool:
    value = BOOLEANS.get(text.lower())
    if value is None:
        raise FieldError(target, "neither true nor false")
    return value


def _money(factor: Decimal, text: str) -> Decimal:
    try:
        return exact_money(Decimal(text) * factor, MONEY)
    except InvalidOperation:
        raise FieldError(MONEY, "not an amount of money") from None


def _status(text: str) -> str:
    return text if text in STATUSES else "unknown"


def _uuid(text: str) -> str:
    return f"GPU-{text.lower().removeprefix('gpu-')}"
