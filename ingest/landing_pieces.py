"""Which part of a file is new: decided by the hashes of its beginnings, never by its name."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ingest.landing_content import Content
from ingest.landing_inputs import Found
from ingest.landing_memory import Contents
from ingest.manifests import Ending, Manifest, identity

NO_MANIFESTS: Final[Mapping[str, Manifest]] = {}


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A file, or a part of it, to be landed under one manifest; fields as in Manifest.

    Attributes:
        is_open: The reader is not bounded: it reads to the end of the file.
        marks: Bytes before, and numbers of, lines between which it may be read in spans.
        previous: What was landed before from these bytes or from a part of them.
    """

    found: Found
    version: int
    content_sha256: str
    head_sha256: str
    start_byte: int
    start_line: int
    end_byte: int
    end_line: int
    ending: Ending
    is_open: bool
    delivered_at: datetime
    marks: tuple[tuple[int, int], ...] = ()
    previous: tuple[Manifest, ...] = ()

    @property
    def file_sha256(self) -> str:
        """Its identity."""
        # Of a file in which nothing can be read yet the name is all that tells it from another.
        is_named = self.found.source.reads_name or not self.end_byte
        name = self.found.placed_name if is_named else None
        return identity(self.content_sha256, self.ending, self.found.instance, name)


class Known:
    """What was landed, found by content, by first line and by name."""

    def __init__(self, manifests: Iterable[Manifest]) -> None:
        """Take in the manifests that count."""
        self._by_id: dict[tuple[str, str], Manifest] = {}
        self._alike: dict[tuple[str, str], dict[str, Manifest]] = {}
        for manifest in manifests:
            self.add(manifest)

    def add(self, manifest: Manifest) -> None:
        """Take in what was just landed; what it replaces is found as this from now on."""
        for one in (manifest.file_sha256, *manifest.replaces):
            old = self._by_id.get((manifest.source, one), manifest)
            for key in self._keys(old):
                self._alike.get(key, {}).pop(old.file_sha256, None)
            self._by_id[manifest.source, one] = manifest
        for key in self._keys(manifest):
            self._alike.setdefault(key, {})[manifest.file_sha256] = manifest

    @staticmethod
    def _keys(manifest: Manifest) -> tuple[tuple[str, str], ...]:
        heads = f"{manifest.source_instance}/{manifest.head_sha256}"
        return (manifest.source, heads), (manifest.source, manifest.file_name)

    def get(self, piece: Piece) -> Manifest | None:
        """What stands for a piece's content."""
        return self._by_id.get((piece.found.source.name, piece.file_sha256))

    def alike(self, found: Found, head_sha256: str) -> dict[str, Manifest]:
        """Manifests that may hold a beginning of this file, by file_sha256."""
        source = found.source.name
        # By its full name earlier versions told it.
        named = {
            **self._alike.get((source, found.full_name), NO_MANIFESTS),
            **self._alike.get((source, found.name), NO_MANIFESTS),
        }
        # A former instance: see landing_former.
        named = {key: m for key, m in named.items() if m.source_instance == found.instance}
        if not found.source.record_lines or found.source.reads_name:
            return named
        heads = f"{found.instance}/{head_sha256}"
        return {**named, **self._alike.get((source, heads), NO_MANIFESTS)}


@dataclass(frozen=True, kw_only=True)
class Parting:
    """A file compared with what is known.

    Attributes:
        length: Of its decompressed bytes.
        to_land: What is new, or was landed by an older reader, in order.
        current: file_sha256 of the manifests that stand for the rest of it.
    """

    length: int
    to_land: tuple[Piece, ...]
    current: frozenset[str]


