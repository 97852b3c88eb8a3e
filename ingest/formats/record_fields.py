"""Fields of a record by any of their spellings; only what is asked for is ever decoded."""

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, Self, TypeVar

import msgspec

from ingest.formats.csv_cells import read_csv
from ingest.readers import lines
from ingest.records import RECORD_ERRORS, TOKEN_LIMIT, FieldError
from ingest.source import InputFile, Reject

RAW_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
TEXT: Final = msgspec.json.Decoder(str)
OBJECT: Final = msgspec.json.Decoder(dict[str, Any] | str)
NOT_COUNTS: Final = ("time_to_first_token", "timeToFirstToken")
ENCODER: Final = msgspec.json.Encoder()
ABSENT: Final = (b"null", b'""', b'"null"')  # the last as an empty object in a CSV cell
NO_TEXT: Final = ("", "null")
# A value as nearly all are is decoded in one step; what these do not take is looked at closely.
PLAIN_TEXT: Final[msgspec.json.Decoder[str | None]] = msgspec.json.Decoder(str | None)
PLAIN_COUNT: Final[msgspec.json.Decoder[int | None]] = msgspec.json.Decoder(int | None)
PLAIN_NUMBER: Final[msgspec.json.Decoder[Decimal | None]] = msgspec.json.Decoder(Decimal | None)
Value = TypeVar("Value")


class Fields:
    """One record: JSON texts by key."""

    def __init__(self, text: bytes | msgspec.Raw) -> None:
        """Find the fields of a JSON object; raises one of RECORD_ERRORS where it is none."""
        self._fields: Mapping[str, msgspec.Raw] = RAW_FIELDS.decode(text)

    @classmethod
    def of(cls, fields: Mapping[str, msgspec.Raw]) -> Self:
        """Some fields of a record that were found otherwise."""
        some = cls.__new__(cls)
        some._fields = fields
        return some

    def _found(self, names: tuple[str, ...]) -> tuple[str, bytes] | None:
        for name in names:
            text = self._fields.get(name)
            if text is not None and (value := bytes(text)) not in ABSENT:
                return name, value
        return None

    def _plain(
        self, decoder: msgspec.json.Decoder[Value | None], names: tuple[str, ...]
    ) -> Value | None:
        """The first of these fields that is not null, if it is written as nearly all are.

        Raises:
            msgspec.MsgspecError, UnicodeDecodeError: It is written in another way.
        """
        for name in names:
            text = self._fields.get(name)
            if text is not None and (value := decoder.decode(text)) is not None:
                return value
        return None

    def text(self, *names: str) -> str | None:
        """The first of these fields that is neither null nor empty; a number as its text."""
        try:
            text = self._plain(PLAIN_TEXT, names)
        except RECORD_ERRORS:
            text = ""
        if text is None or text not in NO_TEXT:
            return text
        if (found := self._found(names)) is None:
            return None
        try:
            return _scalar(found[1])
        except (*RECORD_ERRORS, ArithmeticError) as error:
            raise FieldError(found[0], "not a text") from error

    def number(self, *names: str) -> Decimal | None:
        """A number, also one written as text."""
        try:
            number = self._plain(PLAIN_NUMBER, names)
            if number is None or number.is_finite():
                return number
        except RECORD_ERRORS:
            pass
        if (found := self._found(names)) is None:
            return None
        try:
            number = _decimal(found[1])
        except (*RECORD_ERRORS, ArithmeticError) as error:
            raise FieldError(found[0], "not a number") from error
        if not number.is_finite():
            raise FieldError(found[0], "not a number")
        return number

    def count(self, *names: str) -> int | None:
        """A whole number of tokens."""
        try:
            count = self._plain(PLAIN_COUNT, names)
            if count is None or 0 <= count <= TOKEN_LIMIT:
                return count
        except RECORD_ERRORS:
            pass
        return whole(self.number(*names), names[0])

    def token_counts(self, known: Collection[str]) -> dict[str, int]:
        """Further fields that are named after tokens and hold a whole number."""
        counts = {}
        for name in self._fields:
            if names_tokens(name) and name not in known and name not in NOT_COUNTS:
                try:
                    count = self.count(name)
                except FieldError:
                    continue
                if count is not None:
                    counts[name] = count
        return counts

    def mapping(self, *names: str) -> dict[str, Any] | None:
        """An object, also one that arrives as JSON text in JSON, once or more often."""
        if (found := self._found(names)) is None:
            return None
        try:
            value: dict[str, Any] | str = OBJECT.decode(found[1])
            while isinstance(value, str):
                value = OBJECT.decode(value) if value else {}
        except RECORD_ERRORS as error:
            raise FieldError(found[0], "not an object") from error
        return value


def _scalar(value: bytes) -> str:
    """A text, or the digits of a number as they are written."""
    return TEXT.decode(value) if value.startswith(b'"') else str(_decimal(value))


def _decimal(value: bytes) -> Decimal:
    """A number, or the one that a text holds."""
    return Decimal(TEXT.decode(value) if value.startswith(b'"') else value.decode())


@lru_cache(maxsize=1024)  # the same few names in every record
def names_tokens(name: str) -> bool:
    """Whether a key's name speaks of tokens."""
    return "token" in name.casefold()


def whole(value: object, column_name: str, limit: int = TOKEN_LIMIT) -> int | None:
    """A count of tokens that may be text or a number such as 12.0; NULL stays NULL.

    Raises:
        FieldError: Not a whole number from 0 to the limit.
    """
    if value is None or (type(value) is int and 0 <= value <= limit):
        return value
    try:
        number = Decimal(str(value))
        if type(value) is not bool and 0 <= number <= limit and number == int(number):
            return int(number)
    except ArithmeticError:
        pass
    raise FieldError(column_name, f"not a whole number of tokens from 0 to {limit:,}")


def is_json(file: InputFile) -> bool:
    """Whether a file of records is JSON, and not CSV: only JSON is read on from a later byte."""
    if file.first_byte:
        return True
    first = next(lines(file), None)
    return isinstance(first, tuple) and first[1].lstrip()[:1] in (b"{", b"[")


def csv_records(file: InputFile) -> Iterator[tuple[int, bytes] | Reject]:
    """Rows of a CSV export as JSON objects of texts; an empty cell is no field."""
    for part in read_csv(file):
        if isinstance(part, Reject):
            yield part
            continue
        rows = part.drop("line_number").to_dicts()
        for number, row in zip(part["line_number"], rows, strict=True):
            filled = {name: cell for name, cell in row.items() if cell is not None}
            yield number, ENCODER.encode(filled)
