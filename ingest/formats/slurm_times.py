"""Times of sacct: local ones without zone, or seconds since 1970 with SLURM_TIME_FORMAT=%s."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ingest.times import TimestampError, from_epoch, parse_utc

NOT_YET: Final = ("", "Unknown", "None", "N/A")


def span(
    start: str, end: str, elapsed: int | None, zone: str | None
) -> tuple[datetime | None, datetime | None, list[str]]:
    """When a job began and ended, UTC.

    In the hour that the clocks show twice, the elapsed time tells which one it was; where it
    cannot, the first is taken and the flag `ambiguous_time` raised.

    Raises:
        TimestampError: A time that cannot be placed.
    """
    starts, ends = _possible(start, zone), _possible(end, zone)
    if len(starts) < 2 and len(ends) < 2:
        return _first(starts), _first(ends), []
    for begun in starts:
        for ended in ends:
            if elapsed is not None and ended - begun == timedelta(seconds=elapsed):
                return begun, ended, []
    return _first(starts), _first(ends), ["ambiguous_time"]


def _first(times: list[datetime]) -> datetime | None:
    return times[0] if times else None


def _possible(text: str, zone: str | None) -> list[datetime]:
    """The times that a text may mean: none, one, or two where the clocks went back."""
    if text in NOT_YET:
        return []
    if text.isdecimal():
        return [from_epoch(text, "s")]
    try:
        return [parse_utc(text, zone, source="slurm_sacct")]
    except TimestampError as error:
        if error.reason_code != "ambiguous_time" or zone is None:
            raise
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    return sorted(local.replace(fold=fold).astimezone(UTC).replace(tzinfo=None) for fold in (0, 1))
