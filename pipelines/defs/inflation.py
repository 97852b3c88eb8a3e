"""Quota inflation from the marts' facts of demand; dbt publishes its tables as marts."""

from collections.abc import Iterator

import dagster as dg

from pipelines.defs.resources import DataFolder
from pipelines.inflation_step import measure_inflation

DESCRIPTIONS = {
    "price_index": "Price indexes of the organization and of each team, by week and month",
    "quota_inflation_index": "Growth of demand, chained, by cause",
    "cost_drivers": "Why cost and tokens changed, from each period to the next",
}


@dg.multi_asset(
    name="inflation",
    group_name="forecasts",
    specs=[
        dg.AssetSpec(
            ["forecasts", name],
            deps=[
                dg.AssetKey("dim_prices"),
                dg.AssetKey("fct_charges_hourly"),
                dg.AssetKey("fct_gpu_allocations_hourly"),
                dg.AssetKey("fct_token_costs_daily"),
                dg.AssetKey("fct_usage_events"),
            ],
            description=description,
        )
        for name, description in DESCRIPTIONS.items()
    ],
)
def inflation(folder: DataFolder) -> Iterator[dg.MaterializeResult[None]]:
    """Indexes and causes of every complete period; what was published before stays."""
    for name, rows in measure_inflation(folder.settings).items():
        yield dg.MaterializeResult(asset_key=["forecasts", name], metadata={"rows": rows})
