"""`meterhouse quotas import`: rows of the quotas ledger from what gateways and providers export."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from ingest.errors import MeterhouseError
from ingest.files import write_atomically
from ingest.ledger_specs import LEDGERS
from ingest.ledgers import validate
from pipelines.quota_files import LeftOut, Limit, limits_of
from pipelines.settings import Settings

COLUMNS = tuple(column.name for column in LEDGERS["quotas"].columns)
Row = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import did to the ledger."""

    ledger: Path
    added: int
    changed: int
    unchanged: int
    left_out: Sequence[str]

    def lines(self) -> Iterator[str]:
        """What to tell the user."""
        yield (
            f"{self.ledger}: {self.added} new, {self.changed} changed, {self.unchanged} unchanged"
        )
        yield from (f"left out: {text}" for text in self.left_out)


def import_quotas(settings: Settings, file: Path, *, effective: date | None = None) -> Imported:
    """Take over the limits of an export from a day on; what held before stays in the ledger.

    Args:
        settings: Of the company.
        file: See quota_files.limits_of.
        effective: First day (UTC) on which they hold; without it today.

    Raises:
        MeterhouseError: The file or the ledger cannot be read; nothing was written.
    """
    ledger = settings.ledgers / "quotas.csv"
    _, faults = validate(settings.ledgers)
    if wrong := [fault for fault in faults if fault.startswith("ledgers/quotas.csv")]:
        raise MeterhouseError(wrong[0], "correct the ledger first")
    day = effective or datetime.now(UTC).date()
    rows = _ledger_rows(ledger)
    open_rows = {row["quota_id"]: row for row in rows if not row["valid_to"]}
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    left_out = []
    for item in limits_of(file):
        if isinstance(item, LeftOut):
            left_out.append(item.text)
            continue
        new = _row_of(item, day)
        old = open_rows.get(new["quota_id"])
        if old is not None and Decimal(old["limit_value"]) == item.limit_value:
            counts["unchanged"] += 1
            continue
        if old is None:
            counts["added"] += 1
            rows.append(new)
        else:
            counts["changed"] += 1
            rows += _superseded(old, new, day)
        open_rows[new["quota_id"]] = new
    if counts["added"] or counts["changed"]:
        write_atomically(ledger, _csv_text(rows).encode())
    return Imported(ledger=ledger, left_out=left_out, **counts)


def _ledger_rows(ledger: Path) -> list[Row]:
    if not ledger.exists():
        return []
    with ledger.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    return [{name: row.get(name) or "" for name in COLUMNS} for row in rows]


def _row_of(limit: Limit, day: date) -> Row:
    name = [limit.scope_kind, limit.scope_id, limit.measure, limit.period_kind]
    stated = {
        "quota_id": " ".join(part for part in name if part),
        "scope_kind": limit.scope_kind,
        "scope_id": limit.scope_id,
        "provider_name": limit.provider_name,
        "measure": limit.measure,
        "limit_value": f"{limit.limit_value:f}",
        "period_kind": limit.period_kind,
        "valid_from": day.isoformat(),
    }
    return {column: stated.get(column) or "" for column in COLUMNS}


def _superseded(old: Row, new: Row, day: date) -> list[Row]:
    """The new row, with what the user added to the old one; that ends when the new one begins."""
    for column in ("time_zone", "rollover_ratio", "model_name"):
        new[column] = old[column]
    if date.fromisoformat(old["valid_from"]) >= day:
        old["limit_value"] = new["limit_value"]
        return []
    old["valid_to"] = day.isoformat()
    return [new]


def _csv_text(rows: Sequence[Row]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
