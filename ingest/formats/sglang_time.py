"""Local times that SGLang writes without a zone."""

import re
from datetime import datetime, timedelta
from typing import Final

from ingest.local_time import LEAST_STEP_BACK
from ingest.objects import InputPath
from ingest.records import FieldError
from ingest.times import TimestampError, parse_utc

HOUR: Final = re.compile(r"(\d{4})(\d{2})(\d{2})_(\d{2})(?!\d)")
# Clocks go back by an hour at most: one of the two neighbors of a doubled time is not doubled.
DOUBLED_HOUR: Final = timedelta(hours=1)


class LocalClock:
    """Places the times of one file on the UTC axis, in the order of its lines."""

    def __init__(self, zone: str | None, source: str) -> None:
        """Prepare; `zone` is what sources.toml states for `source`, or None."""
        self._zone = zone
        self._source = source
        self._previous: datetime | None = None
        self._is_second = False

    def utc(self, text: str) -> tuple[datetime, bool]:
        """A local time as naive UTC, and whether the clocks showed it twice.

        Of two such times the earlier is meant until the lines step back.

        Raises:
            TimestampError: Not a time, no zone is stated, or the clocks skipped it.
        """
        try:
            moment = parse_utc(text, self._zone, source=self._source)
        except TimestampError as error:
            if error.reason_code != "ambiguous_time":
                raise
        else:
            self._previous, self._is_second = None, False
            return moment, False
        local = datetime.fromisoformat(text)
        if self._previous is not None and local <= self._previous - LEAST_STEP_BACK:
            self._is_second = True
        self._previous = local
        return self._doubled(local), True

    def _doubled(self, local: datetime) -> datetime:
        """A time that the clocks showed twice, told from the first one before or after it."""
        step = DOUBLED_HOUR if self._is_second else -DOUBLED_HOUR
        near = parse_utc((local + step).isoformat(), self._zone, source=self._source)
        return near - step


def file_hour(path: InputPath) -> str:
    """The local hour in the name of an export, as ISO 8601 without zone.

    Raises:
        FieldError: The name holds none.
    """
    found = HOUR.search(path.name)
    if found is None:
        raise FieldError(
            "request_received_ts",
            "neither the record nor the file's name says when: start SGLang with --enable-metrics",
            "no_timestamp",
        )
    year, month, day, hour = found.groups()
    return f"{year}-{month}-{day}T{hour}:00:00"
