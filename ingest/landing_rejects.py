"""Rejects of one input as Parquet: where each line lies and how it is built, none of its values."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import polars as pl

from ingest.files import write_parquet_atomically
from ingest.landing_excerpts import NOWHERE, locate
from ingest.manifests import Manifest
from ingest.schema import REJECTS
from ingest.source import InputFile, Reject

REJECTS_FOLDER: Final = "_rejects"
# A file that is not what its folder says yields a reject a line; the first ones tell it.
REJECT_LIMIT: Final = 10_000
EMPTY_FILE: Final = Reject(
    line_number=None,
    column_name=None,
    reason_code="empty_file",
    message="the file is empty",
    remedy="deliver it again if it should hold something; else remove it",
)


class FileRejects:
    """The rejects of one input, the first ones of them held."""

    def __init__(self, landing: Path, source: str, file: InputFile) -> None:
        """Prepare for what `source` rejects of `file`."""
        self._path = landing / REJECTS_FOLDER / source / f"{file.sha256}.parquet"
        self._source = source
        self._file = file
        self._held: list[Reject] = []
        self.count = 0

    def add(self, reject: Reject) -> None:
        """Count a reject, and hold it unless there are very many."""
        self.count += 1
        if len(self._held) < REJECT_LIMIT:
            self._held.append(reject)

    def write(self) -> pl.DataFrame:
        """Write what is held, or remove the file of an earlier landing; columns of REJECTS."""
        hidden = self.count - len(self._held)
        rejects = [*self._held, *([replace(_FURTHER, message=_further(hidden))] if hidden else [])]
        places = locate(self._file, {r.line_number for r in rejects if r.line_number is not None})
        of_file = (self._source, self._file.instance, self._file.name, self._file.sha256)
        rows = []
        for r in rejects:
            offset, excerpt = places.get(r.line_number or 0, NOWHERE)
            fault = (r.column_name, r.reason_code, r.message, r.remedy)
            rows.append((*of_file, r.line_number, offset, *fault, excerpt))
        frame = pl.DataFrame(rows, schema=dict(REJECTS), orient="row")
        if frame.height:
            write_parquet_atomically(frame, self._path)
        else:
            self._path.unlink(missing_ok=True)
        return frame


def rejects_path(landing: Path, manifest: Manifest) -> Path:
    """Where the rejects of a landed input lie, if it has any."""
    return landing / REJECTS_FOLDER / manifest.source / f"{manifest.file_sha256}.parquet"


def _further(count: int) -> str:
    return f"{count} further lines were rejected and are not listed"


_FURTHER: Final = Reject(
    line_number=None,
    column_name=None,
    reason_code="further_rejects",
    message="",
    remedy="check that the file lies in the folder of its own source",
)
