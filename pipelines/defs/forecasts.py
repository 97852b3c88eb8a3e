"""Forecasts from the daily facts, after a guard; dbt publishes them as marts."""

from collections.abc import Iterator

import dagster as dg

from pipelines.defs.checks import check_result, check_spec
from pipelines.defs.resources import DataFolder
from pipelines.forecast_guard_step import guard_forecasts
from pipelines.forecast_step import forecast
from pipelines.quality import expectation_specs, explain_failures
from pipelines.quality.forecast_measures import SUITE

TABLES = {
    "forecasts": "Ninety days of tokens, requests, users, cost, GPU hours, VRAM and power",
    "backtests": "How good past forecasts would have been, by series and method",
    "vintages": "Forecasts as they were made, beside what came",
    "quota_exhaustion": "When each quota will be used up, by period",
    "quota_exhaustion_daily": "How likely each quota is used up by each day",
    "excluded_days": "Days that were left out because their data failed a check",
}
READ = (
    dg.AssetKey(["intermediate", "int_forecast_measures_daily"]),
    dg.AssetKey(["intermediate", "int_gpu_pools_daily"]),
    dg.AssetKey(["intermediate", "int_gpu_telemetry_daily"]),
    dg.AssetKey(["intermediate", "int_own_gpu_costs_known"]),
    dg.AssetKey("fct_gpu_allocations_hourly"),
    dg.AssetKey("fct_quota_consumption_daily"),
    dg.AssetKey("fct_token_costs_daily"),
    dg.AssetKey("fct_usage_events"),
    dg.AssetKey("fct_usage_hourly"),
)
RESULTS = dg.AssetKey(["quality", "results"])


@dg.multi_asset(
    name="forecasts__forecasts",
    group_name="forecasts",
    specs=[
        # Here and not in a step of its own: Dagster would start dbt once more between the two.
        dg.AssetSpec(RESULTS, deps=[*READ], description="What the audit and the guard found"),
        *(
            dg.AssetSpec(["forecasts", name], deps=[*READ], description=text)
            for name, text in TABLES.items()
        ),
    ],
    check_specs=[check_spec(spec, RESULTS) for spec in expectation_specs([SUITE])],
)
def forecasts(
    context: dg.AssetExecutionContext, folder: DataFolder
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Judge the daily measures, then forecast demand and quotas from those that are sound."""
    guarded = guard_forecasts(folder.settings, context.run_id)
    for line in explain_failures(guarded.results):
        context.log.error(line)
    yield dg.MaterializeResult(asset_key=RESULTS, metadata={"checks": len(guarded.results)})
    written = forecast(folder.settings, guarded.excluded)
    for name, rows in written.items():
        yield dg.MaterializeResult(asset_key=["forecasts", name], metadata={"rows": rows})
    for spec in expectation_specs([SUITE]):
        yield check_result(spec, RESULTS, guarded.results)
