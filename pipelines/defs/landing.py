"""Native files to canonical Parquet: one asset per source, one walk over the inputs."""

from collections import Counter
from collections.abc import Iterator

import dagster as dg

from ingest.manifests import read_manifests
from ingest.sources import SOURCES
from pipelines.defs.resources import DataFolder
from pipelines.intake import take_in
from pipelines.lock import hold_run_lock


def landing_key(source: str) -> dg.AssetKey:
    """Asset key of a source's landed files."""
    return dg.AssetKey(["landing", source])


@dg.multi_asset(
    name="land",
    group_name="landing",
    specs=[
        *(
            dg.AssetSpec(landing_key(s.name), description=s.description, metadata={"docs": s.docs})
            for s in SOURCES.values()
        ),
        dg.AssetSpec(landing_key("declared_mappings"), description="Logs described by a TOML file"),
    ],
)
def land(
    context: dg.AssetExecutionContext, folder: DataFolder
) -> Iterator[dg.MaterializeResult[None]]:
    """Land what is new."""
    settings = folder.settings
    hold_run_lock(settings)
    report = take_in(settings)
    for line in report.lines():
        context.log.warning(line)
    rows = Counter[str]()
    for manifest in read_manifests(settings.landing):
        name = manifest.source if manifest.source in SOURCES else "declared_mappings"
        rows[name] += manifest.rows_landed
    for name in [*SOURCES, "declared_mappings"]:
        yield dg.MaterializeResult(asset_key=landing_key(name), metadata={"rows": rows[name]})
