"""Requests as nodes: the line of the log, the tokens, the price that held."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from pipelines.explain.node import Node

Row = Mapping[str, Any]
# Column of fct_usage_events: its class in dim_prices, and what it is called.
COUNTED: Final = {
    "uncached_input_tokens": ("uncached_input", "uncached input tokens"),
    "cache_read_input_tokens": ("cache_read_input", "input tokens read from cache"),
    "cache_write_input_tokens": ("cache_write_input", "input tokens written to cache"),
    "cache_write_1h_input_tokens": ("cache_write_1h_input", "written to cache for an hour"),
    "output_tokens": ("output", "output tokens"),
    "reasoning_output_tokens": ("reasoning_output", "reasoning tokens"),
    "request_count": ("request", "requests"),
    "web_search_requests": ("web_search", "web searches"),
}


def cloud_request(event: Row, price: Row | None) -> Node:
    """A request to a provider, what each class of its tokens cost, and the price that held."""
    parts = list(_classes(event, price or {}))
    known = sum((part.cost_usd for part in parts if part.cost_usd is not None), Decimal(0))
    cost = event["contracted_cost_usd"]
    if parts and cost is not None and known != cost:
        other = "sound, pictures, video or tool use, at prices of their own"
        parts.append(Node(text=other, cost_usd=cost - known))
    parts += _priced_by(event, price)
    if event["unpriced_reason"]:
        parts.append(Node(text=f"unpriced: {event['unpriced_reason'].replace('_', ' ')}"))
    return Node(text=_line(event), cost_usd=cost, parts=tuple(parts))


def own_request(event: Row) -> Node:
    """A request to own GPUs and its part of its team's share."""
    counts = (
        f"{event['uncached_input_tokens'] or 0:,} uncached input and "
        f"{event['output_tokens'] or 0:,} output tokens"
    )
    return Node(text=f"{_line(event)}: {counts}", cost_usd=event["effective_cost_usd"])


def _line(event: Row) -> str:
    return f"{event['file_name']}:{event['line_number']} at {event['started_at']:%H:%M:%S}"


def _classes(event: Row, price: Row) -> Iterator[Node]:
    """Quantities of text and their unit prices; the marts hold sound and pictures in totals."""
    counted = {name: event.get(name) or 0 for name in COUNTED}
    counted["cache_write_input_tokens"] -= counted["cache_write_1h_input_tokens"]
    counted["output_tokens"] -= counted["reasoning_output_tokens"]
    for name, (token_class, words) in COUNTED.items():
        unit_price = price.get(f"{token_class}_unit_price_usd")
        if counted[name] and unit_price is not None:
            yield Node(
                text=f"{counted[name]:,} {words} x ${unit_price.normalize():f}",
                cost_usd=counted[name] * unit_price,
            )


def _lists(event: Row) -> str:
    # Twelve digits tell two lists apart; all of them are in fct_usage_events.price_snapshot.
    lists = re.sub(r"(sha256:[0-9a-f]{12})[0-9a-f]+", r"\1", str(event["price_snapshot"] or ""))
    source = str(event["price_source"])
    return lists if lists.startswith(source) else f"{source} {lists}".rstrip()


def _priced_by(event: Row, price: Row | None) -> Iterator[Node]:
    if price is None:
        return
    until = f" to {price['valid_to']}" if price["valid_to"] else ""
    yield Node(
        text=(
            f"price {price['price_id']}: {_lists(event)}, "
            f"holds from {price['valid_from']}{until}; {event['price_rule'] or 'base price'}"
        )
    )
