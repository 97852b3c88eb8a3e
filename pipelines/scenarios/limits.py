"""When a quota is used up, path by path, and by how much it is exceeded."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from pipelines.forecasting.passage import probability_by_day, quantile_day
from pipelines.forecasting.quotas import Quota
from pipelines.forecasting.runs import runs_of
from pipelines.scenarios.drivers import Drivers, Floats
from pipelines.scenarios.shocks import PoolLoss, QuotaChange, Shock

FOLLOWED_SCOPES = ("organization", "team", "provider", "model", "gpu_pool")
FOLLOWED_MEASURES = ("tokens", "input_tokens", "output_tokens", "requests", "usd", "gpu_hours")


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A stock quota and what of each series counts against it.

    Attributes:
        quota: As it stands on the last day with data.
        pool_share: Of a gpu_pool: model -> part of its GPU hours that ran there lately.
    """

    quota: Quota
    pool_share: Mapping[str, float] = field(default_factory=dict)

    @property
    def quota_id(self) -> str:
        """As in the ledger."""
        return self.quota.names["quota_id"]

    @property
    def measure(self) -> str:
        """What it counts."""
        return self.quota.names["measure"]

    @property
    def limit_value(self) -> float:
        """Of the running period."""
        return self.quota.limit

    def weights(self, drivers: Drivers) -> Floats:
        """Which part of each series counts."""
        if self.quota.names["scope_kind"] == "gpu_pool":
            return np.array([self.pool_share.get(model, 0.0) for _, _, model in drivers.keys])
        return np.array([float(self.quota.counts(key)) for key in drivers.keys])

    def is_followed(self) -> bool:
        """Whether its demand is forecast at all."""
        scope = self.quota.names["scope_kind"]
        # GPU hours of a service that teams share belong to its model, see docs/quotas.md.
        is_shared = self.measure == "gpu_hours" and scope in ("team", "provider")
        return scope in FOLLOWED_SCOPES and self.measure in FOLLOWED_MEASURES and not is_shared

    def is_of_pool(self, pool: str) -> bool:
        """Whether it limits the GPUs of a pool."""
        names = self.quota.names
        return (names["scope_kind"], names["scope_id"]) == ("gpu_pool", pool)

    def with_limits(self, running: float, later: float) -> "Limit":
        """The same with other limits of the running period and of those to come."""
        return replace(self, quota=replace(self.quota, limit=running, base_limit=later))

    def scaled(self, factor: float) -> "Limit":
        """The same with its limits multiplied."""
        return self.with_limits(self.quota.limit * factor, self.quota.base_limit * factor)


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What the paths say of one quota within their days.

    Attributes:
        exceeded_by_day: Days; share of paths on which some period was used up by then.
        running_ratio: Share of paths that use up the running period before it ends.
        median_date: First day by which half of the paths did; None: later than the paths.
        expected_overrun_value: Mean of what the running period uses above the limit.
        needed_value: Limit that the running period would reach on one path in 20.
    """

    exceeded_by_day: Floats
    running_ratio: float
    median_date: date | None
    expected_overrun_value: float
    needed_value: float


def outlook_of(limit: Limit, drivers: Drivers) -> Outlook:
    """What the joint paths of a scenario do to one quota, as `runs_of` tells it.

    A running period is the one that holds the first day of the paths.
    """
    draws = drivers.amount(limit.measure, limit.weights(drivers))
    paths, days = draws.shape
    soonest = np.full(paths, days + 1)
    runs = [run for run in runs_of(limit.quota, draws, drivers.origin) if run.used.shape[1]]
    for run in runs:
        is_reached = run.reached <= run.used.shape[1]
        day = run.start + np.maximum(run.reached, 1)
        soonest = np.where(is_reached, np.minimum(soonest, day), soonest)
    share = probability_by_day(soonest, days)
    half = quantile_day(share, 0.5)
    # Nothing is left of a contract that is over, and nothing of it is used.
    end = runs[0].used[:, -1] if runs else np.zeros(paths)
    return Outlook(
        exceeded_by_day=share,
        running_ratio=float(runs[0].by_day[-1]) if runs else 0.0,
        median_date=None if half is None else drivers.days[half - 1],
        expected_overrun_value=float(np.maximum(end - limit.limit_value, 0).mean()),
        needed_value=float(np.quantile(end, 0.95)),
    )


def changed_limits(limits: list[Limit], shocks: list[Shock]) -> list[Limit]:
    """Quotas under the shocks that concern them."""
    changed = limits
    for shock in shocks:
        if isinstance(shock, QuotaChange):
            changed = [
                limit.with_limits(shock.limit_value, shock.limit_value)
                if limit.quota_id == shock.quota_id
                else limit
                for limit in changed
            ]
        elif isinstance(shock, PoolLoss):
            changed = [
                limit.scaled(1 - shock.lost_ratio) if limit.is_of_pool(shock.gpu_pool) else limit
                for limit in changed
            ]
    return changed
