"""`meterhouse explain`: a charge or a request, taken apart."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import duckdb

from ingest.errors import MeterhouseError
from pipelines.explain import queries
from pipelines.explain.gpus import gpu_hours
from pipelines.explain.node import Node
from pipelines.explain.requests import cloud_request, own_request
from pipelines.publish import read_current
from pipelines.settings import Settings

Row = Mapping[str, Any]
CHARGE_ID_LENGTH: Final = 16
TITLES: Final = {
    "cloud_tokens": "cloud tokens",
    "cloud_idle": "reserved throughput that served nothing",
    "own_gpu_allocated": "own GPUs, used",
    "own_gpu_idle": "own GPUs, idle",
    "own_gpu_overhead": "own GPUs, overhead of the fleet",
}


def explain(settings: Settings, cost_id: str, *, most: int = 10) -> Node:
    """Take one number of the newest snapshot apart.

    Args:
        settings: Whose data folder.
        cost_id: charge_id of fct_charges_hourly, or event_id of fct_usage_events.
        most: How many requests and GPUs are shown; the rest is one line with their sum.

    Returns:
        The number as a tree whose parts sum to it.

    Raises:
        MeterhouseError: Nothing is published, or no row has this id.
    """
    with read_current(settings) as connection:
        if len(cost_id) == CHARGE_ID_LENGTH:
            for charge in rows(connection, queries.CHARGE, [cost_id]):
                return _charge(connection, charge, most)
        for event in rows(connection, queries.EVENT, [cost_id]):
            return _event(connection, event, most)
    raise MeterhouseError(
        f"No charge or request has the id {cost_id!r}.",
        "Take a charge_id from fct_charges_hourly, or an event_id from fct_usage_events.",
    )


def rows(
    connection: duckdb.DuckDBPyConnection, query: str, values: object = None
) -> list[dict[str, Any]]:
    """Rows of a query by column name."""
    found = connection.execute(query, values)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _charge(connection: duckdb.DuckDBPyConnection, charge: Row, most: int) -> Node:
    place = " ".join(filter(None, (charge["provider_name"], charge["model_name"])))
    text = (
        f"{TITLES[charge['charge_kind']]}: {place}, {charge['team_id']}, "
        f"{charge['hour_start_at']:%Y-%m-%d %H}:00 UTC"
    )
    parts = {
        "cloud_tokens": _cloud,
        "cloud_idle": _reserved,
        "own_gpu_allocated": _used,
        "own_gpu_idle": _gpus,
        "own_gpu_overhead": _gpus,
    }[charge["charge_kind"]](connection, charge, most)
    return Node(text=text, cost_usd=charge["effective_cost_usd"], parts=parts)


def _cloud(connection: duckdb.DuckDBPyConnection, charge: Row, most: int) -> tuple[Node, ...]:
    events = rows(connection, queries.CLOUD_EVENTS, _named(charge, queries.CLOUD_EVENTS))
    shown = [cloud_request(event, _price(connection, event)) for event in events[:most]]
    return (*shown, *_rest(events[most:], "contracted_cost_usd"))


def _reserved(
    connection: duckdb.DuckDBPyConnection,  # noqa: ARG001 - one of several that are called alike
    charge: Row,
    most: int,  # noqa: ARG001
) -> tuple[Node, ...]:
    text = "the hourly price of the reservations in the ledger provisioned_throughput"
    return (Node(text=text, cost_usd=charge["effective_cost_usd"]),)


def _used(connection: duckdb.DuckDBPyConnection, charge: Row, most: int) -> tuple[Node, ...]:
    """A team's share of the GPUs that answered, and the GPUs that worked for it otherwise."""
    served = [
        part
        for share in rows(connection, queries.SHARE, _named(charge, queries.SHARE))
        for part in _served(connection, charge, share, most)
    ]
    worked = _gpus(connection, {**charge, "charge_kind": "own_gpu_worked"}, most)
    if not (served and worked):
        return (*served, *worked)
    text = "training and other work of the team, by the GPUs it held"
    costs = (part.cost_usd for part in worked if part.cost_usd is not None)
    return (*served, Node(text=text, cost_usd=sum(costs, Decimal(0)), parts=worked))


