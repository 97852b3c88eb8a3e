"""dbt's manifest, parsed anew only when the project changed; a fresh clone has none."""

import hashlib
import os
from pathlib import Path

from ingest.errors import MeterhouseError
from ingest.files import write_atomically
from pipelines.settings import DBT_PROJECT, Settings

# What dbt parses; everything else in the folder is made by dbt.
PARSED = ("models", "macros", "seeds", "tests", "dbt_project.yml", "profiles.yml")


def project_files(*names: str) -> list[Path]:
    """Files of the dbt project below these names, sorted."""
    return sorted(
        path
        for name in names
        for path in [DBT_PROJECT / name, *(DBT_PROJECT / name).rglob("*")]
        if path.is_file()
    )


def digest(paths: list[Path], salt: str = "") -> str:
    """SHA-256 of names and contents."""
    total = hashlib.sha256(salt.encode())
    for path in paths:
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def ensure_manifest(settings: Settings) -> Path:
    """Path of an up-to-date manifest.json; runs `dbt parse` in this process when it is stale.

    Raises:
        MeterhouseError: dbt cannot parse the project.
    """
    manifest = DBT_PROJECT / "target" / "manifest.json"
    stamp = manifest.with_name("manifest.sha256")
    current = digest(project_files(*PARSED), salt=str(settings.data))
    if manifest.exists() and stamp.exists() and stamp.read_text() == current:
        return manifest
    _parse(settings)
    write_atomically(stamp, current.encode())
    return manifest


def _parse(settings: Settings) -> None:
    # Imported here: it costs two seconds that a warm run does not need.
    from dbt.cli.main import dbtRunner

    os.environ["METERHOUSE_DATA"] = str(settings.data)
    folders = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    result = dbtRunner().invoke(["--quiet", "parse", *folders])
    if not result.success:
        raise MeterhouseError(f"dbt cannot parse {DBT_PROJECT.name}: {result.exception}")
