"""Every ledger by name; a new one is a spec in one of these modules."""

from collections.abc import Mapping
from typing import Final

from ingest.ledger_columns import Column, Kind, Ledger
from ingest.ledger_fleet import FLEET
from ingest.ledger_owners import OWNERS
from ingest.ledger_prices import PRICES
from ingest.ledger_quotas import QUOTAS
from ingest.ledger_tco import TCO

__all__ = ["LEDGERS", "Column", "Kind", "Ledger"]

LEDGERS: Final[Mapping[str, Ledger]] = {
    ledger.name: ledger for ledger in (*FLEET, *OWNERS, *QUOTAS, *PRICES, *TCO)
}
