"""The lines that could not be read, grouped by what to do about them.

Rejects of a file that was taken away stay on record, since its lines are missing from every figure.
Whether they were corrected in another file nobody can tell: the corrected line is another content.
So they come last, and are marked.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from ingest.errors import MeterhouseError
from ingest.landing_memory import remembered_urls
from pipelines.settings import Settings

FIRST = ("file_name", "line_number", "byte_offset", "message", "remedy", "excerpt")


def reject_lines(settings: Settings) -> Iterator[str]:
    """A paragraph per source and reason: how many, the first place, its structure, the remedy.

    Those of files that do not lie among the inputs anymore have paragraphs of their own.

    Raises:
        MeterhouseError: Nothing has been landed in this folder.
    """
    if not (settings.landing / "_rejects").is_dir():
        raise MeterhouseError(f"Nothing has been landed in {settings.data} yet: meterhouse run")
    gone = _gone(settings)
    grouped = (
        pl.scan_parquet(settings.landing / "_rejects" / "*" / "*.parquet")
        .with_columns(pl.col("file_name").is_in(gone).alias("is_gone"))
        .sort("is_gone", "source", "file_name", "line_number", nulls_last=False)
        .group_by("source", "reason_code", "column_name", "is_gone", maintain_order=True)
        .agg(pl.len(), pl.first(*FIRST))
        .collect()
    )
    if grouped.is_empty():
        yield "Nothing was rejected."
    for row in grouped.iter_rows(named=True):
        yield from _paragraph(row)


def _paragraph(row: Mapping[str, object]) -> Iterator[str]:
    line = "" if row["line_number"] is None else f":{row['line_number']}"
    byte = "" if row["byte_offset"] is None else f" (byte {row['byte_offset']:,})"
    yield f"{row['source']}  {row['reason_code']}  {row['len']:,} times"
    yield f"    first at   {row['file_name']}{line}{byte}"
    yield f"    wrong      {row['message']}"
    if row["excerpt"]:
        yield f"    structure  {row['excerpt']}"
    yield f"    remedy     {row['remedy']}"
    if row["is_gone"]:
        yield "    gone       its file does not lie among the inputs anymore, by this name"


def _gone(settings: Settings) -> list[str]:
    """Files with rejects that do not lie among the inputs, nor below the stated locations."""
    names = (
        pl.scan_parquet(settings.landing / "_rejects" / "*" / "*.parquet")
        .select(pl.col("file_name").unique().sort())
        .collect()
        .to_series()
    )
    objects = remembered_urls(settings.landing)
    return [one for one in names if one not in objects and not _lies(settings.inputs / one)]


def _lies(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # behind a folder that may not be entered: the next landing says so
        return True
