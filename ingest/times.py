"""Times as naive UTC: ISO 8601 text with a stated zone, and counts since 1970."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from ingest.source import InputFile, Reject

EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - naive UTC is this project's convention
MICROSECONDS: Final = {
    "s": Decimal(10**6),
    "ms": Decimal(1000),
    "us": Decimal(1),
    "ns": Decimal("0.001"),
}
WHOLE_MICROSECONDS: Final = {"s": 10**6, "ms": 1000, "us": 1}
# The day may still be one that its month does not have.
PLAIN_TIME: Final = (
    r"^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(\.[0-9]{3}|\.[0-9]{6})?(Z|\+00:00)?$"
)
EpochUnit = Literal["s", "ms", "us", "ns"]


class TimestampError(ValueError):
    """A time that cannot be placed on the UTC axis.

    Attributes:
        reason_code: naive_timestamp, unknown_time_zone, ambiguous_time, nonexistent_time or
            bad_timestamp.
        remedy: What the user can do.
    """

    def __init__(self, reason_code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.reason_code = reason_code
        self.remedy = remedy

    def reject(self, line_number: int | None, column_name: str) -> Reject:
        """The reject of the line, or of the whole file (None), that holds this time."""
        return Reject(
            line_number=line_number,
            column_name=column_name,
            reason_code=self.reason_code,
            message=str(self),
            remedy=self.remedy,
        )


def parse_utc(text: str, zone: str | None, *, source: str = "source") -> datetime:
    """An ISO 8601 time as naive UTC.

    Args:
        text: Such as 2026-01-02T03:04:05.678Z, with T or a space, with or without an offset.
        zone: The stated time zone of times without an offset, such as Europe/Berlin; or None.
        source: Named in the remedy, for the section of sources.toml.

    Returns:
        Naive UTC with microseconds; further digits are cut.

    Raises:
        TimestampError: Not a time; or it has no offset and the zone is not stated or unknown, or
            the clocks of the zone showed this time twice or never.
    """
    # Nearly every log writes UTC: without its suffix the text is the answer, at half the time.
    bare = text[:-1] if text.endswith("Z") else text.removesuffix("+00:00")
    try:
        moment = datetime.fromisoformat(bare)
    except ValueError:
        moment = None
    is_utc = len(bare) < len(text)
    # fromisoformat takes 20260102 too, which may be any number.
    if moment is None or text[4:8:3] != "--" or (is_utc and moment.tzinfo is not None):
        raise TimestampError(
            "bad_timestamp", "not an ISO 8601 time", "write times as 2026-01-02T03:04:05Z"
        )
    if moment.tzinfo is None:
        if is_utc or zone == "UTC":
            return moment
        moment = _localize(moment, zone, source)
    try:
        return moment.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        raise TimestampError("bad_timestamp", "a time outside all years", "correct it") from None


def _localize(moment: datetime, zone: str | None, source: str) -> datetime:
    if zone is None:
        raise TimestampError(
            "naive_timestamp",
            "timestamp has no time zone",
            f'state one: [{source}] time_zone = "..." in sources.toml',
        )
    try:
        info = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise TimestampError(
            "unknown_time_zone",
            f"time zone {zone!r} is not known",
            'use a name such as "UTC" or "Europe/Berlin"',
        ) from None
    early, late = moment.replace(tzinfo=info), moment.replace(tzinfo=info, fold=1)
    if early.utcoffset() == late.utcoffset():
        return early
    if early.astimezone(UTC).astimezone(info).replace(tzinfo=None) != moment:
        raise TimestampError(
            "nonexistent_time",
            f"the clocks of {zone} never showed this time",
            "state the zone that the producer really uses, often UTC",
        )
    raise TimestampError(
        "ambiguous_time",
        f"the clocks of {zone} showed this time twice",
        "let the producer write UTC or an offset",
    )


def from_epoch(value: int | float | Decimal | str, unit: EpochUnit) -> datetime:
    """A count of units since 1970 as naive UTC, exact to the digits as written; below 1 us cut.

    Raises:
        TimestampError: Not a number, or a time outside all years.
    """
    try:
        # Most are whole numbers: without Decimal a third of the time.
        if isinstance(value, float):
            value = repr(value)
        elif isinstance(value, str) and value.isdecimal():
            value = int(value)
        if type(value) is int and value >= 0:
            micros = value // 1000 if unit == "ns" else value * WHOLE_MICROSECONDS[unit]
        else:
            micros = int(Decimal(value) * MICROSECONDS[unit])
        return EPOCH + timedelta(microseconds=micros)
    except (InvalidOperation, OverflowError, ValueError):
        raise TimestampError(
            "bad_timestamp",
            f"not a time in {unit} since 1970",
            "check the unit of the time column",
        ) from None


def stated_zone(file: InputFile) -> str | None:
    """The time zone that sources.toml states for the file's source, or None."""
    return file.options.get("time_zone")


def plain_utc(name: str, *, is_naive_utc: bool = False) -> pl.Expr:
    """Times in the form that nearly every log writes, many times faster than parse_utc.

    Args:
        name: A String column.
        is_naive_utc: Times without an offset are UTC.

    Returns:
        What parse_utc gives for a text such as 2026-01-02T03:04:05.678Z or ...05.678901+00:00;
        NULL for any other, which parse_utc may still be able to read.
    """
    text = pl.col(name)
    is_plain = text.str.contains(
        PLAIN_TIME if is_naive_utc else PLAIN_TIME.removesuffix("?$") + "$"
    )
    seconds = (
        pl.when(is_plain)
        .then(text.str.head(19))
        .str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False, time_unit="us")
    )
    # Where there are no digits the slices hold Z, +00:00 or a part of it: nothing, or a zero.
    thousandths, millionths = (
        text.str.slice(start, 3).cast(pl.Int64, strict=False).fill_null(0) for start in (20, 23)
    )
    return seconds + pl.duration(microseconds=thousandths * 1000 + millionths)
