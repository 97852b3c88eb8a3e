"""Manifests: what each input file became; the last thing written for it."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from ingest.errors import MeterhouseError
from ingest.files import write_atomically

FOLDER: Final = "_manifests"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What one input file became.

    Attributes:
        source: The source's name.
        source_version: Of the reader that translated it, and of the options stated for it.
        source_instance: The folder below the source's, or default.
        file_name: Its path below inputs/ when it was landed.
        file_sha256: Of its bytes as they lay; the same content under another name is not new.
        rows_read: rows_landed + rows_rejected.
        rows_landed: In the canonical tables.
        rows_rejected: Rejects that stand for it.
        files: Parquet files below landing/ with its rows.
        dates: Table -> UTC dates whose figures it may change, in order; they include
            those of an older reader's version of it.
    """

    source: str
    source_version: int
    source_instance: str
    file_name: str
    file_sha256: str
    rows_read: int
    rows_landed: int
    rows_rejected: int
    files: tuple[str, ...]
    dates: dict[str, tuple[date, ...]]

    @property
    def key(self) -> str:
        """Tells this landing of this content from every other."""
        return f"{self.source}/{self.source_version}/{self.file_sha256}"


_DECODER: Final = msgspec.json.Decoder(Manifest)


def manifest_path(landing: Path, source: str, sha256: str) -> Path:
    """Where the manifest of an input lies."""
    return landing / FOLDER / source / f"{sha256}.json"


def read_manifests(landing: Path) -> list[Manifest]:
    """All manifests, ordered by source and hash.

    Raises:
        MeterhouseError: One is not a manifest.
    """
    manifests = []
    for path in sorted((landing / FOLDER).glob("*/*.json")):
        try:
            manifests.append(_DECODER.decode(path.read_bytes()))
        except msgspec.MsgspecError:
            raise MeterhouseError(
                f"{path}: not a manifest", "remove it; its input is landed anew by the next run"
            ) from None
    return manifests


def write_manifest(landing: Path, manifest: Manifest) -> None:
    """Write a manifest; when this returns, the input counts as landed."""
    path = manifest_path(landing, manifest.source, manifest.file_sha256)
    content = msgspec.json.format(msgspec.json.encode(manifest, order="sorted"), indent=1)
    write_atomically(path, content + b"\n")


def referenced_files(manifests: Sequence[Manifest]) -> set[str]:
    """Parquet files, relative to landing/, that manifests vouch for."""
    return {name for manifest in manifests for name in manifest.files}
