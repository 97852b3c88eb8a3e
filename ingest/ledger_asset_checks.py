"""What must hold between a GPU and what happens to it: only what can be amortized is taken."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]


def asset_event_faults(fleet: Sequence[Row], events: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    """Faults of the events of each GPU, in the order in which they hold.

    Args:
        fleet: Rows of gpu_fleet.
        events: Rows of gpu_asset_events; those of unknown GPUs are passed over.

    Yields:
        The event's row, and column and what to do.
    """
    gpus = {row["gpu_uuid"]: row for row in fleet}
    methods = {uuid: gpu["amortization_method"] or "straight_line" for uuid, gpu in gpus.items()}
    sold: set[str] = set()
    for event in sorted(events, key=lambda event: event["event_date"]):
        uuid = event["gpu_uuid"]
        if uuid not in gpus:
            continue
        yield from ((event, fault) for fault in _place_faults(gpus[uuid], event, uuid in sold))
        yield from ((event, fault) for fault in _unit_faults(methods[uuid], event))
        methods[uuid] = event["amortization_method"] or methods[uuid]
        if event["event_kind"] == "disposal" and (event["share_ratio"] or Decimal(1)) == 1:
            sold.add(uuid)


def _place_faults(gpu: Row, event: Row, is_sold: bool) -> Iterator[str]:
    if gpu["acquisition_kind"] in ("lease", "rental"):
        yield "gpu_uuid: a leased or rented GPU has no book value; events are of purchased ones"
    if event["event_date"] < gpu["in_service_date"]:
        yield "event_date: before the GPU's in_service_date; its cost begins there, correct one"
    if is_sold:
        yield "event_date: after the disposal of the whole GPU; remove it or state its share_ratio"


def _unit_faults(method: str, event: Row) -> Iterator[str]:
    new = event["amortization_method"] or method
    is_by_units = new.startswith("units_of_")
    if is_by_units and new != method and not event["expected_units"]:
        yield "expected_units: empty or 0; the new method needs the units from this day on"
    if event["expected_units"] is not None and not is_by_units:
        yield "expected_units: only of the methods units_of_gpu_hours and units_of_tokens"
