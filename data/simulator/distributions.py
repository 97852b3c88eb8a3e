"""The measured distributions, read from the small tables beside this file."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from data.simulator.period import FloatArray, IntArray

FOLDER = Path(__file__).parent / "tables"


@dataclass(frozen=True, kw_only=True)
class TokenSizes:
    """Joint lengths: one row per size bin, one column per quantile."""

    quantiles: FloatArray
    input_tokens: FloatArray
    output_tokens: FloatArray

    def sample(self, rng: np.random.Generator, count: int) -> tuple[FloatArray, FloatArray]:
        """Draw prompt and answer lengths that belong together."""
        bins = rng.integers(0, len(self.input_tokens), count)
        return (
            self._interpolate(self.input_tokens, bins, rng.random(count)),
            self._interpolate(self.output_tokens, bins, rng.random(count)),
        )

    def _interpolate(self, table: FloatArray, bins: IntArray, where: FloatArray) -> FloatArray:
        position = where * (table.shape[1] - 1)
        left = position.astype(np.int64)
        share = position - left
        blended = table[bins, left] * (1 - share) + table[bins, left + 1] * share
        return np.asarray(blended, dtype=np.float64)


@cache
def token_sizes(profile: str) -> TokenSizes:
    """The measured sizes of a stream's profile: chat or long."""
    names = {"chat": "azure_conversation_tokens.csv", "long": "mooncake_long_context_tokens.csv"}
    frame = pl.read_csv(FOLDER / names[profile]).sort("size_bin", "quantile")
    shape = (frame["size_bin"].n_unique(), frame["quantile"].n_unique())
    return TokenSizes(
        quantiles=frame["quantile"].unique().sort().to_numpy(),
        input_tokens=frame["input_tokens"].cast(pl.Float64).to_numpy().reshape(shape),
        output_tokens=frame["output_tokens"].cast(pl.Float64).to_numpy().reshape(shape),
    )


@cache
def _reuse() -> tuple[FloatArray, FloatArray]:
    frame = pl.read_csv(FOLDER / "mooncake_prefix_reuse.csv").sort("quantile")
    return frame["quantile"].to_numpy(), frame["reused_prefix_ratio"].to_numpy()


def sample_reuse(rng: np.random.Generator, count: int) -> FloatArray:
    """Draw the share of a prompt, 0 to 1, whose prefix had been seen before."""
    quantile, ratio = _reuse()
    return np.asarray(np.interp(rng.random(count), quantile, ratio), dtype=np.float64)


@cache
def hour_of_week() -> FloatArray:
    """Relative request rate of the 168 local hours from Monday 00:00; each day's mean is 1."""
    frame = pl.read_csv(FOLDER / "servegen_hour_of_week.csv").sort("hour_of_week")
    return frame["relative_rate"].to_numpy()
