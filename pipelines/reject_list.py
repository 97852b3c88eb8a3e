"""The lines that could not be read, grouped by what to do about them."""

from collections.abc import Iterator, Mapping

import polars as pl

from ingest.errors import MeterhouseError
from pipelines.settings import Settings

FIRST = ("file_name", "line_number", "byte_offset", "message", "remedy", "excerpt")


def reject_lines(settings: Settings) -> Iterator[str]:
    """A paragraph per source and reason: how many, the first place, its structure, the remedy.

    Raises:
        MeterhouseError: Nothing has been landed in this folder.
    """
    if not (settings.landing / "_rejects").is_dir():
        raise MeterhouseError(f"Nothing has been landed in {settings.data} yet: meterhouse run")
    grouped = (
        pl.scan_parquet(settings.landing / "_rejects" / "*" / "*.parquet")
        .sort("source", "file_name", "line_number", nulls_last=False)
        .group_by("source", "reason_code", "column_name", maintain_order=True)
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
