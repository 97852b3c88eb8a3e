"""dbt models as assets; their tests appear as asset checks."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets

from pipelines.dbt_manifest import ensure_manifest, new_build_folder
from pipelines.defs.raw import raw_key
from pipelines.defs.resources import DataFolder
from pipelines.forecast_step import ensure_forecasts
from pipelines.inflation_step import ensure_inflation
from pipelines.plan import rebuilds_everything
from pipelines.settings import Settings
from pipelines.warehouse_lock import wait_until_unlocked

# Files that the audit hands to dbt, beside the tables it judged.
HANDED_OVER = {dg.AssetKey(["raw", "touched_dates"])}
AUDIT = dg.AssetDep(raw_key("usage_events"))


class AfterTheAudit(DagsterDbtTranslator):
    """What has no audited table above it still waits for the audit.

    Dagster then starts dbt once before the forecast and once after it, and not for each layer.
    """

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The layer: staging, intermediate or marts."""
        return dbt_resource_props["config"].get("schema") or "marts"

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """The usual spec, with the audit in place of a handed-over file or above a seed."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        kept = [dep for dep in spec.deps if dep.asset_key not in HANDED_OVER]
        is_root = unique_id.startswith("seed.") or len(kept) < len(list(spec.deps))
        return spec.replace_attributes(deps=[*kept, AUDIT]) if is_root else spec


@dbt_assets(
    manifest=ensure_manifest(Settings.from_environment()),
    dagster_dbt_translator=AfterTheAudit(),
)
def warehouse(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, folder: DataFolder
) -> Iterator[Any]:
    """Build the touched days, or everything when the rules or a ledger changed."""
    settings = folder.settings
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    ensure_forecasts(settings)
    ensure_inflation(settings)
    wait_until_unlocked(settings)
    full = ["--full-refresh"] if rebuilds_everything(settings) else []
    command = ["build", "--exclude-resource-type", "unit_test", *full]
    target = new_build_folder(settings, context.op_execution_context.op.name)
    yield from dbt.cli(command, context=context, target_path=target).stream()
