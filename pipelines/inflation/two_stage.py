"""Why a total changed: activity first, then what one request costs, model by model.

V = activity x mean cost of a request, and the mean is the sum over models of their share of the
requests times what a request to them costs. The first stage splits V into activity and mean by
LMDI-I, so that a new expensive model cannot hide growth of users. The second splits the change of
the mean: within a model by LMDI-I, between models against a reference cost, the mean of both
periods, as Roux & Plank (2022), MethodsX, doi 10.1016/j.mex.2022.101698, have it for shares: one
model's mix effect says little alone, their sum is the effect of the mix.
"""

from dataclasses import dataclass

import numpy as np

from pipelines.inflation.lmdi import additive_lmdi
from pipelines.inflation.logarithmic_mean import Floats, log_mean


@dataclass(frozen=True, kw_only=True)
class Demand:
    """One period of one scope.

    Attributes:
        activity: Factors whose product is the number of requests, such as active users and
            requests per user.
        requests: By model, in the same order in both periods.
        factors: Factors x models x token classes. Their product is what a request to the model
            costs for the class; the first is tokens per request. NaN for what is not known
            because nobody asked for it, as the price of a class without tokens.
    """

    activity: Floats
    requests: Floats
    factors: Floats

    @property
    def request_costs(self) -> Floats:
        """Models x classes: what a request costs; 0 where there was none."""
        costs: Floats = np.nan_to_num(self.factors.prod(axis=0))
        return costs

    @property
    def shares(self) -> Floats:
        """Each model's part of the requests; 0 without requests."""
        total = self.requests.sum()
        shares: Floats = self.requests / total if total else np.zeros_like(self.requests)
        return shares

    @property
    def mean_cost(self) -> float:
        """Cost of one request, over all models."""
        return float((self.shares * self.request_costs.sum(axis=1)).sum())

    @property
    def total(self) -> float:
        """Activity times the mean cost."""
        return float(self.activity.prod() * self.mean_cost) if self.requests.any() else 0.0


@dataclass(frozen=True, kw_only=True)
class Causes:
    """Parts of a change, all in the unit of the total.

    Attributes:
        activity: By factor of activity.
        mix: By model that was asked in both periods: from its changed share of the requests.
        entry: By model that was asked in the later period only.
        exit: By model that was asked in the earlier period only.
        factors: Factors x models x token classes: changes within the models of both periods.
    """

    activity: Floats
    mix: Floats
    entry: Floats
    exit: Floats
    factors: Floats

    @property
    def total(self) -> float:
        """Sum of all parts."""
        parts = (self.activity, self.mix, self.entry, self.exit, self.factors)
        return float(sum(part.sum() for part in parts))


def split_change(before: Demand, after: Demand) -> Causes:
    """Split the change of the total, exactly.

    Args:
        before: The earlier period.
        after: The later period: same factors of activity, models, factors and classes.

    Returns:
        The parts; they sum to the difference of the totals but for rounding.
    """
    means = before.mean_cost, after.mean_cost
    stage = additive_lmdi(_stage_one(before), _stage_one(after))[:, 0]
    activity, of_mean = stage[:-1], float(stage[-1])
    scale = _scale(before, after, of_mean)
    shares, costs = (before.shares, after.shares), (before.request_costs, after.request_costs)
    of_model = costs[0].sum(axis=1), costs[1].sum(axis=1)
    reference = (means[0] + means[1]) / 2
    stayed = (before.requests > 0) & (after.requests > 0)
    entered = (before.requests == 0) & (after.requests > 0)
    left = (before.requests > 0) & (after.requests == 0)
    moved = shares[1] - shares[0]
    within = additive_lmdi(_flat(before.factors), _flat(after.factors))
    halves = np.where(stayed, (shares[0] + shares[1]) / 2, 0.0)
    return Causes(
        activity=activity,
        mix=scale * np.where(stayed, moved * ((of_model[0] + of_model[1]) / 2 - reference), 0.0),
        entry=scale * np.where(entered, moved * (of_model[1] - reference), 0.0),
        exit=scale * np.where(left, moved * (of_model[0] - reference), 0.0),
        factors=scale * halves[None, :, None] * within.reshape(before.factors.shape),
    )


def _stage_one(demand: Demand) -> Floats:
    """Factors of activity and the mean cost, as one column; the mean of nothing is not known."""
    mean = demand.mean_cost if demand.requests.any() else np.nan
    column: Floats = np.append(demand.activity, mean)[:, None]
    return column


def _scale(before: Demand, after: Demand, of_mean: float) -> float:
    """What one dollar more of mean cost adds to the total: requests, by their logarithmic mean."""
    means = before.mean_cost, after.mean_cost
    if min(means) > 0 and min(before.total, after.total) > 0:
        return float(log_mean(after.total, before.total) / log_mean(means[1], means[0]))
    return of_mean / (means[1] - means[0]) if means[1] != means[0] else 0.0


def _flat(factors: Floats) -> Floats:
    return factors.reshape(len(factors), -1)
