"""One audit of every corruption at once: Great Expectations takes seconds to import."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from quality_corruptions import CORRUPTIONS, TREND_ROWS, Corruption
from quality_landing import NOW, ROWS_PER_DAY, clean_rows, land

from pipelines.quality import CheckResult, audit

FIRST_DAY = date(2026, 1, 5)


def place_of(case: Corruption) -> tuple[str, date]:
    """Each case has a source and a day of its own, so that cases do not touch each other."""
    number = CORRUPTIONS.index(case)
    return f"case{number}", case.day or FIRST_DAY + timedelta(days=number)


def _land_case(landing: Path, case: Corruption) -> set[date]:
    source, day = place_of(case)
    count = TREND_ROWS if case.has_neighbors else ROWS_PER_DAY
    rows = case.alter(clean_rows(case.table, day, count))
    if rows:
        land(landing, case.table, source, day, rows)
    around = [day + timedelta(days=n) for n in (-2, -1, 1, 2)] if case.has_neighbors else []
    for other in around:
        land(landing, case.table, source, other, clean_rows(case.table, other, count))
    return {day, *around}


@pytest.fixture(scope="session")
def corrupted(tmp_path_factory: pytest.TempPathFactory) -> tuple[CheckResult, ...]:
    landing = tmp_path_factory.mktemp("corrupted") / "landing"
    touched: dict[str, set[date]] = {}
    for case in CORRUPTIONS:
        touched.setdefault(case.table, set()).update(_land_case(landing, case))
    return audit(landing, {table: sorted(days) for table, days in touched.items()}, now=NOW)
