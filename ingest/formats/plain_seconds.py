"""Seconds since 1970 in records of a plain form."""

from typing import Annotated, Final

import msgspec

from ingest.formats.value_columns import MICROSECOND
from ingest.times import EPOCH, from_epoch

LAST_SECOND: Final = 253_402_300_799  # of the years there are
Seconds = (
    Annotated[int, msgspec.Meta(ge=0, le=LAST_SECOND)]
    | Annotated[float, msgspec.Meta(ge=0, le=LAST_SECOND)]
)


def micros(seconds: int | float) -> int:
    """Seconds in whole microseconds, exact to the digits as written."""
    if isinstance(seconds, int) or seconds.is_integer():
        return int(seconds) * 1_000_000
    return (from_epoch(seconds, "s") - EPOCH) // MICROSECOND
