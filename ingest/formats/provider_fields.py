"""Fields of a provider's reports and answers: counts, dimensions and amounts, checked and exact."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ingest.records import MONEY_STEP, FieldError, exact_money

# A day of the largest organization is far below; a sum of thousands of them still fits 64 bits.
BUCKET_LIMIT: Final = 10**15
EXPONENT_LIMIT: Final = 30


def dimension(fields: Mapping[str, Any], name: str) -> str | bool | None:
    """A dimension's value; empty text is none.

    Raises:
        FieldError: A number, a list or an object.
    """
    value = fields.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str | bool):
        return value
    raise FieldError(name, "neither text nor true or false")


def text_dimension(fields: Mapping[str, Any], name: str) -> str | None:
    """A dimension that must be text.

    Raises:
        FieldError: It is not.
    """
    value = dimension(fields, name)
    if isinstance(value, bool):
        raise FieldError(name, "not text")
    return value


def bucket_counts(fields: Mapping[str, Any], prefix: str = "") -> dict[str, int]:
    """Every whole number of a result under its dotted path.

    Raises:
        FieldError: A token or request field is not a whole number from 0 to 10**15.
    """
    counts: dict[str, int] = {}
    for key, value in fields.items():
        path = prefix + key
        if type(value) is int and 0 <= value <= BUCKET_LIMIT:
            counts[path] = value
        elif type(value) is dict:
            counts |= bucket_counts(value, f"{path}.")
        elif value is not None and ("token" in path or "requests" in path):
            raise FieldError(path, f"not a whole number from 0 to {BUCKET_LIMIT:,}")
    return counts


def exact_amount(value: object, name: str, *, is_cents: bool = False) -> Decimal:
    """An amount of money in whole currency units with 12 decimal places.

    Args:
        value: Decimal text, or a number that was decoded with every digit.
        name: Of the field.
        is_cents: The amount counts hundredths of the unit.

    Raises:
        FieldError: Not reported, or not an amount below 10**12.
    """
    if value is None:
        raise FieldError(name, "no amount", "missing_value")
    amount = _decimal(value, name)
    return exact_money(amount / 100 if is_cents else amount, name)


def exact_quantity(value: object, name: str) -> Decimal | None:
    """A quantity with 12 decimal places, or None where none is reported.

    Raises:
        FieldError: Not a number below 10**15.
    """
    if value is None:
        return None
    amount = _decimal(value, name)
    if abs(amount) >= BUCKET_LIMIT:
        raise FieldError(name, f"not a number below {BUCKET_LIMIT:,}")
    return amount.quantize(MONEY_STEP)


def _decimal(value: object, name: str) -> Decimal:
    if type(value) in (int, str, Decimal):
        try:
            amount = Decimal(str(value)) if type(value) is not Decimal else value
        except (InvalidOperation, ValueError):  # ValueError: more digits than str() writes
            pass
        else:
            # A far larger exponent would overflow the arithmetic itself.
            if amount.is_finite() and amount.adjusted() < EXPONENT_LIMIT:
                return amount
    raise FieldError(name, "not a decimal number")
