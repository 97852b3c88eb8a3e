"""Series that are parts of a whole which is better known: their paths are scaled to sum to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from pipelines.forecasting.panel import Floats
from pipelines.forecasting.paths import Paths


class Reconcile(Protocol):
    """How the paths of one measure, drawn at one origin, are made to fit a whole."""

    def __call__(self, own: Paths, index: int, days: int) -> Paths:
        """The paths to publish.

        Args:
            own: As they were drawn for the measure alone.
            index: The origin's.
            days: How far they reach.
        """


@dataclass(frozen=True, kw_only=True)
class Share:
    """What is to be divided, and among whom; paths x days, or days of the point forecasts.

    Attributes:
        sums: `of` -> the whole and the sum of its parts, where `of` asks paths or point forecasts.
        takes_rest: Whether this part is the one that gets the whole where every part is 0.
    """

    sums: "Callable[[Ask], tuple[Floats, Floats]]"
    takes_rest: bool

    def scaled(self, amounts: Floats, ask: "Ask") -> Floats:
        """A part's amounts, scaled as all parts are; a whole that is not known changes nothing."""
        whole, parts = self.sums(ask)
        scaled = np.divide(amounts * whole, parts, out=np.zeros_like(amounts), where=parts > 0)
        if self.takes_rest:
            scaled = np.where(parts > 0, scaled, whole)
        return np.where(np.isfinite(whole) & np.isfinite(amounts), scaled, amounts)


Ask = Callable[[Paths, int], Floats]


def ask_paths(paths: Paths, row: int) -> Floats:
    """Paths x days of a series."""
    return paths.of(row)


def ask_point(paths: Paths, row: int) -> Floats:
    """Days of a series' point forecast."""
    point: Floats = paths.point[row]
    return point


def sum_of(rows: Sequence[tuple[Paths, int]], ask: Ask) -> Floats:
    """The sum of some series of some measures; one that had not begun is 0."""
    (first, row), *rest = rows
    total = np.nan_to_num(ask(first, row))
    for paths, row in rest:
        total = total + np.nan_to_num(ask(paths, row))
    return total


@dataclass(frozen=True, kw_only=True)
class Reconciled(Paths):
    """The paths of one measure, some of its series scaled.

    Attributes:
        own: As drawn for the measure alone.
        shares: By row; the others stay as they are.
    """

    own: Paths
    shares: Mapping[int, Share]

    @property
    def point(self) -> Floats:
        """Series x days."""
        return self._scaled_point

    @cached_property
    def _scaled_point(self) -> Floats:
        point = self.own.point.copy()
        for row, share in self.shares.items():
            point[row] = share.scaled(point[row], ask_point)
        return point

    def of(self, row: int) -> Floats:
        """Paths x days of one series."""
        draws = self.own.of(row)
        share = self.shares.get(row)
        return draws if share is None else share.scaled(draws, ask_paths)
