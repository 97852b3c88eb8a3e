"""Joint sample paths: whole past errors, the same origin for all series in one draw.

Errors of one day follow those of the day before, and all teams are surprised by the same events;
days or series drawn independently would make sums look far more certain than they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from pipelines.forecasting.panel import Floats

PATHS = 400
BLOCK_DAYS = 14
ORIGIN_STEP_DAYS = 7
# Fewer origins than this say too little about a whole horizon: build paths from 14-day blocks.
MIN_WHOLE_ORIGINS = 8
# Of the level's variance, what all series share when too few origins show it.
SHARED_VARIANCE = 0.5
# Not even short calm histories promise a level closer than a third of a day's movement.
MIN_LEVEL_SD = 0.35
# Before anything was compared: normal days differ by 1.128 standard deviations on average.
NORMAL_DAY = 1 / 1.128
UNKNOWN_LEVEL_SD = 0.45

Ints = npt.NDArray[np.int64]


class Trajectories(Protocol):
    """Where the errors of a series come from."""

    def of(self, row: int) -> Floats:
        """Paths x days of one series' errors, in units of its movement."""


class Paths(Protocol):
    """Possible futures of the bottom series of one measure.

    Path p is one future of all series together, so any sum over series, or running sum over days,
    is taken path by path. A series' paths are made when they are asked for: those of a thousand
    series would fill the memory.
    """

    @property
    def point(self) -> Floats:
        """Series x days: what is expected."""

    def of(self, row: int) -> Floats:
        """Paths x days of one series, not below 0."""

    def total(self, rows: Sequence[int]) -> Floats:
        """Paths x days of the sum of some series."""
        out = np.zeros((PATHS, self.point.shape[1]))
        for row in rows:
            out += self.of(row)
        return out


@dataclass(frozen=True, kw_only=True)
class Drawn(Paths):
    """Past errors laid on the point forecasts.

    Attributes:
        expected: Series x days: the point forecasts.
        scale: Daily movement of each series, in its own unit.
        errors: What is laid on the point forecasts.
    """

    expected: Floats
    scale: Floats
    errors: Trajectories

    @property
    def point(self) -> Floats:
        """Series x days."""
        return self.expected

    def of(self, row: int) -> Floats:
        """Paths x days of one series, not below 0."""
        draws: Floats = np.maximum(self.expected[row] + self.scale[row] * self.errors.of(row), 0)
        return draws


def draw_paths(point: Floats, scale: Floats, errors: Floats, seed: int) -> Drawn:
    """Lay past errors on the point forecasts.

    Args:
        point: Series x days.
        scale: Daily movement of each series, in its own units; 0: it never moved.
        errors: Origins x series x days, as of `Backtest`; more days than the point are cut off.
        seed: Same seed, same paths. Measures drawn with one seed share origins and donors.
    """
    generator = np.random.default_rng(seed)
    horizon = point.shape[1]
    whole = _complete(errors[:, :, :horizon]) if errors.shape[2] >= horizon else []
    drawn: Trajectories
    if len(whole) >= MIN_WHOLE_ORIGINS:
        # Overlapping origins repeat each other: of futures this long, so many apart were seen.
        span = horizon + ORIGIN_STEP_DAYS * (len(whole) - 1)
        wider = np.sqrt(1 + np.arange(1, horizon + 1) / span)
        drawn = Whole(pool=Pool.of(whole, wider), picks=Picks.draw(len(whole), point, generator))
    else:
        drawn = Blocks.draw(errors, point, generator)
    return Drawn(expected=point, scale=scale, errors=drawn)


