"""Text of a ledger's cell to its value; money and prices stay decimal."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Final

from ingest.ledger_specs import Column, Kind
from ingest.times import TimestampError, parse_utc

GPU_UUID: Final = re.compile(r"GPU-[0-9a-f-]{8,}")
NUMBER: Final = re.compile(r"\d+(\.\d+)?")


class LedgerValueError(ValueError):
    """What is wrong with a cell, and what to write instead."""


def parse_value(text: str, column: Column) -> object:
    """A cell's value; None where an optional cell is empty.

    Raises:
        LedgerValueError: The text is not what the column holds.
    """
    if not text:
        if column.is_required:
            raise LedgerValueError(f"empty; state {column.doc[0].lower()}{column.doc[1:]}")
        return None
    if column.choices and text not in column.choices:
        raise LedgerValueError(f"{text!r}; write one of {', '.join(column.choices)}")
    return _PARSERS[column.kind](text, column)


def _text(text: str, column: Column) -> str:  # noqa: ARG001
    return text


def _gpu_uuid(text: str, column: Column) -> str:  # noqa: ARG001
    uuid = "GPU-" + text.lower().removeprefix("gpu-")
    if not GPU_UUID.fullmatch(uuid):
        raise LedgerValueError(f"{text!r}; write GPU-<uuid> as `nvidia-smi -L` shows it")
    return uuid


def _gpu_indices(text: str, column: Column) -> str:  # noqa: ARG001
    indices = text.split()
    if not all(index.isdecimal() for index in indices):
        raise LedgerValueError(f"{text!r}; write indices with spaces between, such as 0 1 2 3")
    if len(set(map(int, indices))) < len(indices):
        raise LedgerValueError(f"{text!r}; name each GPU once")
    return " ".join(str(int(index)) for index in indices)


def _integer(text: str, column: Column) -> int:  # noqa: ARG001
    if not text.isdecimal() or len(text) > 15:
        raise LedgerValueError(f"{text!r}; write a whole number of 0 or more")
    return int(text)


def _number(text: str, column: Column) -> float:
    value = float(_decimal_text(text, column))
    if not isfinite(value):
        raise LedgerValueError(f"{text!r}; write a finite number")
    return value


def _decimal_text(text: str, column: Column) -> Decimal:  # noqa: ARG001
    if not NUMBER.fullmatch(text):
        raise LedgerValueError(
            f"{text!r}; write a number of 0 or more with a decimal point, without currency sign "
            "or thousands separators"
        )
    return Decimal(text)


def _decimal(text: str, column: Column) -> Decimal:
    value = _decimal_text(text, column)
    step = Decimal(1).scaleb(-column.places)
    try:
        rounded = value.quantize(step)
    except InvalidOperation:
        rounded = None
    if rounded is None or value >= Decimal(10) ** (column.precision - column.places):
        raise LedgerValueError(f"{text!r}; too large")
    if rounded != value:
        raise LedgerValueError(f"{text!r}; at most {column.places} digits after the point")
    return rounded.scaleb(column.landed_exponent)


def _date(text: str, column: Column) -> date:  # noqa: ARG001
    try:
        if len(text) == len("2026-01-01"):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise LedgerValueError(f"{text!r}; write a date as 2026-01-31")


def _timestamp(text: str, column: Column) -> datetime:  # noqa: ARG001
    try:
        return parse_utc(text, None)
    except TimestampError as error:
        raise LedgerValueError(f"{error}; write it as 2026-01-31T08:00:00Z") from None


_PARSERS: Final[Mapping[Kind, Callable[[str, Column], object]]] = {
    "text": _text,
    "gpu_uuid": _gpu_uuid,
    "gpu_indices": _gpu_indices,
    "integer": _integer,
    "number": _number,
    "decimal": _decimal,
    "date": _date,
    "timestamp": _timestamp,
}
