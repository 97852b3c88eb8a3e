"""The end of a landing: the manifest vouches for what was read, and what it replaces goes."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from ingest.landing_pieces import Piece
from ingest.landing_rejects import rejects_path, write_rejects
from ingest.landing_spans import SpanRows, whole_span
from ingest.manifests import Manifest, remove_manifests, write_manifest


def promised(piece: Piece, key_id: str | None) -> Manifest:
    """The manifest of a piece that is still being read: where it lies, not what it holds."""
    return _manifest(piece, key_id, [])


def conclude(
    landing: Path, piece: Piece, key_id: str | None, spans: Sequence[SpanRows]
) -> tuple[Manifest, pl.DataFrame]:
    """Make a piece count as landed; returns its manifest with its rejects.

    The manifest comes after all that it stands for, and what it replaces goes after that, so that
    a kill at any moment loses nothing: the next call removes what no manifest vouches for.

    Args:
        landing: The folder.
        piece: What was read.
        key_id: Of the key that hashed identities.
        spans: What its spans became, in their order.
    """
    manifest = _manifest(piece, key_id, spans)
    rejects = write_rejects(
        landing,
        manifest.source,
        whole_span(piece).file,
        [reject for span in spans for reject in span.rejects],
        manifest.rows_rejected,
    )
    write_manifest(landing, manifest)
    _remove_previous(landing, piece, manifest)
    return manifest, rejects


def _manifest(piece: Piece, key_id: str | None, spans: Sequence[SpanRows]) -> Manifest:
    replaced = {one for m in piece.previous for one in (m.file_sha256, *m.replaces)}
    rows_landed = sum(span.rows_landed for span in spans)
    rows_rejected = sum(span.rows_rejected for span in spans)
    return Manifest(
        source=piece.found.source.name,
        source_version=piece.version,
        source_instance=piece.found.instance,
        file_name=piece.found.name,
        file_sha256=piece.file_sha256,
        content_sha256=piece.content_sha256,
        head_sha256=piece.head_sha256,
        start_byte=piece.start_byte,
        start_line=piece.start_line,
        end_byte=piece.end_byte,
        end_line=piece.end_line,
        ending=piece.ending,
        delivered_at=piece.delivered_at,
        identity_key_id=key_id,
        rows_read=rows_landed + rows_rejected,
        rows_landed=rows_landed,
        rows_rejected=rows_rejected,
        unknown_token_rows=sum(span.unknown_token_rows for span in spans),
        files=tuple(sorted(name for span in spans for name in span.files)),
        dates=_dates(piece, spans),
        replaces=tuple(sorted(replaced - {piece.file_sha256})),
    )


def _dates(piece: Piece, spans: Sequence[SpanRows]) -> dict[str, tuple[date, ...]]:
    """Table -> UTC dates of what was read and of what it replaces."""
    dates: dict[str, set[date]] = {}
    for table, day in sorted(one for span in spans for one in span.dates):
        dates.setdefault(table, set()).add(day)
    for previous in piece.previous:
        for table, days in previous.dates.items():
            dates.setdefault(table, set()).update(days)
    return {table: tuple(sorted(days)) for table, days in sorted(dates.items())}


def _remove_previous(landing: Path, piece: Piece, manifest: Manifest) -> None:
    """Remove the rows and the rejects that this landing stands for now."""
    remove_manifests(landing, manifest.source, manifest.replaces)
    for previous in piece.previous:
        if previous.file_sha256 != manifest.file_sha256:
            rejects_path(landing, previous).unlink(missing_ok=True)
        for name in set(previous.files) - set(manifest.files):
            (landing / name).unlink(missing_ok=True)