@dataclass(frozen=True, kw_only=True)
class Picks:
    """Which origin each path takes, and where in it each series' donor lies.

    Attributes:
        origins: For each path the origin, the same for all series.
        donors: Series x paths, 0 to 1: the place of the donor among those of the origin.
    """

    origins: Ints
    donors: Floats

    @classmethod
    def draw(cls, origins: int, point: Floats, generator: np.random.Generator) -> "Picks":
        """Draw for every series of a panel."""
        return cls(
            origins=generator.integers(origins, size=PATHS),
            donors=generator.random((len(point), PATHS)),
        )


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Past trajectories, by origin.

    Attributes:
        trajectories: All donors of all origins x days, centered: half lie above, half below.
        starts: Where each origin's donors begin.
        counts: How many each has.
    """

    trajectories: Floats
    starts: Ints
    counts: Ints

    @classmethod
    def of(cls, donors: Sequence[Floats], wider: Floats | float = 1.0) -> "Pool":
        """Put the donors of all origins together."""
        counts = np.array([len(origin) for origin in donors])
        trajectories = np.concatenate(donors) * wider
        weight = np.repeat(1 / counts, counts)
        trajectories -= _weighted_median(trajectories, weight)
        return cls(trajectories=trajectories, starts=counts.cumsum() - counts, counts=counts)

    def draw(self, picks: Picks, row: int) -> Floats:
        """Paths x days of one series."""
        count = self.counts[picks.origins]
        place = self.starts[picks.origins] + (picks.donors[row] * count).astype(np.int64)
        drawn: Floats = self.trajectories[place]
        return drawn


@dataclass(frozen=True, kw_only=True)
class Whole:
    """Errors that span the horizon."""

    pool: Pool
    picks: Picks

    def of(self, row: int) -> Floats:
        """Paths x days of one series' errors."""
        return self.pool.draw(self.picks, row)


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """Errors put together from 14-day blocks, plus a level that widens with the horizon."""

    pools: Sequence[Pool]
    picks: Sequence[Picks]
    widths: Floats
    shared: Floats
    own: Floats
    horizon: int

    @classmethod
    def draw(cls, errors: Floats, point: Floats, generator: np.random.Generator) -> "Blocks":
        """Take as many slots of days ahead as were ever compared."""
        count, horizon = point.shape
        slots = [
            donors
            for start in range(0, errors.shape[2] - BLOCK_DAYS + 1, BLOCK_DAYS)
            if (donors := _complete(errors[:, :, start : start + BLOCK_DAYS]))
        ]
        spreads = [np.concatenate(donors).mean(axis=1).std() for donors in slots]
        # The level of a block is drawn apart: it holds on, where the days of two blocks do not.
        pools = [Pool.of([d - d.mean(axis=1, keepdims=True) for d in donors]) for donors in slots]
        if not slots:
            pools = [Pool.of([NORMAL_DAY * generator.standard_normal((PATHS, BLOCK_DAYS))])]
        blocks = np.arange(-(-horizon // BLOCK_DAYS))
        beyond = np.maximum(blocks + 1 - max(len(slots), 1), 0) + 1
        shared = generator.standard_normal(PATHS) * np.sqrt(SHARED_VARIANCE)
        own = generator.standard_normal((count, PATHS)) * np.sqrt(1 - SHARED_VARIANCE)
        # Later blocks come from as far ahead as was ever compared.
        last = [min(index, len(pools) - 1) for index in blocks]
        spread = np.array([spreads[index] for index in last]) if slots else UNKNOWN_LEVEL_SD
        pools = [pools[index] for index in last]
        return cls(
            pools=pools,
            picks=[Picks.draw(len(pool.counts), point, generator) for pool in pools],
            widths=np.maximum(spread, MIN_LEVEL_SD) * np.sqrt(beyond),
            shared=shared,
            own=own,
            horizon=horizon,
        )

    def of(self, row: int) -> Floats:
        """Paths x days of one series' errors."""
        level = (self.shared + self.own[row])[:, None] * np.repeat(self.widths, BLOCK_DAYS)
        drawn = zip(self.pools, self.picks, strict=True)
        days = np.concatenate([pool.draw(picks, row) for pool, picks in drawn], axis=1)
        errors: Floats = (level + days)[:, : self.horizon]
        return errors


def _complete(errors: Floats) -> list[Floats]:
    """For each origin that has any, the trajectories (donors x days) without a gap."""
    donors = [origin[np.isfinite(origin).all(axis=1)] for origin in errors]
    return [trajectories for trajectories in donors if len(trajectories)]


def _weighted_median(values: Floats, weight: Floats) -> Floats:
    """Of each column; `weight` is of the rows."""
    order = values.argsort(axis=0, kind="stable")
    reached = weight[order].cumsum(axis=0) >= weight.sum() / 2
    ordered = np.take_along_axis(values, order, axis=0)
    median: Floats = ordered[reached.argmax(axis=0), np.arange(values.shape[1])]
    return median
