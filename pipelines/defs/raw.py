"""The audited tables, partitioned by day: a failed critical expectation stops what follows."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import dagster as dg

from ingest.sources import SOURCES
from pipelines.defs.checks import check_result, check_spec
from pipelines.defs.landing import landing_key
from pipelines.defs.partitions import ONE_RUN, daily
from pipelines.defs.resources import DataFolder
from pipelines.plan import announce, make_plan
from pipelines.quality import audit, expectation_specs, explain_failures, write_results

# What dbt reads. Dagster writes an event per table and day, 15 ms each: no more than these.
TABLES = ("usage_events", "gpu_samples", "engine_samples")


def raw_key(table: str) -> dg.AssetKey:
    """Asset key of an audited table, which is also the key of its dbt source."""
    return dg.AssetKey(["raw", table])


def _landed(table: str) -> list[dg.AssetKey]:
    sources = [landing_key(s.name) for s in SOURCES.values() if table in s.tables]
    return [*sources, landing_key("declared_mappings")]


def _requested_days(context: dg.AssetExecutionContext) -> list[date]:
    window = context.partition_time_window
    return [
        (window.start + timedelta(days=n)).date() for n in range((window.end - window.start).days)
    ]


@dg.multi_asset(
    name="audit",
    group_name="raw",
    partitions_def=daily,
    backfill_policy=ONE_RUN,
    specs=[dg.AssetSpec(raw_key(table), deps=_landed(table)) for table in TABLES],
    check_specs=[check_spec(spec, raw_key(spec.table_name)) for spec in expectation_specs()],
)
def raw(
    context: dg.AssetExecutionContext, folder: DataFolder
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Audit the touched days, or the days asked for when nothing new arrived."""
    settings = folder.settings
    plan = make_plan(settings)
    if plan.is_empty:
        plan = make_plan(settings, requested=_requested_days(context))
    announce(settings, plan)
    days = plan.touched or dict.fromkeys(TABLES, frozenset(plan.dates))
    results = audit(settings.landing, {table: sorted(d) for table, d in days.items()})
    write_results(results, settings.quality_results, context.run_id, datetime.now(UTC))
    for line in explain_failures(results):
        context.log.error(line)
    for table in TABLES:
        yield dg.MaterializeResult(
            asset_key=raw_key(table), metadata={"touched_days": len(days.get(table, ()))}
        )
    for spec in expectation_specs():
        yield check_result(spec, raw_key(spec.table_name), results)
