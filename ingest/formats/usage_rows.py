"""Records of requests whose token classes the reader tells itself, to batches of usage_events."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, Final

import msgspec
import polars as pl

from ingest.formats.json_values import NumberedValue
from ingest.formats.record_rows import batches, translated
from ingest.formats.value_columns import value_column
from ingest.quality_flags import listed_flags
from ingest.records import TOKEN_LIMIT, FieldError, event_ids
from ingest.schema import USAGE_EVENTS
from ingest.source import Batch, InputFile, Reject
from ingest.times import TimestampError, parse_utc

Tokens = Annotated[int, msgspec.Meta(ge=0, le=TOKEN_LIMIT)]
# Values by canonical column; what a record does not report may be left out. `natural_key` and
# `started_at` are always there.
Event = dict[str, Any]
Text = bytes | msgspec.Raw
LONGEST_MILLISECONDS: Final = 30 * 86_400_000  # no request runs a month
# What a request has that says nothing else.
DEFAULTS: Final[Event] = {
    "grain": "request",
    "request_count": 1,
    "sampling_ratio": 1.0,
    "request_model": None,
    "response_model": None,
}


def usage_events(
    file: InputFile,
    source: str,
    records: Iterable[NumberedValue | Reject],
    translate: Callable[[Text], Event | None],
) -> Iterator[Batch | Reject]:
    """Translate records to usage events.

    Args:
        file: Where they come from.
        source: The source's name, part of the event ids.
        records: Line numbers and texts, and rejects, which pass through.
        translate: One record's values; None for a record that is no request. What RECORD_ERRORS
            names becomes a reject.

    Yields:
        Batches of at most 50,000 rows, and rejects by line.
    """

    def rows(number: int, text: Text) -> Sequence[Event]:
        event = translate(text)
        if event is None:
            return ()
        event["line_number"] = number
        return (event,)

    return batches(
        translated(records, rows), event_frame, partial(event_batch, source, file.instance)
    )


def event_frame(events: Sequence[Event]) -> pl.DataFrame:
    """Columns of events; quality_flags as joined_flags tells them."""
    names = {*DEFAULTS}.union(*events) - {"quality_flags"}
    flags = [",".join(event.get("quality_flags", ())) for event in events]
    return pl.DataFrame(
        [
            pl.Series("quality_flags", flags, pl.String()),
            *(_column(name, events, DEFAULTS.get(name)) for name in sorted(names)),
        ]
    )


def _column(name: str, events: Sequence[Event], default: object) -> pl.Series:
    values = [event.get(name, default) for event in events]
    return value_column(name, values, USAGE_EVENTS[name])


def event_batch(source: str, instance: str, frame: pl.DataFrame) -> Batch:
    """A batch of usage events with their ids; `quality_flags` gains no_model where it is due."""
    ids = event_ids(source, instance, frame["natural_key"].to_list())
    no_model = pl.all_horizontal(pl.col("request_model", "response_model").is_null())
    return Batch(
        table="usage_events",
        frame=frame.with_columns(
            pl.Series("event_id", ids, pl.String()),
            listed_flags(pl.col("quality_flags"), pl.when(no_model).then(pl.lit("no_model"))),
        ),
    )


def utc(text: str, column_name: str, zone: str | None = "UTC") -> datetime:
    """A time of a record as naive UTC.

    Raises:
        FieldError: Not a time, or one without zone where none is stated.
    """
    try:
        return parse_utc(text, zone)
    except TimestampError as error:
        raise FieldError(column_name, str(error), error.reason_code) from error


def later(moment: datetime, milliseconds: float | None) -> datetime | None:
    """The time so many milliseconds later; NULL for a duration that cannot be."""
    if milliseconds is None or not 0 <= milliseconds <= LONGEST_MILLISECONDS:
        return None
    try:
        return moment + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None


def parts_of(
    total: int | None, *parts: int | None
) -> tuple[list[int | None], int | None, list[str]]:
    """Parts of a total, each clamped to what is left of it.

    Returns:
        The parts (NULL stays NULL); the rest of the total, NULL without one; and the flag
        `clamped` where a part claimed more than there was.
    """
    if total is None:
        return list(parts), None, []
    left, taken = total, []
    for part in parts:
        share = None if part is None else min(part, left)
        left -= share or 0
        taken.append(share)
    return taken, left, [] if tuple(taken) == parts else ["clamped"]


def sum_of(*counts: int | None) -> int | None:
    """The sum of what is reported; NULL where nothing is."""
    reported = [count for count in counts if count is not None]
    return sum(reported) if reported else None


def unknown_tokens(details: Mapping[str, int], known: frozenset[str]) -> list[str]:
    """The flag for a kind of token that the reader does not know and that was used."""
    if known.issuperset(details):
        return []
    unknown = details.keys() - known
    found = any(details[path] for path in unknown if "token" in path.casefold())
    return ["unknown_token_field"] if found else []


def text_tag(tags: object, name: str | None) -> str | None:
    """The tag that the user states to name the team, if it is there and a text."""
    value = tags.get(name) if isinstance(tags, dict) and name else None
    return value if isinstance(value, str) and value else None
