"""Requests of SGLang's export in their plain form: types narrower than what sglang_request reads.

Many keys of a record are of no use, and new ones come with every version; but one that is named
after tokens may hold a count, so that all of these must be seen.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, UnsetType

from ingest.formats.loose_records import OtherCounts
from ingest.formats.plain_records import Text
from ingest.formats.sglang_request import KNOWN_FIELDS, FinishReason, counts_of
from ingest.records import RECORD_ERRORS, TOKEN_LIMIT, FieldError

Tokens = Annotated[int, msgspec.Meta(ge=0, le=TOKEN_LIMIT)]
Reported = Tokens | UnsetType | None  # UNSET: the record has no such key
NO_NUMBER_TEXT: Final = b"null"
NO_NUMBER: Final = msgspec.Raw(NO_NUMBER_TEXT)
LETTERS: Final = b"token"  # of a key that may hold a count
# Letters that are written as numbers hide the name of a key; no producer writes them so.
HIDDEN: Final = b"\\u00"
HIDDEN_LETTERS: Final = (HIDDEN + b"6", HIDDEN + b"7")
# What may be a line of the request log, whose local times depend on the lines before.
LOGGED: Final = re.compile(rb"event|\\u00[67]")


class CacheLevels(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """Where cached tokens lay."""

    device: Tokens | None = None
    host: Tokens | None = None
    storage: Tokens | None = None
    total: Tokens | None = None


class PlainRequest(msgspec.Struct, gc=False, kw_only=True):
    """One request; times and latencies as text, a Decimal of Python costs ten times as much."""

    id: str | None = None
    finish_reason: FinishReason | str | None = None
    prompt_tokens: Reported = UNSET
    completion_tokens: Reported = UNSET
    cached_tokens: Reported = UNSET
    reasoning_tokens: Reported = UNSET
    cached_tokens_details: CacheLevels | UnsetType | None = UNSET
    e2e_latency: msgspec.Raw = NO_NUMBER
    request_received_ts: msgspec.Raw = NO_NUMBER
    request_finished_ts: msgspec.Raw = NO_NUMBER
    first_token_latency: msgspec.Raw = NO_NUMBER
    request_parameters: msgspec.Raw = msgspec.Raw(b'""')
    # Keys of the request log.
    event: None = None
    timestamp: None = None
    rid: None = None
    out: None = None
    other_counts: OtherCounts | None = None


PLAIN_REQUEST: Final = msgspec.json.Decoder(PlainRequest)
NO_LEVELS: Final = CacheLevels()


class RequestDecoder:
    """Decodes the records of one file, in their order."""

    def __init__(self) -> None:
        self._has_logged = False

    def decode(self, text: Text) -> PlainRequest:
        """One record.

        Raises:
            FieldError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError: It is not plain.
        """
        content = bytes(text)
        try:
            row = PLAIN_REQUEST.decode(content)
            _tell_other_counts(content, [row])
        except RECORD_ERRORS:
            self._has_logged = self._has_logged or LOGGED.search(content) is not None
            raise
        self._check_times([row])
        return row

    def decode_lines(self, text: bytes) -> list[PlainRequest]:
        """Records, one a line; raises what `decode` does where one is not plain."""
        rows = PLAIN_REQUEST.decode_lines(text)
        self._check_times(rows)
        _tell_other_counts(text, rows)
        return rows

    def _check_times(self, rows: Sequence[PlainRequest]) -> None:
        """The place of a local time in a log's order is lost where a record stands alone."""
        if self._has_logged and any(
            bytes(row.request_received_ts) == NO_NUMBER_TEXT for row in rows
        ):
            raise FieldError("request_received_ts", "told by the order of lines")


def _tell_other_counts(text: bytes, rows: Sequence[PlainRequest]) -> None:
    """Look closely at records, one a line, that have LETTERS anywhere but where they are expected.

    Expected are those of the keys that PlainRequest found, and any in the parameters.
    """
    if not text.isascii():
        text.decode()  # a key in another encoding is a fault, but not to who passes it over
    passed_over = [row.request_parameters for row in rows]
    keys = _plain_keys(rows)
    is_hidden = HIDDEN in text and any(letters in text for letters in HIDDEN_LETTERS)
    expected = sum(keys) + b"\0".join(passed_over).count(LETTERS)
    if text.count(LETTERS) == expected and not is_hidden:
        return
    lines = zip(text.split(b"\n"), rows, keys, passed_over, strict=False)
    for line, row, key_count, parameters in lines:
        expected = key_count + bytes(parameters).count(LETTERS)
        if line.count(LETTERS) != expected or (is_hidden and HIDDEN in line):
            row.other_counts = OtherCounts(counts_of(line), KNOWN_FIELDS)


def _plain_keys(rows: Sequence[PlainRequest]) -> list[int]:
    """How many of the keys named so PlainRequest found in each record."""
    return [
        (row.prompt_tokens is not UNSET)
        + (row.completion_tokens is not UNSET)
        + (row.cached_tokens is not UNSET)
        + (row.reasoning_tokens is not UNSET)
        + (row.cached_tokens_details is not UNSET)
        + (row.first_token_latency is not NO_NUMBER)
        for row in rows
    ]
