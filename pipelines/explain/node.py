"""A tree of sentences with amounts, and how it is drawn in a terminal."""

from dataclasses import dataclass
from decimal import Decimal

from rich.text import Text
from rich.tree import Tree


@dataclass(frozen=True, kw_only=True)
class Node:
    """One figure and what it is made of.

    Attributes:
        text: What it is.
        cost_usd: US dollars with all places; None where it is no amount, or unknown.
        parts: What it is made of, in order.
    """

    text: str
    cost_usd: Decimal | None = None
    parts: tuple["Node", ...] = ()


def drawn(node: Node) -> Tree:
    """The tree for a terminal; text is never taken for markup."""
    tree = Tree(_label(node))
    for part in node.parts:
        tree.add(drawn(part))
    return tree


def _label(node: Node) -> Text:
    label = Text(node.text)
    if node.cost_usd is not None:
        label.append(f"  ${node.cost_usd:f}", style="bold")
    return label
