"""Identities that were landed in the clear, hashed where they lie once the user turns that on."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import msgspec
import polars as pl

from ingest.files import write_parquet_atomically
from ingest.manifests import Manifest, write_manifest
from ingest.privacy import IDENTITIES, Identities
from ingest.schema import TABLES


def hash_landed(landing: Path, manifests: Iterable[Manifest], identities: Identities) -> None:
    """Hash the rows of inputs that are gone and so are not landed anew.

    A call that is killed leaves manifests that the next one finishes, and Parquet files that it
    removes. The days of what was hashed count as changed.

    Args:
        landing: The folder.
        manifests: All that count, once everything among the inputs has been landed anew.
        identities: Hashes users, keys and sessions.
    """
    for manifest in manifests:
        if manifest.identity_key_id is None:
            _hash(landing, manifest, identities)


def _hash(landing: Path, manifest: Manifest, identities: Identities) -> None:
    named = {name for name in manifest.files if _has_identities(name)}
    if not named:
        write_manifest(
            landing, msgspec.structs.replace(manifest, identity_key_id=identities.key_id)
        )
        return
    version = sha256(f"{manifest.source_version}\x1f{identities.key_id}".encode()).hexdigest()
    hashed = msgspec.structs.replace(
        manifest,
        source_version=int(version[:8], 16),
        identity_key_id=identities.key_id,
        files=tuple(
            _hashed_name(name, version) if name in named else name for name in manifest.files
        ),
    )
    for name, new in zip(manifest.files, hashed.files, strict=True):
        if new != name:
            rows = pl.read_parquet(landing / name, hive_partitioning=False)
            write_parquet_atomically(identities.hashed(rows), landing / new)
    write_manifest(landing, hashed)
    for name in named:
        (landing / name).unlink(missing_ok=True)


def _has_identities(name: str) -> bool:
    return not TABLES[name.partition("/")[0]].keys().isdisjoint(IDENTITIES)


def _hashed_name(name: str, version: str) -> str:
    folder, _, file = name.rpartition("/")
    digest = sha256(f"{version}\x1f{file}".encode()).hexdigest()[:32]
    return f"{folder}/{digest}.parquet"
