"""Classes of tokens: each is forecast for itself, then scaled so that they sum to what they part.

All tokens are input and output; input is uncached, read from and written to a cache; output is
reasoning and the rest. A series of which a class is not reported has the classes that are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.forecasting.demand_forecast import DemandForecast
from pipelines.forecasting.panel import Floats, Key, Measure
from pipelines.forecasting.paths import Paths
from pipelines.forecasting.reconciled import Ask, Reconciled, Share, sum_of

# The first of the parts is the one that is there whenever the whole is.
PARTS_OF: Mapping[Measure, tuple[Measure, ...]] = {
    "total_tokens": ("input_tokens", "output_tokens"),
    "input_tokens": (
        "uncached_input_tokens",
        "cache_read_input_tokens",
        "cache_write_input_tokens",
    ),
    "output_tokens": ("other_output_tokens", "reasoning_output_tokens"),
}
FAMILY: tuple[Measure, ...] = (
    "total_tokens",
    *(part for parts in PARTS_OF.values() for part in parts),
)


def with_parts(drafts: Mapping[Measure, DemandForecast]) -> dict[Measure, DemandForecast]:
    """The forecasts of a family, each class scaled to its whole, from the total down.

    Args:
        drafts: Every measure of `FAMILY` that the facts hold, each forecast for itself.
    """
    found = dict(drafts)
    for whole, parts in PARTS_OF.items():
        held = [part for part in parts if part in drafts and whole in drafts]
        siblings = [drafts[part] for part in held]
        for place, part in enumerate(held):
            fit = Class(whole=found[whole], siblings=siblings, place=place)
            found[part] = drafts[part].with_fit(fit)
    return found


@dataclass(frozen=True, kw_only=True)
class Class:
    """Scales one class of tokens, path by path, as its siblings are.

    Attributes:
        whole: What they sum to.
        siblings: All classes of it, this one included, as forecast for themselves.
        place: Which of them this one is.
    """

    whole: DemandForecast
    siblings: Sequence[DemandForecast]
    place: int

    def __call__(self, own: Paths, index: int, days: int) -> Paths:
        """See `Reconcile`."""
        whole = self.whole.paths_at(index, days)
        drawn = [one.paths_at(index, days) for one in self.siblings]
        wholes = _rows(self.whole)
        rows = [_rows(one) for one in self.siblings]
        shares = {}
        for key in rows[self.place].keys() & wholes.keys():
            held = [place for place, known in enumerate(rows) if key in known]
            parts = [(drawn[place], rows[place][key]) for place in held]
            shares[rows[self.place][key]] = Share(
                sums=_Sums(whole=(whole, wholes[key]), parts=parts),
                takes_rest=held[0] == self.place,
            )
        return Reconciled(own=own, shares=shares)


def _rows(forecast: DemandForecast) -> dict[Key, int]:
    return {key: row for row, key in enumerate(forecast.panel.keys)}


@dataclass(frozen=True, kw_only=True)
class _Sums:
    whole: tuple[Paths, int]
    parts: Sequence[tuple[Paths, int]]

    def __call__(self, ask: Ask) -> tuple[Floats, Floats]:
        return ask(*self.whole), sum_of(self.parts, ask)
