"""Rows of a section as CSV that a spreadsheet opens without running anything."""

import csv
import io
from datetime import date
from decimal import Decimal

from pipelines.dashboard.blocks import Section

# A cell that begins so is a formula to a spreadsheet.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def section_csv(section: Section) -> str:
    """Write every row with its values in full: money with all places, unknown is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.key for column in section.columns])
    for row in section.rows:
        writer.writerow([cell(row[column.key]) for column in section.columns])
    return text.getvalue()


def cell(value: object) -> str:
    """Write one value; text that a spreadsheet would take for a formula gets an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bool | int | float | date):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULAS) else text
