"""dbt models as assets; their tests appear as asset checks."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets

from pipelines.dbt_manifest import ensure_manifest
from pipelines.defs.raw import TOUCHED_DATES
from pipelines.defs.resources import DataFolder
from pipelines.forecast_step import ensure_forecasts
from pipelines.plan import rebuilds_everything
from pipelines.settings import Settings


class AfterTheAudit(DagsterDbtTranslator):
    """Seeds have no source; making them wait for the audit keeps them in the same dbt run."""

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """The usual spec; a seed also depends on the days to rebuild."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        return spec.replace_attributes(deps=[TOUCHED_DATES]) if "seed." in unique_id else spec


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
    full = ["--full-refresh"] if rebuilds_everything(settings) else []
    yield from dbt.cli(["build", "--exclude-resource-type", "unit_test", *full], context=context).stream()
