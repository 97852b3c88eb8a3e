"""What landing wrote beside the audited tables: ledgers, price matches, bills, jobs."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import polars as pl

from ingest.ledger_specs import LEDGERS
from ingest.ledgers import LANDED_FOLDER
from ingest.schema import TABLES
from ingest.sources import SOURCES
from pipelines.defs.landing import landing_key
from pipelines.defs.raw import TABLES as AUDITED
from pipelines.defs.resources import DataFolder

# Dagster runs dbt once for everything that is equally far from the inputs. These come after the
# landing, like the audit; were they part of it, dbt would be started a third time.
LANDED = [landing_key(name) for name in [*SOURCES, "declared_mappings"]]
# Tables without measures that a forecast uses; dbt's own tests judge them. All of them: dbt would
# be started for a table that no asset makes before the audit has said what is to be built.
REPORTED_TABLES = tuple(sorted(TABLES.keys() - set(AUDITED)))
HANDED_TO_PRICING = {
    "price_matches": "Which list price a model has",
    "price_imports": "List prices imported since the committed ones",
}


def ledger_key(name: str) -> dg.AssetKey:
    """Asset key of a ledger, which is also the key of its dbt source."""
    return dg.AssetKey(["raw", "ledgers", name])


@dg.multi_asset(
    name="books",
    group_name="raw",
    specs=[
        *(dg.AssetSpec(ledger_key(ledger), deps=LANDED, kinds={"csv"}) for ledger in LEDGERS),
        *(dg.AssetSpec(["raw", table], deps=LANDED) for table in REPORTED_TABLES),
        *(
            dg.AssetSpec(["raw", name], deps=LANDED, description=text)
            for name, text in HANDED_TO_PRICING.items()
        ),
    ],
)
def books(folder: DataFolder) -> Iterator[dg.MaterializeResult[None]]:
    """Report what the user keeps and what others report, as landed."""
    settings = folder.settings
    landed = settings.landing / LANDED_FOLDER
    for name in LEDGERS:
        yield dg.MaterializeResult(
            asset_key=ledger_key(name), metadata={"rows": _rows(landed / f"{name}.parquet")}
        )
    for table in REPORTED_TABLES:
        rows = _rows(settings.landing / table / "*" / "*" / "*.parquet")
        yield dg.MaterializeResult(asset_key=["raw", table], metadata={"rows": rows})
    for name in HANDED_TO_PRICING:
        rows = _rows(settings.state / f"{name}.parquet")
        yield dg.MaterializeResult(asset_key=["raw", name], metadata={"rows": rows})


def _rows(path: Path) -> int:
    return int(pl.scan_parquet(path, hive_partitioning=False).select(pl.len()).collect().item())
