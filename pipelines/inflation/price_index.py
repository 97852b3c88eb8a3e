"""Rows of the price index: by scope and period, in several formulas, unit value beside them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from pipelines.inflation.annual_rate import annual_rate
from pipelines.inflation.bilateral import FORMULAS, matched
from pipelines.inflation.facts import COSTS, TOKEN_CLASSES, TOKENS
from pipelines.inflation.logarithmic_mean import Floats
from pipelines.inflation.multilateral import Series, chained, mean_spliced_geks
from pipelines.inflation.periods import Period
from pipelines.inflation.price_contributions import tornqvist_contributions

Row = dict[str, Any]
Item = tuple[str, str, str]  # provider, model, token class

MAIN_FORMULA: Final = "tornqvist_chained"


@dataclass(frozen=True, kw_only=True)
class Baskets:
    """What a scope bought in each period.

    Attributes:
        items: Provider, model and token class.
        tokens: Periods x items.
        costs: Periods x items, USD: what the tokens cost, with own GPUs' idle and overhead.
    """

    items: Sequence[Item]
    tokens: Floats
    costs: Floats

    @classmethod
    def of(cls, periods: Sequence[Period], items: Sequence[Item] | None = None) -> "Baskets":
        """Priced tokens of every period, by item.

        Args:
            periods: In order of time.
            items: Which items; without it all that any of the periods has.
        """
        found = items if items is not None else _items(periods)
        place = {item: column for column, item in enumerate(found)}
        tokens, costs = np.zeros((2, len(periods), len(found)))
        for row, period in enumerate(periods):
            for use in period.uses:
                if use["is_priced"]:
                    load = _load(use)
                    for token_class, asked, spent in zip(TOKEN_CLASSES, TOKENS, COSTS, strict=True):
                        column = place[use["provider_name"], use["model_name"], token_class]
                        tokens[row, column] += use[asked]
                        costs[row, column] += use[spent] * load
        return cls(items=found, tokens=tokens, costs=costs)

    @property
    def prices(self) -> Floats:
        """Periods x items, USD per token; NaN without tokens."""
        prices = np.full_like(self.costs, np.nan)
        np.divide(self.costs, self.tokens, out=prices, where=self.tokens > 0)
        return prices


def price_index_rows(
    periods: Sequence[Period], teams: Mapping[str, Sequence[Period]], *, lag: int
) -> Iterator[tuple[int, Row]]:
    """Index rows of one scope.

    Args:
        periods: Of the scope, complete ones in order of time.
        teams: The same periods of the scope's teams, whose parts of the change are told.
        lag: Periods that the annual rate looks back, where the series is as long.

    Yields:
        The position of the period, and columns of `PRICE_INDEX` without scope and vintage.
    """
    baskets = Baskets.of(periods)
    prices, tokens = baskets.prices, baskets.tokens
    parts = {team: Baskets.of(of_team, baskets.items).costs for team, of_team in teams.items()}
    for name in ("tornqvist", "fisher"):
        for method, levels in (("chained", chained), ("geks", mean_spliced_geks)):
            series = levels(FORMULAS[name], prices, tokens)
            formula = f"{name}_{method}"
            yield from _totals(periods, baskets, series, formula, lag)
            if formula == MAIN_FORMULA:
                yield from _contributions(periods, baskets, series, parts)


def _totals(
    periods: Sequence[Period], baskets: Baskets, series: Series, formula: str, lag: int
) -> Iterator[tuple[int, Row]]:
    starts = [period.span.start for period in periods]
    for now in range(len(periods)):
        spent, bought = baskets.costs[now].sum(), baskets.tokens[now].sum()
        if not (spent and bought):
            continue
        base = int(series.starts[now])
        before = now - 1 if base < now else None
        unit, unit_base = spent / bought, baskets.costs[base].sum() / baskets.tokens[base].sum()
        rate, since = annual_rate(series.levels, starts, base, now, lag)
        yield (
            now,
            {
                "formula": formula,
                "contributor_kind": "total",
                "base_period_start_date": starts[base],
                "index_ratio": float(series.levels[now]),
                "change_ratio": None
                if before is None
                else float(series.levels[now] / series.levels[before] - 1),
                "annualized_inflation_ratio": rate,
                "annualized_from_date": since,
                "unit_value_usd_per_million_tokens": float(unit * 1e6),
                "unit_value_index_ratio": float(unit / unit_base),
                "matched_cost_ratio": None if before is None else _matched_part(baskets, now),
            },
        )


def _contributions(
    periods: Sequence[Period], baskets: Baskets, series: Series, teams: Mapping[str, Floats]
) -> Iterator[tuple[int, Row]]:
    """Parts of each link's change: by model, and by team as each spent on the models."""
    prices, tokens, costs = baskets.prices, baskets.tokens, baskets.costs
    for now in range(1, len(periods)):
        if series.starts[now] == now:
            continue
        both = matched(prices[now - 1], tokens[now - 1], prices[now], tokens[now])
        ends = (prices[now - 1], tokens[now - 1], prices[now], tokens[now])
        parts = np.zeros(len(baskets.items))
        parts[both] = tornqvist_contributions(*(end[both] for end in ends))
        shared = {
            "formula": MAIN_FORMULA,
            "base_period_start_date": periods[series.starts[now]].span.start,
        }
        for model in sorted({item[:2] for item in baskets.items}):
            mine = [column for column, item in enumerate(baskets.items) if item[:2] == model]
            if both[mine].any():
                names = {"provider_name": model[0], "model_name": model[1]}
                part = float(parts[mine].sum())
                yield (
                    now,
                    {**shared, **names, "contributor_kind": "model", "contribution_ratio": part},
                )
        for team, share in _team_shares(costs, teams, now, both).items():
            part = float((share * parts[both]).sum())
            names = {"contributor_team_id": team}
            yield (
                now,
                {**shared, **names, "contributor_kind": "team", "contribution_ratio": part},
            )


def _team_shares(
    costs: Floats, teams: Mapping[str, Floats], now: int, both: Any
) -> dict[str, Floats]:
    """Each team's mean part of what was spent on each matched item; of an item they sum to 1."""
    weights = {period: _weights(costs[period], both) for period in (now - 1, now)}
    spent = {period: sum(of_team[period][both] for of_team in teams.values()) for period in weights}
    shares = {
        team: sum(weights[period] * of_team[period][both] / spent[period] for period in weights)
        / sum(weights.values())
        for team, of_team in teams.items()
    }
    return {team: share for team, share in shares.items() if share.any()}


def _weights(costs: Floats, both: Any) -> Floats:
    shares: Floats = costs[both] / costs[both].sum()
    return shares


def _matched_part(baskets: Baskets, now: int) -> float:
    prices, tokens = baskets.prices, baskets.tokens
    both = matched(prices[now - 1], tokens[now - 1], prices[now], tokens[now])
    return float(baskets.costs[now][both].sum() / baskets.costs[now].sum())


def _items(periods: Sequence[Period]) -> list[Item]:
    models = {
        (use["provider_name"], use["model_name"])
        for period in periods
        for use in period.uses
        if use["is_priced"]
    }
    return [(*model, token_class) for model in sorted(models) for token_class in TOKEN_CLASSES]


def _load(use: Mapping[str, Any]) -> float:
    direct = sum(use[name] for name in COSTS)
    loaded: float = (direct + use["idle_cost"] + use["overhead_cost"]) / direct if direct else 1.0
    return loaded
