"""The manifest beside a snapshot: what it is, for who copies it and for who checks a copy."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingest.errors import MeterhouseError
from ingest.files import write_atomically
from pipelines.snapshot import STORAGE_VERSION, Snapshot

_REMEDY = "Copy it again from where it was published; a snapshot never changes."


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A snapshot whose bytes are those that were published."""

    path: Path
    data_through: date | None
    tables: int


def manifest_path(snapshot: Path) -> Path:
    """`wh-….json`, beside the file."""
    return snapshot.with_suffix(".json")


def write_manifest(snapshot: Snapshot) -> Path:
    """Write the manifest of a snapshot that lies where it will stay; whole or not at all."""
    facts = {
        "file": snapshot.path.name,
        "bytes": snapshot.path.stat().st_size,
        "sha256": sha256(snapshot.path),
        # DuckDB of this version and every later one opens the file.
        "storage_version": STORAGE_VERSION,
        "published_at": f"{snapshot.published_at.isoformat()}Z",
        "data_through": snapshot.data_through and snapshot.data_through.isoformat(),
        "run_id": snapshot.run_id,
        "meterhouse_version": snapshot.meterhouse_version,
        "price_snapshot": snapshot.price_snapshot,
        "gates": snapshot.gates,
        "row_counts": dict(snapshot.row_counts),
    }
    path = manifest_path(snapshot.path)
    write_atomically(path, (json.dumps(facts, indent=1) + "\n").encode())
    # Who may read the snapshot may read what it is.
    path.chmod(snapshot.path.stat().st_mode & 0o777)
    return path


def check_snapshot(path: Path) -> Checked:
    """Compare a snapshot with the manifest beside it.

    Raises:
        MeterhouseError: It has no manifest that can be read, or other bytes.
    """
    file = path.resolve()
    try:
        facts = json.loads(manifest_path(file).read_text(encoding="utf-8"))
        expected, through = facts["sha256"], facts["data_through"]
        found = sha256(file)
    except (OSError, ValueError, KeyError) as error:
        raise MeterhouseError(f"{file.name} cannot be checked: {error}", _REMEDY) from error
    if found != expected:
        raise MeterhouseError(
            f"{file.name} is not what was published: SHA-256 {found}, published {expected}.",
            _REMEDY,
        )
    return Checked(
        path=file,
        data_through=date.fromisoformat(through) if through else None,
        tables=len(facts["row_counts"]),
    )


def sha256(path: Path) -> str:
    """SHA-256 of a file, as `sha256sum` prints it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
