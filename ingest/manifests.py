"""Manifests: what each input became; the last thing written for it.

What is kept to tell the same content again, whatever its name, its folder or its compression:
hashes of decompressed bytes. A file of records, one a line, may be landed in parts, each with a
manifest of its own; together the parts of a file tile its bytes from the first on. `file_sha256`
is the hash of everything up to the end of the part, so a file whose beginning has that hash was
landed up to `end_byte` and is read on from there.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

import msgspec

from ingest.errors import MeterhouseError
from ingest.files import write_atomically

FOLDER: Final = "_manifests"
NO_INSTANCE: Final = "default"  # the file lies directly in its source's folder

# whole: ends where the content, or a line of it, ends. The others are read anew once the content
# goes on: unfinished, within a line; damaged, where a compressed stream breaks off.
Ending = Literal["whole", "unfinished", "damaged"]


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one input, or a part of it, became.

    Attributes:
        source: The source's name.
        source_version: Of the reader that translated it, of the options stated for it, and of
            the key that hashed its identities.
        source_instance: The folder below the source's, or default; see ingest.instance_folder.
        file_name: Its path below inputs/ when it was landed, or the address of the object.
        file_sha256: Identity: content_sha256, or a hash of it with what else makes it another
            input: its ending, its instance and, for sources that read it and for files in which
            nothing can be read, its name.
        content_sha256: Of the decompressed bytes from the file's first to end_byte.
        head_sha256: Of the first line without its end, to find inputs that may begin alike.
        start_byte: Where the part begins in the decompressed bytes.
        start_line: Number of the line in which it begins.
        end_byte: Where it ends.
        end_line: Number of the line in which the next part begins.
        ending: Why it ends there.
        delivered_at: Naive UTC; when the file was last written, at the time it was first landed.
        identity_key_id: First 8 hex digits of the sha256 of the key that hashed identities.
        rows_read: rows_landed + rows_rejected.
        rows_landed: In the canonical tables.
        rows_rejected: Rejects that stand for it.
        unknown_token_rows: Rows with a token count of a kind that no column has.
        files: Parquet files below landing/ with its rows.
        dates: Table -> UTC dates whose figures it may change, in order; they include those of
            what it replaced.
        replaces: file_sha256 of inputs whose rows it holds too; their manifests no longer count.
    """

    source: str
    source_version: int
    source_instance: str
    file_name: str
    file_sha256: str
    content_sha256: str
    head_sha256: str
    start_byte: int
    start_line: int
    end_byte: int
    end_line: int
    ending: Ending
    delivered_at: datetime
    identity_key_id: str | None
    rows_read: int
    rows_landed: int
    rows_rejected: int
    unknown_token_rows: int
    files: tuple[str, ...]
    dates: dict[str, tuple[date, ...]]
    replaces: tuple[str, ...]

    @property
    def key(self) -> str:
        """Tells this landing of this content from every other."""
        return f"{self.source}/{self.source_version}/{self.file_sha256}"


_DECODER: Final = msgspec.json.Decoder(Manifest)


def identity(content_sha256: str, ending: Ending, instance: str, name: str | None) -> str:
    """The file_sha256 of an input; `name` only where it tells the input from others."""
    if ending == "whole" and instance == NO_INSTANCE and name is None:
        return content_sha256
    return sha256("\x1f".join((content_sha256, ending, instance, name or "")).encode()).hexdigest()


def manifest_path(landing: Path, source: str, file_sha256: str) -> Path:
    """Where the manifest of an input lies."""
    return landing / FOLDER / source / f"{file_sha256}.json"


def read_manifests(landing: Path) -> list[Manifest]:
    """All manifests that count, ordered by source and hash.

    Raises:
        MeterhouseError: One is not a manifest.
    """
    manifests = []
    for path in sorted((landing / FOLDER).glob("*/*.json")):
        try:
            manifests.append(_DECODER.decode(path.read_bytes()))
        except msgspec.MsgspecError:
            raise MeterhouseError(
                f"{path}: not a manifest of this version of Meterhouse",
                "move landing/ away; the next run lands everything in inputs/ anew",
            ) from None
    replaced = {(m.source, one) for m in manifests for one in m.replaces}
    return [m for m in manifests if (m.source, m.file_sha256) not in replaced]


def write_manifest(landing: Path, manifest: Manifest) -> None:
    """Write a manifest; when this returns, the input counts as landed."""
    path = manifest_path(landing, manifest.source, manifest.file_sha256)
    content = msgspec.json.format(msgspec.json.encode(manifest, order="sorted"), indent=1)
    write_atomically(path, content + b"\n")


def remove_manifests(landing: Path, source: str, replaced: Iterable[str]) -> None:
    """Remove manifests that another one, already written, replaces."""
    for one in replaced:
        manifest_path(landing, source, one).unlink(missing_ok=True)


def referenced_files(manifests: Sequence[Manifest]) -> set[str]:
    """Parquet files, relative to landing/, that manifests vouch for."""
    return {name for manifest in manifests for name in manifest.files}
