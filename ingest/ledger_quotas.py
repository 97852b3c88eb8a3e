"""Ledgers of limits: how much may be used, by whom, and when the count begins anew."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingest.ledger_columns import Column, Ledger, optional, period, ratio

# What requests use, and what allocated GPUs use.
REQUEST_MEASURES: Final = ("tokens", "input_tokens", "output_tokens", "requests")
GPU_MEASURES: Final = ("gpu_hours", "gpus")
SCOPES: Final[Mapping[str, tuple[str, ...]]] = {
    "organization": (*REQUEST_MEASURES, "usd", *GPU_MEASURES),
    "team": (*REQUEST_MEASURES, "usd", *GPU_MEASURES),
    "user": (*REQUEST_MEASURES, "usd"),
    "api_key": (*REQUEST_MEASURES, "usd"),
    "model": (*REQUEST_MEASURES, "usd", *GPU_MEASURES),
    "provider": (*REQUEST_MEASURES, "usd"),
    "deployment": GPU_MEASURES,
    "gpu_pool": GPU_MEASURES,
}
# A rate is compared with the busiest minute or hour, everything else is counted until it resets.
RATES: Final[Mapping[str, tuple[str, ...]]] = {"minute": REQUEST_MEASURES, "hour": ("gpus",)}
STOCKS: Final = ("day", "week", "month", "quarter", "year", "contract")

QUOTAS: Final = (
    Ledger(
        name="quotas",
        doc="One row per limit on consumption. `meterhouse quotas import` writes rows from what "
        "LiteLLM and OpenAI export.",
        columns=(
            Column(name="quota_id", doc="Your own name for it"),
            Column(name="scope_kind", choices=tuple(SCOPES), doc="Whose consumption counts"),
            optional(
                "scope_id",
                "The team, user, key's hash, model, provider or deployment; of a gpu_pool the host "
                "or the GPU model of gpu_fleet; empty for the organization",
            ),
            optional("provider_name", "Count only what this provider served; empty: any"),
            optional("model_name", "Count only this model; empty: any"),
            Column(
                name="measure",
                choices=SCOPES["organization"],
                doc="What is counted; gpus are GPUs held at a time, on average of an hour",
            ),
            Column(
                name="limit_value", kind="decimal", precision=38, places=12, doc="Limit per period"
            ),
            Column(
                name="period_kind",
                choices=(*RATES, *STOCKS),
                doc="When it resets: minute and hour are rates; contract never, from valid_from to "
                "valid_to",
            ),
            optional("time_zone", "Whose midnight resets it, such as Europe/Berlin; empty: UTC"),
            ratio(
                "rollover_ratio",
                "Part of the unused limit that the next period has in addition; used first, and "
                "gone with it; empty: none",
                is_required=False,
            ),
            *period(),
        ),
    ),
    Ledger(
        name="quota_boosts",
        doc="One row per time in which a quota is raised.",
        columns=(
            Column(name="boost_id", doc="Your own name for it"),
            Column(name="quota_id", doc="A quota of quotas"),
            Column(
                name="extra_value",
                kind="decimal",
                precision=38,
                places=12,
                doc="Added to the limit of each period, in the quota's measure",
            ),
            *period(),
        ),
    ),
)


def quota_faults(row: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with one row of quotas, column first."""
    if (row["scope_kind"] == "organization") != (row["scope_id"] is None):
        yield "scope_id: say whose it is; leave it empty for organization"
    measures = SCOPES.get(row["scope_kind"], ())
    if measures and row["measure"] not in measures:
        yield f"measure: not counted by {row['scope_kind']}; use one of {', '.join(measures)}"
    rated = RATES.get(row["period_kind"])
    if rated is not None and row["measure"] not in rated:
        yield f"period_kind: a rate per {row['period_kind']} is of {', '.join(rated)}"
    if row["measure"] == "gpus" and row["period_kind"] != "hour":
        yield "period_kind: gpus are held at a time; use hour"
    if row["period_kind"] == "contract" and row["valid_to"] is None:
        yield "valid_to: empty; a contract states its end"
    if row["rollover_ratio"] is not None:
        if row["rollover_ratio"] > 1:
            yield "rollover_ratio: more than 1; write a part of the whole"
        if rated is not None or row["period_kind"] == "contract":
            yield "rollover_ratio: nothing is left over of a rate or a contract"
    try:
        ZoneInfo(row["time_zone"] or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield "time_zone: not known; use a name such as UTC or Europe/Berlin"
