"""What dbt leaves behind, below the data folder: the parsed project, and artifacts of builds."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import yaml  # type: ignore[import-untyped]

from ingest.errors import MeterhouseError
from ingest.files import write_atomically
from pipelines.settings import DBT_PROJECT, Settings

# What dbt parses; everything else in the folder is made by dbt.
PARSED = ("models", "macros", "seeds", "tests", "dbt_project.yml", "profiles.yml")
PARTIAL_PARSE = "partial_parse.msgpack"
# A run builds twice, before the forecast and after it. Logs and compiled SQL take 12 MB a run.
BUILDS_KEPT = 2


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

    Each data folder has its own, and one made by Meterhouse in another folder is stale, since the
    paths of both are in it.

    Raises:
        MeterhouseError: dbt cannot parse the project.
    """
    parsed = _parsed(settings)
    stamp = parsed / "manifest.sha256"
    with _alone(settings.dbt_target):
        current = digest(project_files(*PARSED), salt=f"{DBT_PROJECT}\n{settings.data}")
        if not stamp.exists() or stamp.read_text() != current:
            # Without its stamp a manifest that a kill leaves half written is parsed again.
            stamp.unlink(missing_ok=True)
            _parse(settings, parsed)
            write_atomically(stamp, current.encode())
    return parsed / "manifest.json"


def new_build_folder(settings: Settings, step: str) -> Path:
    """An empty target for one call of dbt, with the parsed project; older ones are removed.

    A folder of its own, since a dbt whose run was killed may still write into the one before.
    """
    builds = settings.dbt_target / "builds"
    builds.mkdir(parents=True, exist_ok=True)
    newest_last = sorted(builds.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    for old in newest_last[: 1 - BUILDS_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    folder = builds / f"{step}-{uuid4().hex[:8]}"
    folder.mkdir()
    # Spares dbt five to eight seconds of parsing.
    shutil.copyfile(_parsed(settings) / PARTIAL_PARSE, folder / PARTIAL_PARSE)
    return folder


def _parsed(settings: Settings) -> Path:
    return settings.dbt_target / "parsed"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time; the web page and a command may both find the manifest stale."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "parse.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _parse(settings: Settings, target: Path) -> None:
    # Imported here: it costs two seconds that a warm run does not need.
    from dbt.cli.main import dbtRunner

    os.environ["METERHOUSE_DATA"] = str(settings.data)
    folders = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    paths = ["--target-path", str(target), "--log-path", str(target)]
    # Parsed whole: what dbt keeps of an unchanged seed is the place where its file was.
    result = dbtRunner().invoke(["--quiet", "--no-partial-parse", "parse", *folders, *paths])
    if not result.success:
        raise MeterhouseError(f"dbt cannot parse {DBT_PROJECT.name}: {result.exception}")
