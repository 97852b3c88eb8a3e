"""The simulated period, and one random stream for each day and purpose."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import numpy.typing as npt

SLOTS_PER_DAY = 96  # quarters of an hour: the step of all telemetry
SLOT_SECONDS = 900
DAY_MS = 86_400_000

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Period:
    """What is simulated: whole UTC days from `start`, under one seed."""

    seed: int
    start: date
    days: int
    scale: float

    @property
    def end(self) -> date:
        """The first day that is not simulated."""
        return self.day(self.days)

    def day(self, offset: int) -> date:
        """The date `offset` days after the start; negative offsets lie before it."""
        return self.start + timedelta(days=offset)

    def offsets(self) -> Iterator[int]:
        """The simulated days as offsets from the start."""
        return iter(range(self.days))

    def midnight_ms(self, offset: int) -> int:
        """The day's first instant in milliseconds since 1970, UTC."""
        day = self.day(offset)
        return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000

    def rng(self, purpose: str, offset: int) -> np.random.Generator:
        """A generator that only this seed, purpose and date determine.

        Drawing more numbers for one purpose therefore moves no other, and a longer period begins
        with the same days as a shorter one.
        """
        entropy = (self.seed, zlib.crc32(purpose.encode()), self.day(offset).toordinal())
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))
