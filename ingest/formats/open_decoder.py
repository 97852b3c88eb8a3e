"""A decoder for records in which no key may stay unseen, though nobody can list them all.

Keys are learned from the records themselves: msgspec decodes a record of known keys several times
as fast as one whose keys must be collected, and one that has another key is noticed by its error.
"""

from typing import Final, Generic, TypeVar

import msgspec

from ingest.formats.plain_fields import ABSENT, PLAIN_NAME

Record = TypeVar("Record", bound=msgspec.Struct)
RAW_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
# Of all records of a file together; beyond it keys may differ from record to record for ever.
KEY_LIMIT: Final = 100


class OpenDecoder(Generic[Record]):
    """Decodes records whose keys are those of a type and what it has learned.

    Attributes:
        learned: Key -> the field of decoded records that holds its JSON text, or ABSENT. Records
            decoded before the key was learned lack the field.
    """

    def __init__(self, record: type[Record]) -> None:
        """Begin with the keys of a type, all of whose fields have defaults."""
        self.learned: dict[str, str] = {}
        self._record = record
        self._known = set(record.__struct_fields__)
        self._decoder = self._made()

    def decode(self, text: bytes | msgspec.Raw) -> Record:
        """One record; raises msgspec.MsgspecError or UnicodeDecodeError."""
        try:
            return self._decoder.decode(text)
        except msgspec.ValidationError:
            if not self._learn(text):
                raise
        return self._decoder.decode(text)

    def decode_lines(self, text: bytes) -> list[Record]:
        """Records, one a line; raises as `decode`."""
        try:
            return self._decoder.decode_lines(text)
        except msgspec.ValidationError:
            if not self._learn(text[: text.index(b"\n")] if b"\n" in text else text):
                raise
        return self._decoder.decode_lines(text)

    def _learn(self, text: bytes | msgspec.Raw) -> bool:
        """Whether a record has keys that were not known but are now."""
        keys = RAW_FIELDS.decode(text)
        # msgspec takes no odd names; the order of the record makes its search for them short.
        new = [key for key in keys if key not in self._known and PLAIN_NAME.match(key)]
        if not new or len(self.learned) + len(new) > KEY_LIMIT:
            return False
        for key in new:
            self.learned[key] = f"learned_{len(self.learned)}"
        self._known.update(new)
        self._decoder = self._made()
        return True

    def _made(self) -> msgspec.json.Decoder[Record]:
        made = msgspec.defstruct(
            "Learned",
            [(field, msgspec.Raw, ABSENT) for field in self.learned.values()],
            bases=(self._record,),
            rename={field: key for key, field in self.learned.items()},
            forbid_unknown_fields=True,
            kw_only=True,
            gc=False,
        )
        return msgspec.json.Decoder(made)
