"""dbt's manifest, parsed anew only when the project changed; a fresh clone has none."""

import hashlib
import os
from pathlib import Path

import yaml  # type: ignore[import-untyped]

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


def project_variable(name: str) -> float:
    """A number among the variables of dbt_project.yml."""
    stated = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    return float(stated["vars"][name])


def digest(paths: list[Path], salt: str = "") -> str:
    """SHA-256 of names and contents."""
    total = hashlib.sha256(salt.encode())
    for path in paths:
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def ensure_manifest(settings: Settings) -> Path:
    """Path of an up-to-date manifest.json; runs `dbt parse` in this process when it is stale.

    Each data folder has its own, since the paths of its files are in it.

    Raises:
        MeterhouseError: dbt cannot parse the project.
    """
    parsed = settings.dbt_target / "parsed"
    stamp = parsed / "manifest.sha256"
    current = digest(project_files(*PARSED), salt=str(settings.data))
    if not stamp.exists() or stamp.read_text() != current:
        # Without its stamp a manifest that a kill leaves half written is parsed again.
        stamp.unlink(missing_ok=True)
        _parse(settings, parsed)
        _warm_up(parsed, settings.dbt_target / "built")
        write_atomically(stamp, current.encode())
    return parsed / "manifest.json"


def _parse(settings: Settings, target: Path) -> None:
    # Imported here: it costs two seconds that a warm run does not need.
    from dbt.cli.main import dbtRunner

    os.environ["METERHOUSE_DATA"] = str(settings.data)
    folders = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    paths = ["--target-path", str(target), "--log-path", str(target)]
    result = dbtRunner().invoke(["--quiet", "parse", *folders, *paths])
    if not result.success:
        raise MeterhouseError(f"dbt cannot parse {DBT_PROJECT.name}: {result.exception}")


def _warm_up(parsed: Path, built: Path) -> None:
    """Spare the next build the ten seconds of a cold parse."""
    built.mkdir(parents=True, exist_ok=True)
    name = "partial_parse.msgpack"
    write_atomically(built / name, (parsed / name).read_bytes())
