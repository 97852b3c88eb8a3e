"""The snapshot that analysts read, and the page made from it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg

from ingest.landing_compaction import compact
from ingest.manifests import read_manifests
from pipelines.dashboard import write_dashboard
from pipelines.defs.resources import DataFolder
from pipelines.defs.warehouse import warehouse
from pipelines.lock import hold_run_lock
from pipelines.plan import mark_built, published_manifests
from pipelines.publish import publish

# The job runs once a day; a day and a half without a new snapshot means that one was missed.
FRESH = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(hours=36), warn_window=timedelta(hours=26)
)
DATABASE = dg.AssetKey(["published", "database"])
DASHBOARD = dg.AssetKey(["published", "dashboard"])


@dg.multi_asset(
    name="publish",
    group_name="published",
    specs=[
        dg.AssetSpec(DATABASE, deps=[*warehouse.keys], freshness_policy=FRESH),
        dg.AssetSpec(DASHBOARD, deps=[DATABASE], freshness_policy=FRESH),
    ],
)
def published(
    context: dg.AssetExecutionContext, folder: DataFolder
) -> Iterator[dg.MaterializeResult[None]]:
    """Publish what passed every gate, then remember what was built."""
    settings = folder.settings
    hold_run_lock(settings)
    snapshot = publish(settings, stamp=datetime.now(UTC), run_id=context.run_id)
    yield dg.MaterializeResult(asset_key=DATABASE, metadata={"path": str(snapshot.path)})
    page = write_dashboard(settings)
    mark_built(settings)
    # Only now: what is not published may still be withdrawn, in its parts.
    merged = compact(
        settings.landing,
        read_manifests(settings.landing),
        settled=published_manifests(settings),
        today=datetime.now(UTC).date(),
    )
    context.log.info(f"{merged} small parts of logs merged")
    yield dg.MaterializeResult(asset_key=DASHBOARD, metadata={"path": str(page)})
