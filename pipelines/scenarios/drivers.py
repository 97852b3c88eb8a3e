"""Demand as its drivers: requests, tokens of a request, price of a token, GPU hours of a token."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
# Team, provider, model.
Key = tuple[str, str, str]

SELF_HOSTED = "self_hosted"


@dataclass(frozen=True, kw_only=True)
class Drivers:
    """Possible futures of every series, as factors that can be changed one by one.

    Attributes:
        keys: Team, provider and model of each series.
        origin: First day (UTC) of the futures.
        requests: Series x paths x days.
        input_tokens: Of a request, series x days; every class of input together.
        output_tokens: Of a request, series x days.
        input_price_usd: Of an input token, series x days; NaN where it is not known.
        output_price_usd: Of an output token, likewise.
        gpu_hours: Of a token, series x days; 0 for cloud models.
        fixed_cost_usd: Series x days. Own GPUs cost the same however much they serve, so their
            price of a token is 0 here and their cost of the last weeks goes on.
    """

    keys: Sequence[Key]
    origin: date
    requests: Floats
    input_tokens: Floats
    output_tokens: Floats
    input_price_usd: Floats
    output_price_usd: Floats
    gpu_hours: Floats
    fixed_cost_usd: Floats

    @property
    def days(self) -> Sequence[date]:
        """The days of the futures."""
        return [self.origin + timedelta(days=day) for day in range(self.requests.shape[2])]

    def mask(self, *, team: str = "", provider: str = "", model: str = "") -> Mask:
        """Which series are of a team, a provider and a model; '' stands for any."""
        wanted = (team, provider, model)
        return np.array(
            [
                all(want in ("", has) for want, has in zip(wanted, key, strict=True))
                for key in self.keys
            ],
            dtype=np.bool_,
        )

    def amount(self, measure: str, weights: Floats) -> Floats:
        """What is used of a measure, paths x days.

        Args:
            measure: `requests`, `tokens`, `input_tokens`, `output_tokens`, `usd` or `gpu_hours`.
            weights: Which part of each series counts, 0 to 1. Series without a known price add
                nothing to `usd`.
        """
        each = self._of_a_request(measure) * weights[:, None]
        amounts: Floats = np.einsum("spd,sd->pd", self.requests, each)
        if measure == "usd":
            amounts += (self.fixed_cost_usd * weights[:, None]).sum(axis=0)
        return amounts

    def _of_a_request(self, measure: str) -> Floats:
        both = self.input_tokens + self.output_tokens
        cost = self.input_tokens * self.input_price_usd + self.output_tokens * self.output_price_usd
        each = {
            "requests": np.ones_like(both),
            "tokens": both,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "usd": np.nan_to_num(cost),
            "gpu_hours": both * self.gpu_hours,
        }
        return each[measure]

    def scaled(self, driver: str, rows: Mask, factor: Floats) -> "Drivers":
        """The same with one driver of some series multiplied.

        Args:
            driver: The name of an array.
            rows: Which series.
            factor: Days; or, of requests, paths x days.
        """
        values = getattr(self, driver).copy()
        values[rows] *= factor
        changed: dict[str, Any] = {driver: values}
        return replace(self, **changed)

    def with_series(self, other: "Drivers") -> "Drivers":
        """The same with further series of the same paths and days."""
        arrays: dict[str, Any] = {
            name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in ARRAYS
        }
        return replace(self, keys=[*self.keys, *other.keys], **arrays)

    def only(self, rows: Mask, keys: Sequence[Key] | None = None) -> "Drivers":
        """Some of the series, under other names where `keys` states them."""
        kept = [key for key, is_kept in zip(self.keys, rows, strict=True) if is_kept]
        arrays: dict[str, Any] = {name: getattr(self, name)[rows].copy() for name in ARRAYS}
        return replace(self, keys=keys or kept, **arrays)


ARRAYS = (
    "requests",
    "input_tokens",
    "output_tokens",
    "input_price_usd",
    "output_price_usd",
    "gpu_hours",
    "fixed_cost_usd",
)