def _served(
    connection: duckdb.DuckDBPyConnection, charge: Row, share: Row, most: int
) -> tuple[Node, ...]:
    """Both phases of the share, which are its cost; then what was shared, and who carries it."""
    (teams,) = rows(connection, queries.TEAMS_OF_MODEL, _named(charge, queries.TEAMS_OF_MODEL))
    requests = rows(connection, queries.REQUESTS, _named(charge, queries.REQUESTS))
    return (
        *(_phase(share, teams, phase) for phase in ("input", "output")),
        Node(
            text=(
                f"shared with {_others(teams, share)}: the GPUs that served the model in this "
                f"hour, ${share['model_allocated_cost_usd']:f}"
            ),
            parts=_gpus(connection, {**charge, "charge_kind": "own_gpu_served"}, most),
        ),
        Node(
            text=f"{len(requests):,} requests of the team carry its share",
            parts=(
                *(own_request(request) for request in requests[:most]),
                *_rest(requests[most:], "effective_cost_usd"),
            ),
        ),
    )


def _phase(share: Row, teams: Row, phase: str) -> Node:
    weights = share["model_input_phase_weight"], share["model_output_phase_weight"]
    part = weights[0] if phase == "input" else weights[1]
    basis = share[f"{phase}_basis"].replace("_", " ")
    return Node(
        text=(
            f"{phase}: {share[f'team_{phase}_weight']:,} of {int(teams[f'{phase}_weight']):,} "
            f"{basis}; {phase} weighs {part:,} of {sum(weights):,} "
            f"({share['phase_basis'].replace('_', ' ')}), ${teams[f'{phase}_cost_usd']:f}"
        ),
        cost_usd=share[f"{phase}_cost_usd"],
    )


def _others(teams: Row, share: Row) -> str:
    whole = teams["input_cost_usd"] + teams["output_cost_usd"]
    own = share["input_cost_usd"] + share["output_cost_usd"]
    return "nobody" if whole == own else f"other teams (${whole - own:f})"


def _gpus(connection: duckdb.DuckDBPyConnection, charge: Row, most: int) -> tuple[Node, ...]:
    found = rows(connection, queries.GPU_HOURS, _named(charge, queries.GPU_HOURS))
    column = (
        "overhead_cost_usd" if charge["charge_kind"] == "own_gpu_overhead" else "direct_cost_usd"
    )
    assets = {
        row["gpu_uuid"]: rows(connection, queries.GPU, [row["gpu_uuid"]])[0] for row in found[:most]
    }
    return (*gpu_hours(found[:most], assets, column), *_rest(found[most:], column))


def _event(connection: duckdb.DuckDBPyConnection, event: Row, most: int) -> Node:
    if not event["is_self_hosted"]:
        return cloud_request(event, _price(connection, event))
    (charge_id,) = [
        row["charge_id"] for row in rows(connection, queries.CHARGE_OF_EVENT, [event["event_id"]])
    ] or [None]
    costs = rows(connection, queries.REQUEST_COST, [event["event_id"]])
    if not costs or charge_id is None:
        return own_request({**event, "effective_cost_usd": None})
    (charge,) = rows(connection, queries.CHARGE, [charge_id])
    node = own_request({**event, **costs[0]})
    whole = _charge(connection, charge, most)
    return Node(
        text=node.text,
        cost_usd=node.cost_usd,
        parts=(*node.parts, Node(text=f"a part of charge {charge_id}", parts=(whole,))),
    )


def _price(connection: duckdb.DuckDBPyConnection, event: Row) -> Row | None:
    if event["price_id"] is None:
        return None
    return next(iter(rows(connection, queries.PRICE, [event["price_id"]])), None)


def _named(charge: Row, query: str) -> dict[str, Any]:
    """The values of a charge that a query names with `$`."""
    return {name: value for name, value in charge.items() if f"${name}" in query}


def _rest(others: list[dict[str, Any]], column: str) -> tuple[Node, ...]:
    if not others:
        return ()
    known = [row[column] for row in others if row[column] is not None]
    return (Node(text=f"{len(others):,} more", cost_usd=sum(known) if known else None),)
