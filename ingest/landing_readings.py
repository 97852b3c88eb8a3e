"""Files that are being read, by this process or by others beside it, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl

from ingest.errors import MeterhouseError
from ingest.landing_conclusion import conclude, promised
from ingest.landing_file import read_span
from ingest.landing_pieces import Known, Parting, Piece
from ingest.landing_spans import SpanRows, spans_of
from ingest.manifests import Manifest
from ingest.privacy import Identities
from ingest.workers import Outcome, ProcessEndedError, Workers


@dataclass(kw_only=True, slots=True)
class _File:
    """A file of which pieces are being read.

    Attributes:
        name: As people see it.
        pieces: In their order.
        rows: For each piece what its spans became, in their order.
        faults: Of spans, by number of the piece and of the span.
        waiting: How many spans are not read yet.
    """

    name: str
    pieces: Sequence[Piece]
    rows: list[list[SpanRows]] = field(default_factory=list)
    faults: dict[tuple[int, int], MeterhouseError] = field(default_factory=dict)
    waiting: int = 0


class Readings:
    """Reads files side by side, and makes what they became count.

    What is being read is known already, by a manifest without rows. So a file that begins with
    the content of another is told in time, and can wait for it.
    """

    def __init__(
        self,
        landing: Path,
        manifests: Sequence[Manifest],
        workers: Workers,
        latest: datetime,
        identities: Identities | None,
    ) -> None:
        """Prepare.

        Args:
            landing: The folder.
            manifests: Those that count.
            workers: Who reads.
            latest: The last possible event time, naive UTC.
            identities: Hashes users, keys and sessions; None: they are landed as reported.
        """
        self._landing = landing
        self._manifests = list(manifests)
        self._workers = workers
        self._latest = latest
        self._identities = identities
        self._key_id = identities.key_id if identities else None
        self._files: dict[int, _File] = {}
        self.known = Known(manifests)
        self.landed: list[tuple[Manifest, pl.DataFrame]] = []
        self.faults: dict[int, MeterhouseError] = {}

    def touches(self, parting: Parting) -> bool:
        """Whether a file rests on something that is still being read."""
        rests_on = {m.file_sha256 for piece in parting.to_land for m in piece.previous}
        running = {piece.file_sha256 for file in self._files.values() for piece in file.pieces}
        return not running.isdisjoint(rests_on | parting.current)

    def start(self, order: int, name: str, pieces: Sequence[Piece]) -> None:
        """Begin to read pieces of one file; waits as long as no process is free.

        Args:
            order: Of the file among all of the call.
            name: Of the file.
            pieces: In their order; where one cannot be read, those after it do not count.
        """
        spans = [spans_of(piece) for piece in pieces]
        file = self._files[order] = _File(name=name, pieces=pieces)
        file.rows = [[] for _ in pieces]
        file.waiting = sum(map(len, spans))
        for piece in pieces:
            self.known.add(promised(piece, self._key_id))
        for number, parts in enumerate(spans):
            for span in parts:
                self._take(until_idle=False)
                key = (order, number, span.place)
                self._workers.submit(
                    key, read_span, self._landing, span, self._latest, self._identities
                )
        self._take(until_idle=False)

    def finish(self) -> None:
        """Wait until nothing is being read anymore."""
        self._take(until_idle=True)

    def _take(self, *, until_idle: bool) -> None:
        for outcome in self._workers.outcomes(until_idle=until_idle):
            order, number, place = outcome.key
            file = self._files[order]
            if outcome.error is None:
                file.rows[number].append(outcome.result)
            else:
                file.faults[number, place] = _fault(file.name, outcome)
            file.waiting -= 1
            if not file.waiting:
                del self._files[order]
                self._conclude(order, file)

    def _conclude(self, order: int, file: _File) -> None:
        broken = min(file.faults, default=(len(file.pieces), 0))
        for piece, rows in zip(file.pieces[: broken[0]], file.rows, strict=False):
            rows.sort(key=lambda span: span.place)
            landed = conclude(self._landing, piece, self._key_id, rows)
            self.known.add(landed[0])
            self._manifests.append(landed[0])
            self.landed.append(landed)
        if file.faults:
            self.faults[order] = file.faults[broken]
            self._forget_promises()

    def _forget_promises(self) -> None:
        """What could not be read is not known; what is still being read is."""
        running = [piece for file in self._files.values() for piece in file.pieces]
        promises = (promised(piece, self._key_id) for piece in running)
        self.known = Known([*self._manifests, *promises])


def _fault(name: str, outcome: Outcome) -> MeterhouseError:
    """What people read of a span that could not be read; other errors are raised."""
    if isinstance(outcome.error, ProcessEndedError):
        return MeterhouseError(f"{name}: {outcome.error}", "free memory, then run again")
    if isinstance(outcome.error, MeterhouseError):
        return outcome.error
    raise outcome.error or AssertionError("a call without error has no fault")
