import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from translated import input_file

from ingest.readers import lines, whole_text
from ingest.source import Reject
from ingest.times import TimestampError, from_epoch, parse_utc

BODY = b"".join(b'{"row": %d}\n' % number for number in range(20_000))
MOMENTS = st.datetimes(*map(datetime.fromisoformat, ("2015-01-01", "2030-01-01")))
ROWS = list(enumerate(BODY.splitlines(), start=1))


@pytest.mark.parametrize(
    "packed",
    [
        BODY,
        gzip.compress(BODY),
        gzip.compress(BODY[:5000]) + gzip.compress(BODY[5000:]),
        gzip.compress(BODY) + b"\0" * 512,
        zstandard.compress(BODY),
        zstandard.compress(BODY[:5000]) + zstandard.compress(BODY[5000:]),
        b"\x50\x2a\x4d\x18\x04\0\0\0skip" + zstandard.compress(BODY),
    ],
    ids=["plain", "gz", "gz_members", "gz_padded", "zst", "zst_frames", "zst_skippable"],
)
def test_every_line_is_read_whatever_the_compression(tmp_path: Path, packed: bytes) -> None:
    path = tmp_path / "log.without_extension"
    path.write_bytes(packed)
    assert list(lines(input_file(path))) == ROWS


@pytest.mark.parametrize(
    "packed", [gzip.compress(BODY), zstandard.compress(BODY)], ids=["gz", "zst"]
)
@pytest.mark.parametrize("kept", [0.5, 0.9, 0.999])
def test_a_cut_off_archive_gives_its_whole_lines_and_one_reject(
    tmp_path: Path, packed: bytes, kept: float
) -> None:
    path = tmp_path / "log"
    path.write_bytes(packed[: int(len(packed) * kept)])
    *good, last = lines(input_file(path))
    assert good == ROWS[: len(good)]
    assert isinstance(last, Reject)
    assert (last.reason_code, last.line_number) == ("damaged_compression", len(good) + 1)


def test_windows_line_ends_a_byte_order_mark_and_blank_lines_do_not_shift_line_numbers(
    tmp_path: Path,
) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"\xef\xbb\xbfa\r\n\r\n  \r\nb\r\nc without end")
    assert list(lines(input_file(path))) == [(1, b"a"), (4, b"b"), (5, b"c without end")]


def test_utf_16_is_told_once_and_not_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes("a\nb\n".encode("utf-16"))
    (reject,) = lines(input_file(path))
    assert isinstance(reject, Reject)
    assert reject.reason_code == "bad_encoding"


def test_a_document_that_is_not_utf_8_is_rejected_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"[\n1,\n\xff]")
    reject = whole_text(input_file(path))
    assert isinstance(reject, Reject)
    assert (reject.reason_code, reject.line_number) == ("bad_encoding", 3)


@settings(deadline=None)  # the cores are shared
@given(
    MOMENTS,
    st.integers(-14 * 60, 14 * 60),
)
def test_an_offset_in_the_text_wins_over_the_stated_zone(moment: datetime, minutes: int) -> None:
    offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    text = moment.isoformat(timespec="microseconds") + offset
    assert parse_utc(text, "Asia/Tokyo") == moment - timedelta(minutes=minutes)


@settings(deadline=None)  # the cores are shared
@given(MOMENTS)
def test_a_local_time_is_placed_rightly_or_rejected_never_guessed(moment: datetime) -> None:
    instant = moment.replace(tzinfo=UTC)
    local = instant.astimezone(ZoneInfo("America/New_York")).replace(tzinfo=None)
    zone = ZoneInfo("America/New_York")
    if local.replace(tzinfo=zone).utcoffset() == local.replace(tzinfo=zone, fold=1).utcoffset():
        assert parse_utc(local.isoformat(), "America/New_York") == moment
    else:
        with pytest.raises(TimestampError, match="twice"):
            parse_utc(local.isoformat(), "America/New_York")


@pytest.mark.parametrize(
    ("text", "zone", "reason"),
    [
        ("2026-03-29 02:30:00", "Europe/Berlin", "nonexistent_time"),
        ("2026-10-25 02:30:00", "Europe/Berlin", "ambiguous_time"),
        ("2026-10-25 02:30:00", None, "naive_timestamp"),
        ("2026-10-25 02:30:00", "Mars/Olympus", "unknown_time_zone"),
        ("20261025", "UTC", "bad_timestamp"),
        ("2026W01", "UTC", "bad_timestamp"),
        ("2026-01-01T00:00:00+02:00Z", "UTC", "bad_timestamp"),
        ("1767225600", "UTC", "bad_timestamp"),
        ("2026-13-01T00:00:00Z", None, "bad_timestamp"),
        ("0001-01-01T00:00:00+14:00", None, "bad_timestamp"),
    ],
)
def test_a_time_that_cannot_be_placed_is_rejected_with_its_reason(
    text: str, zone: str | None, reason: str
) -> None:
    with pytest.raises(TimestampError) as caught:
        parse_utc(text, zone)
    assert caught.value.reason_code == reason


def test_epoch_text_keeps_its_microseconds() -> None:
    assert from_epoch("1795183500.123456", "s") == datetime.fromisoformat(
        "2026-11-20T14:05:00.123456"
    )
    assert from_epoch(1795183500123, "ms") == datetime.fromisoformat("2026-11-20T14:05:00.123")
    with pytest.raises(TimestampError):
        from_epoch("1e99", "s")
    with pytest.raises(TimestampError):
        from_epoch("NaN", "s")
