"""The pages in order, each with its sections and the filters that its figures heed."""

from pipelines.dashboard import (
    books,
    causes,
    costs,
    explorer,
    forecasts,
    gpu_assets,
    gpus,
    overview,
    quotas,
    trust,
    whatif,
)
from pipelines.dashboard.blocks import Page
from pipelines.dashboard.explorer import preset

_DAYS = ("period", "before")
_OWNERS = ("team", "model", "provider")
_TOKEN_CLASSES = (
    preset("cost-by-token-class", "token_class_cost_usd", "token_class"),
    preset("tokens-by-token-class", "token_class_tokens", "token_class"),
)

PAGES = (
    Page(
        name="overview",
        heading="Overview",
        tiles=overview.tiles,
        sections=(preset("spend", "spend_usd", "team_id"), costs.unit_cost),
        filters=(*_DAYS, *_OWNERS),
    ),
    Page(
        name="costs",
        heading="Costs",
        sections=(explorer.explorer, costs.models, *_TOKEN_CLASSES),
        still=(
            preset("spend-by-model", "spend_usd", "model_name"),
            preset("spend-by-kind", "spend_usd", "charge_kind"),
            preset("gpu-cost-by-host", "gpu_cost_usd", "host_name"),
            costs.models,
            *_TOKEN_CLASSES,
        ),
        filters=(*_DAYS, *_OWNERS, "host", "explorer"),
    ),
    Page(
        name="own-gpus",
        heading="Own GPUs",
        sections=(
            gpus.token_bases,
            gpu_assets.against_cloud,
            gpus.utilization,
            gpus.hours_of_the_week,
            preset("idle", "idle_cost_usd", "idle_cause"),
            gpu_assets.capacity,
            gpu_assets.deployments,
            gpus.power,
            gpu_assets.amortization,
        ),
        filters=(*_DAYS, "model", "host"),
    ),
    Page(
        name="quota",
        heading="Quotas",
        sections=(quotas.quotas, quotas.exhaustion, quotas.consumers),
        filters=("team",),
    ),
    Page(
        name="inflation",
        heading="Inflation",
        sections=(causes.why_it_grew, causes.indexes),
        filters=(*_DAYS, "team"),
        days=causes.DAYS,
    ),
    Page(
        name="forecast",
        heading="Forecast",
        sections=(
            forecasts.demand,
            whatif.totals,
            whatif.quotas,
            forecasts.vintages,
            forecasts.backtests,
        ),
        still=(forecasts.demand, forecasts.vintages, forecasts.backtests),
        filters=(*_OWNERS, "scenario"),
    ),
    Page(
        name="price-book",
        heading="Prices",
        sections=(books.prices, trust.unpriced),
        filters=("period", "model", "provider"),
    ),
    Page(
        name="reconciliation",
        heading="Reconciliation",
        sections=(books.sources, books.bills, books.claims),
        filters=("period",),
    ),
    Page(
        name="data-quality",
        heading="Data quality",
        sections=(trust.quality, trust.unknown_fields),
    ),
)
