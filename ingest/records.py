"""What readers of records share: decoding faults as rejects, event ids, exact money."""

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Final

import msgspec
import polars as pl

from ingest.source import Reject

BATCH_ROWS: Final = 50_000
# Above any request's; below it a sum of a billion rows still fits 64 bits.
TOKEN_LIMIT: Final = 10**9
MONEY_LIMIT: Final = Decimal(10) ** 12
MONEY_STEP: Final = Decimal("0.000000000001")
PLAIN_MONEY: Final = r"^-?[0-9]{1,12}(\.[0-9]{1,24})?([eE][-+]?[0-9]{1,2})?$"
JSON_PATH: Final = re.compile(r"at `\$\.?([A-Za-z0-9_.\[\]]*)`$")


# A name, or a path of names, as programmers choose them. Keys of a log may be its users' text, as
# values are: a sentence, an address or a secret with its digits is not repeated.
FIELD_PATH: Final = re.compile(r"(?!(?:.*[0-9]){3})[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)
FIELD_PATH_LENGTH: Final = 64
NOT_SHOWN: Final = "(name not shown)"


class FieldError(ValueError):
    """A value that cannot be what its column means; the message never holds the value."""

    def __init__(
        self,
        column_name: str,
        message: str,
        reason_code: str = "bad_value",
        *,
        is_declared: bool = False,
    ) -> None:
        """Name the field, unless its name may be private.

        Args:
            column_name: Of the field; its path in dots.
            message: What is wrong with the value.
            reason_code: As in Reject.
            is_declared: The user's mapping names the column: then any name may be repeated.
        """
        super().__init__(message)
        is_shown = is_declared or (
            len(column_name) <= FIELD_PATH_LENGTH and FIELD_PATH.fullmatch(column_name)
        )
        self.column_name = column_name if is_shown else NOT_SHOWN
        self.reason_code = reason_code


# All that decoding one record may raise; anything else is a fault of the reader itself.
RECORD_ERRORS: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, FieldError)
RecordError = msgspec.MsgspecError | UnicodeDecodeError | RecursionError | FieldError


def reject_record(error: RecordError, line_number: int | None) -> Reject:
    """The reject of a record that could not be decoded; repeats nothing of its text."""
    column, code, message = None, "bad_json", "not a complete JSON object"
    if isinstance(error, FieldError):
        column, code, message = error.column_name, error.reason_code, str(error)
    elif isinstance(error, msgspec.ValidationError):
        found = JSON_PATH.search(str(error))
        column = (found.group(1) or None) if found else None
        code, message = "bad_value", str(error).partition(" - at ")[0]
        if "missing required field" in message:
            column, code = message.split("`")[-2], "missing_value"
    elif isinstance(error, UnicodeDecodeError):
        code, message = "bad_encoding", "bytes that are not UTF-8"
    elif isinstance(error, RecursionError):
        code, message = "too_deep", "JSON nested deeper than any log's"
    return Reject(
        line_number=line_number,
        column_name=column,
        reason_code=code,
        message=message,
        remedy="correct the line at its producer and deliver the file again",
    )


def event_ids(source: str, instance: str, natural_keys: Sequence[str]) -> list[str]:
    """Ids of events: sha256 hex of source, instance and natural key; same event, same id."""
    prefix = sha256(f"{source}\x1f{instance}\x1f".encode())
    ids = []
    for key in natural_keys:
        digest = prefix.copy()
        digest.update(key.encode())
        ids.append(digest.hexdigest())
    return ids


def exact_money(amount: Decimal, column_name: str) -> Decimal:
    """An amount of money with 12 decimal places, half to even beyond them.

    Raises:
        FieldError: Not a number, or more than 10**12.
    """
    try:
        if abs(amount) < MONEY_LIMIT:
            return amount.quantize(MONEY_STEP)
    except InvalidOperation:
        pass
    raise FieldError(column_name, "not an amount of money below 10**12")


def plain_money(name: str) -> pl.Expr:
    """Amounts of money in a String column, as exact_money gives them.

    Returns:
        Decimal(38, 12); NULL for a text that is not a plain JSON number below 10**12, which
        exact_money may still be able to read.
    """
    text = pl.col(name)
    amount = (
        pl.when(text.str.contains(PLAIN_MONEY)).then(text).cast(pl.Decimal(38, 12), strict=False)
    )
    return pl.when(amount.abs() < MONEY_LIMIT).then(amount)
