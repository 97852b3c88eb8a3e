"""JSON records of a mapped log: their wanted fields as text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from ingest.json_records import NumberedRecord
from ingest.readers import whole_text
from ingest.records import RECORD_ERRORS, FieldError, reject_record
from ingest.source import InputFile, Reject

DOCUMENT: Final = msgspec.json.Decoder(list[msgspec.Raw] | dict[str, msgspec.Raw])
# What stands before an item of a list, or before a value of an object.
GAP: Final = re.compile(rb'\s*[\[{,]?\s*(?:"(?:[^"\\]|\\.)*+"\s*:\s*)?')

# Line number and the texts of the wanted columns; None where the log has none.
TextRow = tuple[int, tuple[str | None, ...]]


def document_records(file: InputFile) -> Iterator[NumberedRecord | Reject]:
    """Records of one document: the items of a list, or the values of an object.

    Yields:
        (line on which the record begins, its JSON text, not yet decoded), or a reject.
    """
    text = whole_text(file)
    if isinstance(text, Reject):
        yield text
        return
    content = text.encode()
    try:
        found = DOCUMENT.decode(content)
    except RECORD_ERRORS as error:
        yield reject_record(error, None)
        return
    number, end = 1, 0
    for record in found if isinstance(found, list) else found.values():
        text_of_record = bytes(record)
        gap = GAP.match(content, end)
        start = gap.end() if gap else end
        number += content.count(b"\n", end, start)
        if not content.startswith(text_of_record, start):
            yield replace(_TWICE, line_number=number)
            return
        yield number, record
        end = start + len(text_of_record)
        number += content.count(b"\n", start, end)


def record_rows(
    records: Iterable[NumberedRecord | Reject], wanted: Sequence[str]
) -> Iterator[TextRow | Reject]:
    """The wanted fields of JSON records, as text; a dot leads into an object.

    Yields:
        (line number, texts in the order of `wanted`), or rejects.
    """
    paths = [tuple(name.split(".")) for name in wanted]
    decoder = msgspec.json.Decoder(_struct_of(paths))
    places = [tuple(f"f_{part}" for part in path) for path in paths]
    for item in records:
        if isinstance(item, Reject):
            yield item
            continue
        number, text = item
        try:
            record = decoder.decode(text)
            texts = tuple(
                _json_text(_at(record, place), name)
                for place, name in zip(places, wanted, strict=True)
            )
        except RECORD_ERRORS as error:
            yield reject_record(error, number)
        else:
            yield number, texts


def _struct_of(paths: Sequence[tuple[str, ...]]) -> type[msgspec.Struct]:
    """A type that decodes only these paths; the value of each stays raw JSON."""
    heads: dict[str, list[tuple[str, ...]]] = {}
    for path in paths:
        heads.setdefault(path[0], []).append(path[1:])
    fields: list[tuple[str, Any, Any]] = []
    for head, tails in heads.items():
        deeper = [tail for tail in tails if tail]
        kind: Any = _struct_of(deeper) | None if deeper else msgspec.Raw
        fields.append((f"f_{head}", kind, None if deeper else msgspec.Raw(b"null")))
    return msgspec.defstruct("Record", fields, rename={f"f_{head}": head for head in heads})


def _at(record: Any, place: tuple[str, ...]) -> Any:
    for part in place:
        if record is None:
            return None
        record = getattr(record, part)
    return record


def _json_text(raw: Any, name: str) -> str | None:
    if raw is None:
        return None
    text = bytes(raw)
    if text == b"null":
        return None
    if text[:1] in (b"{", b"["):
        message = "an object or a list where the mapping expects a value"
        raise FieldError(name, message, is_declared=True)
    if text[:1] == b'"':
        return msgspec.json.decode(text, type=str).strip() or None
    return text.decode()


_TWICE: Final = Reject(
    line_number=None,
    column_name=None,
    reason_code="bad_json",
    message="a key of the document occurs twice; records from here on are not read",
    remedy="let the producer write a list of records, or each key once",
)
