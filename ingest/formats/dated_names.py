"""A day in a file's name, for records that carry no time of their own."""

import re
from datetime import datetime
from typing import Final

from ingest.source import InputFile

# 2026-11-20 anywhere in the path below inputs/, as in 2026-11-20/batch_abc_output.jsonl.
DAY: Final = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)")


def day_of_name(file: InputFile) -> datetime | None:
    """The start of the last day that a file's name holds, as naive UTC; None if it holds none."""
    for text in reversed(DAY.findall(file.name)):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            continue
    return None
