"""Rejects of one input as Parquet: where each line lies and how it is built, none of its values."""

from collections.abc import Sequence
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


def write_rejects(
    landing: Path, source: str, file: InputFile, rejects: Sequence[Reject], count: int
) -> pl.DataFrame:
    """Write the rejects of one input, or remove the file of an earlier landing.

    Args:
        landing: The folder.
        source: The source's name.
        file: The input.
        rejects: Its first ones.
        count: How many there are.

    Returns:
        What is written, at most 10,000 and one that stands for the others; columns of REJECTS.
    """
    listed = list(rejects[:REJECT_LIMIT])
    if (hidden := count - len(listed)) > 0:
        listed.append(replace(_FURTHER, message=_further(hidden)))
    places = locate(file, {r.line_number for r in listed if r.line_number is not None})
    of_file = (source, file.instance, file.name, file.sha256)
    rows = []
    for r in listed:
        offset, excerpt = places.get(r.line_number or 0, NOWHERE)
        fault = (r.column_name, r.reason_code, r.message, r.remedy)
        rows.append((*of_file, r.line_number, offset, *fault, excerpt))
    frame = pl.DataFrame(rows, schema=dict(REJECTS), orient="row")
    path = landing / REJECTS_FOLDER / source / f"{file.sha256}.parquet"
    if frame.height:
        write_parquet_atomically(frame, path)
    else:
        path.unlink(missing_ok=True)
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
