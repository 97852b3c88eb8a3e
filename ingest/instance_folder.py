"""Which folder below a source's names the instance: never one that only says when.

Log shippers file by date: LiteLLM's `2026-05-05/`, AWS' `2026/05/05/10/`, Hive's `dt=2026-05-05/`
and Azure's `y=2026/m=05/d=05/h=10/m=00/`. A new instance each day would make another gateway of
every day, and other events of the same requests.
"""

import re
from collections.abc import Sequence
from typing import Final

from ingest.manifests import NO_INSTANCE

# 2026, 2026-05, 2026-05-05, 20260505, and a day with its hour: 2026-05-05-10, 2026-05-05T10.
YEAR, MONTH, DAY = r"20\d\d", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
DATE: Final = re.compile(
    rf"{YEAR}(?:[-_.]{MONTH})?|(?:{YEAR}[-_.]{MONTH}[-_.]{DAY}|{YEAR}{MONTH}{DAY})(?:[-_.T]\d\d)?"
)
NAMED: Final = re.compile(
    r"(?:date|dt|ds|datehour|year|month|day|hour|minute|y|m|d|h)=\d[\d:TZ._-]*", re.IGNORECASE
)
# Month, day, hour or minute; alone it may be the number of anything.
DATE_PART: Final = re.compile(r"\d\d?")
# AWS puts it before the account, whose folder is the one that tells logs apart.
SAME_FOR_ALL: Final = "AWSLogs"


def instance_of(folders: Sequence[str]) -> str:
    """The first folder that is no part of a date, or default.

    Args:
        folders: Those between the source's folder, or its location, and the file, outermost first.
    """
    is_dated = False
    for folder in folders:
        is_part = is_dated and DATE_PART.fullmatch(folder)
        if DATE.fullmatch(folder) or NAMED.fullmatch(folder) or is_part:
            is_dated = True
        elif folder != SAME_FOR_ALL:
            return folder
    return NO_INSTANCE


def former_instance_of(folders: Sequence[str]) -> str:
    """The instance under which earlier versions landed the same file: the first folder."""
    return folders[0] if folders else NO_INSTANCE
