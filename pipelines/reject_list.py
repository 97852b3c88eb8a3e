"""The lines that could not be read, grouped by what to do about them."""

import polars as pl
from rich.table import Table

from ingest.errors import MeterhouseError
from pipelines.settings import Settings


def reject_table(settings: Settings) -> Table:
    """One row per source and reason: how many, the first place, the remedy.

    Raises:
        MeterhouseError: Nothing has been landed in this folder.
    """
    if not (settings.landing / "_rejects").is_dir():
        raise MeterhouseError(f"Nothing has been landed in {settings.data} yet: meterhouse run")
    grouped = (
        pl.scan_parquet(settings.landing / "_rejects" / "*" / "*.parquet")
        .sort("source", "file_name", "line_number", nulls_last=False)
        .group_by("source", "reason_code", "column_name", maintain_order=True)
        .agg(pl.len(), pl.first("file_name", "line_number", "message", "remedy"))
        .collect()
    )
    table = Table("source", "reason", "lines", "first at", "what is wrong", "remedy")
    for row in grouped.iter_rows(named=True):
        line = "" if row["line_number"] is None else f":{row['line_number']}"
        place = f"{row['file_name']}{line}"
        cells = (row["source"], row["reason_code"], f"{row['len']:,}", place)
        table.add_row(*cells, row["message"], row["remedy"])
    if grouped.is_empty():
        table.caption = "Nothing was rejected."
    return table
