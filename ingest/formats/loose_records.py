"""Records that fit their plain form but for their usage, which holds fields that it does not name.

A new kind of token may be in every record of a log. Such a record is decoded with usage of any
shape, and told in full what that shape says; all else of it is plain.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ingest.formats.plain_records import Text
from ingest.records import RECORD_ERRORS
from ingest.tokens import has_unknown_tokens, reported_details


class OtherCounts:
    """What is told of counts that have no columns. No JSON is of this type."""

    __slots__ = ("details", "is_unknown")

    def __init__(self, counts: Mapping[str, int], known: frozenset[str]) -> None:
        """Tell it of all counts of a record, under their dotted paths."""
        self.details = reported_details(counts)
        self.is_unknown = has_unknown_tokens(counts, known)


class LooseDecoder:
    """Decodes records into their plain form, and where one has other fields, into a looser one."""

    def __init__(
        self,
        plain: msgspec.json.Decoder[Any],
        loose: msgspec.json.Decoder[Any],
        settle: Callable[[Any], None],
        unsettled: object,
    ) -> None:
        """Prepare.

        Args:
            plain: Of records.
            loose: Of records with usage of any shape.
            settle: Makes such a record plain; raises what RECORD_ERRORS names where it is not.
            unsettled: Stands for a record among others that is not: one that is never plain.
        """
        self._plain = plain
        self._loose = loose
        self._settle = settle
        self._unsettled = unsettled

    def decode(self, text: Text, /) -> Any:
        """One record; raises what RECORD_ERRORS names."""
        try:
            return self._plain.decode(text)
        except msgspec.ValidationError:
            row = self._loose.decode(text)
            self._settle(row)
            return row

    def decode_lines(self, text: bytes, /) -> list[Any]:
        """Records, one a line; raises what RECORD_ERRORS names."""
        try:
            return self._plain.decode_lines(text)
        except msgspec.ValidationError:
            rows = self._loose.decode_lines(text)
            return [self._settled(row) for row in rows]

    def _settled(self, row: Any) -> Any:
        try:
            self._settle(row)
        except RECORD_ERRORS:
            return self._unsettled
        return row
