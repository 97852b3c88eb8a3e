import csv
import io
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from ingest.errors import MeterhouseError
from pipelines.journal import write_journal
from pipelines.publish import publish
from pipelines.settings import Settings

ROWS = """
create table fct_journal_daily as
select * from (values
    (date '2026-09-30', 'energy', '6051', 'R', 1.10::decimal(18, 2), 0::decimal(18, 2)),
    (date '2026-09-30', 'energy', '4010', '', 0, 1.10),
    (date '2026-10-01', 'cloud_tokens', '6300', '=cmd()', 0.07, 0),
    (date '2026-10-01', 'cloud_tokens', '4010', '', 0, 0.07)
) as lines(usage_date, entry_kind, account, cost_center, debit_usd, credit_usd)
"""


@pytest.fixture
def published(tmp_path: Path) -> Settings:
    settings = Settings(data=tmp_path)
    settings.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(settings.warehouse) as connection:
        connection.execute(ROWS)
    publish(settings, stamp=datetime(2026, 10, 2))  # noqa: DTZ001 naive UTC by contract
    return settings


def test_a_month_is_booked_debits_before_the_credit(published: Settings) -> None:
    text = io.StringIO()
    assert write_journal(published, "2026-09", text) == 2
    assert text.getvalue() == (
        "date,entry_kind,account,cost_center,debit_usd,credit_usd\n"
        "2026-09-30,energy,6051,R,1.10,0.00\n"
        "2026-09-30,energy,4010,,0.00,1.10\n"
    )


def test_no_spreadsheet_takes_a_cell_for_a_formula(published: Settings, tmp_path: Path) -> None:
    write_journal(published, None, tmp_path / "journal.csv")
    rows = list(csv.DictReader((tmp_path / "journal.csv").open()))
    assert [row["cost_center"] for row in rows] == ["R", "", "'=cmd()", ""]


@pytest.mark.parametrize(("month", "told"), [("2026-13", "2026-10"), ("2025-01", "no lines")])
def test_a_month_that_cannot_be_booked_is_told(published: Settings, month: str, told: str) -> None:
    with pytest.raises(MeterhouseError, match=told):
        write_journal(published, month, io.StringIO())
