"""The journal as CSV: what accounting books for a month, or for every month there is."""

import csv
import re
from io import StringIO
from pathlib import Path
from typing import Final, TextIO

from ingest.errors import MeterhouseError
from ingest.files import write_atomically
from pipelines.publish import read_current
from pipelines.settings import Settings

COLUMNS: Final = ("date", "entry_kind", "account", "cost_center", "debit_usd", "credit_usd")
LINES: Final = """
select strftime(usage_date, '%Y-%m-%d'), entry_kind, account, cost_center, debit_usd, credit_usd
from fct_journal_daily
where ? is null or strftime(usage_date, '%Y-%m') = ?
order by usage_date, entry_kind, credit_usd, account, cost_center
"""
MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
# A spreadsheet would run what begins like this.
FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


def journal_lines(settings: Settings, month: str | None) -> list[tuple[str, ...]]:
    """Booking lines of the newest snapshot, in order of day and kind of cost.

    Args:
        settings: Whose data folder.
        month: Such as 2026-10 (UTC); None: all months.

    Returns:
        Text in the order of COLUMNS; amounts with two places. Debits and credits of a day and
        kind are equal.

    Raises:
        MeterhouseError: Not a month, nothing published, or no lines in that month.
    """
    if month is not None and not MONTH.fullmatch(month):
        raise MeterhouseError(f"{month!r} is not a month. Write it as 2026-10.")
    with read_current(settings) as connection:
        rows = connection.execute(LINES, [month, month]).fetchall()
    if not rows:
        raise MeterhouseError(
            f"The published books have no lines{f' in {month}' if month else ''}."
        )
    return [tuple(_cell(value) for value in row) for row in rows]


def write_journal(settings: Settings, month: str | None, target: Path | TextIO) -> int:
    """Write the lines as CSV to a file, whole or not at all, or to a stream; their number."""
    lines = journal_lines(settings, month)
    if isinstance(target, Path):
        write_atomically(target, _csv(lines).encode())
    else:
        target.write(_csv(lines))
    return len(lines)


def _csv(lines: list[tuple[str, ...]]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *lines])
    return text.getvalue()


def _cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULAS) else text
