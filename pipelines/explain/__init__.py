"""One number of the books as a tree: down to log lines, prices, assets and rules."""

from pipelines.explain.charge import explain
from pipelines.explain.node import Node, drawn

__all__ = ["Node", "drawn", "explain"]