def part(found: Found, known: Known, version: int, now: datetime, contents: Contents) -> Parting:
    """Compare a file with what is known; reads it once, an object only if it is new.

    Args:
        found: The file.
        known: What was landed.
        version: Of the reader with its options.
        now: Naive UTC; a file cannot have been delivered later.
        contents: Answers what the bytes of the file are.
    """
    head = contents.head(found.path)
    alike = known.alike(found, head.sha256)
    ends = frozenset(manifest.end_byte for manifest in alike.values())
    content = contents.content(found.path, ends)
    whole = Piece(
        found=found,
        version=version,
        content_sha256=content.sha256,
        head_sha256=head.sha256,
        start_byte=0,
        start_line=1,
        end_byte=content.length,
        end_line=content.newlines + 1,
        ending=_ending(content),
        is_open=True,
        delivered_at=min(found.written_at, now),
    )
    former = known.get(replace(whole, found=replace(found, instance=found.former_instance)))
    if former is not None:
        whole = replace(whole, delivered_at=former.delivered_at)
    begun = [
        m
        for m in alike.values()
        if content.digests.get(m.end_byte) == m.content_sha256
        and (
            m.end_byte or m.file_name in (found.name, found.full_name)
        )  # every file begins with no byte
    ]
    reads_on = found.source.record_lines and content.length > 0 and head.is_record
    pieces = list(_parts(whole, content, begun, contents)) if reads_on else [_grown(whole, begun)]
    landed = [(piece, known.get(piece)) for piece in pieces]
    # A damaged or unfinished end counts only while the file still has it.
    stands = (*(m for m in begun if m.ending == "whole"), *(m for _, m in landed))
    return Parting(
        length=content.length,
        to_land=tuple(_again(p, m) for p, m in landed if _is_due(p, m)),
        current=frozenset(m.file_sha256 for m in stands if m),
    )


def _ending(content: Content) -> Ending:
    if content.is_damaged:
        return "damaged"
    return "whole" if content.length else "unfinished"  # an empty file is yet to be written


def _is_due(piece: Piece, manifest: Manifest | None) -> bool:
    """Whether a piece is new or was landed by an older reader."""
    if manifest is None:
        return True
    # Another identity: a longer delivery took this one's place, and holds its rows.
    return manifest.file_sha256 == piece.file_sha256 and manifest.source_version != piece.version


def _again(piece: Piece, manifest: Manifest | None) -> Piece:
    """What a newer reader lands in place of what an older one did keeps its delivery."""
    if manifest is None:
        return piece
    previous = tuple({m.file_sha256: m for m in (manifest, *piece.previous)}.values())
    return replace(piece, delivered_at=manifest.delivered_at, previous=previous)


def _grown(whole: Piece, begun: list[Manifest]) -> Piece:
    """A file that is read as a whole; what was landed of its beginning under its name goes.

    Not so a report that was delivered whole: which rows its window had then stays on record.
    """
    keeps = whole.found.source.keeps_versions
    shorter = [m for m in begun if m.ending != "whole" or not keeps]
    return replace(whole, previous=tuple(m for m in shorter if m.file_sha256 != whole.file_sha256))


def _parts(
    whole: Piece, content: Content, begun: list[Manifest], contents: Contents
) -> Iterator[Piece]:
    """The parts that were landed, then the one that is new, then what lies behind the last line."""
    landed = sorted((m for m in begun if m.ending == "whole"), key=lambda m: m.end_byte)
    for manifest in landed:
        yield replace(
            whole,
            content_sha256=manifest.content_sha256,
            start_byte=manifest.start_byte,
            start_line=manifest.start_line,
            end_byte=manifest.end_byte,
            end_line=manifest.end_line,
            ending="whole",
            is_open=False,
        )
    start = landed[-1].end_byte if landed else 0
    start_line = landed[-1].end_line if landed else 1
    end = contents.finished_bytes(whole.found.path, content)
    if end > start:
        yield replace(
            whole,
            content_sha256=content.digests[end],
            start_byte=start,
            start_line=start_line,
            end_byte=end,
            ending="whole",
            is_open=False,
            marks=tuple(mark for mark in content.marks if start < mark[0] < end),
            previous=tuple(m for m in begun if m.ending != "whole"),
        )
        start, start_line = end, whole.end_line
    waits = whole.found.is_newest and not content.is_packed
    if content.is_damaged or (content.length > start and not waits):
        ending: Ending = "damaged" if content.is_damaged else "unfinished"
        yield replace(whole, start_byte=start, start_line=start_line, ending=ending)
