"""Hours of own GPUs as nodes: what an hour cost, and the asset behind it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pipelines.explain.node import Node

Row = Mapping[str, Any]
SPLIT: Final = ("direct_cost_usd",)  # overhead is a share of the whole fleet's months
PARTS: Final = {
    "amortized_cost_usd": "amortization",
    "lease_cost_usd": "lease or rental",
    "energy_cost_usd": "energy",
    "opex_cost_usd": "operating cost of host and GPU",
}


def gpu_hours(found: Sequence[Row], assets: Mapping[str, Row], column: str) -> list[Node]:
    """One node for each holder of a GPU in the hour.

    Args:
        found: Rows of fct_gpu_allocations_hourly with their GPU hour's energy.
        assets: Rows of dim_gpus by gpu_uuid.
        column: The cost that the parts sum to: direct_cost_usd or overhead_cost_usd.
    """
    return [
        Node(
            text=_held(row),
            cost_usd=row[column],
            parts=tuple(_parts(row, assets[row["gpu_uuid"]])) if column in SPLIT else (),
        )
        for row in found
    ]


def _held(row: Row) -> str:
    holder = row["holder_id"] or (row["idle_cause"] or "").replace("_", " ")
    state = "" if row["allocation_status"] == "allocated" else ", idle"
    cause = f" ({row['idle_cause'].replace('_', ' ')})" if row["idle_cause"] else ""
    return (
        f"{row['gpu_hours'].normalize():f} h of {row['gpu_uuid']} on {row['host_name']}: "
        f"{holder}{state}{cause}"
    )


def _parts(row: Row, asset: Row) -> Iterator[Node]:
    for column, name in PARTS.items():
        if row[column]:
            yield Node(text=f"{name}{_why(column, row, asset)}", cost_usd=row[column])


def _why(column: str, row: Row, asset: Row) -> str:
    if column == "amortized_cost_usd":
        method = (asset.get("amortization_method") or "straight_line").replace("_", " ")
        return (
            f": gpu_fleet has ${asset['purchase_price_usd']:f} to ${asset['residual_value_usd']:f} "
            f"over {asset['useful_life_months']} months from {asset['in_service_date']}, {method}"
        )
    if column == "energy_cost_usd":
        filled = row["filled_energy_joules"]
        assumed = f" and {filled:,.0f} J assumed" if filled else ""
        measured = row["energy_joules"]
        told = "none measured" if measured is None else f"{measured:,.0f} J measured"
        coverage = row["telemetry_coverage_ratio"]
        return f": of the GPU's hour {told}{assumed}, {coverage:.0%} covered, x PUE x tariff"
    return ""
