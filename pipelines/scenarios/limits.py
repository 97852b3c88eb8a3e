"""When a quota is exceeded, path by path, and by how much."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from pipelines.scenarios.drivers import Drivers, Floats
from pipelines.scenarios.shocks import PoolLoss, QuotaChange, Shock

FOLLOWED_SCOPES = ("organization", "team", "provider", "model", "gpu_pool")
FOLLOWED_MEASURES = ("tokens", "input_tokens", "output_tokens", "requests", "usd", "gpu_hours")


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A stock quota as it stands on the last day with data.

    Attributes:
        quota_id: As in the ledger.
        scope_kind: One of FOLLOWED_SCOPES.
        scope_id: '' for the organization.
        only_provider_name: '' for any.
        only_model_name: '' for any.
        measure: One of FOLLOWED_MEASURES.
        limit_value: Of each period.
        used_value: In the running period.
        period_kind: As in the ledger.
        period_end: First day after the running period.
        pool_share: Of a gpu_pool: model -> part of its GPU hours that ran there lately.
    """

    quota_id: str
    scope_kind: str
    scope_id: str
    only_provider_name: str
    only_model_name: str
    measure: str
    limit_value: float
    used_value: float
    period_kind: str
    period_end: date
    pool_share: Mapping[str, float] = field(default_factory=dict)

    def weights(self, drivers: Drivers) -> Floats:
        """Which part of each series counts."""
        narrowed = drivers.mask(provider=self.only_provider_name, model=self.only_model_name)
        if self.scope_kind == "gpu_pool":
            shares = [self.pool_share.get(model, 0.0) for _, _, model in drivers.keys]
            return np.array(shares) * narrowed
        scope = {} if self.scope_kind == "organization" else {self.scope_kind: self.scope_id}
        return (drivers.mask(**scope) & narrowed).astype(np.float64)

    def is_followed(self) -> bool:
        """Whether its demand is forecast at all."""
        # GPU hours of a service that teams share belong to its model, see docs/quotas.md.
        is_shared = self.measure == "gpu_hours" and self.scope_kind in ("team", "provider")
        is_known = self.scope_kind in FOLLOWED_SCOPES and self.measure in FOLLOWED_MEASURES
        return is_known and not is_shared


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What the paths say of one quota within their days.

    Attributes:
        quota_id: As in the ledger.
        exceeded_by_day: Days; share of paths on which some period was exceeded by then.
        running_ratio: Share of paths that exceed the running period before it ends.
        median_date: First day by which half of the paths exceeded; None: later than the paths.
        expected_overrun_value: Mean of what the running period uses above the limit.
        needed_value: Limit with which the running period would be exceeded on one path in 20.
    """

    quota_id: str
    exceeded_by_day: Floats
    running_ratio: float
    median_date: date | None
    expected_overrun_value: float
    needed_value: float


def outlook_of(limit: Limit, drivers: Drivers) -> Outlook:
    """First passage of a quota on joint paths (Gaussian assumptions are not needed).

    A path exceeds a quota on the first day on which what its period has used is more than the
    limit; the count begins anew with each period.
    """
    used = limit_use(limit, drivers)
    exceeded = (used > limit.limit_value).cumsum(axis=1) > 0
    share: Floats = exceeded.mean(axis=0)
    late = np.flatnonzero(share >= 0.5)
    running = min((limit.period_end - drivers.origin).days, used.shape[1])
    at_end = used[:, running - 1] if running > 0 else np.full(used.shape[0], limit.used_value)
    return Outlook(
        quota_id=limit.quota_id,
        exceeded_by_day=share,
        running_ratio=float((at_end > limit.limit_value).mean()),
        median_date=drivers.days[late[0]] if late.size else None,
        expected_overrun_value=float(np.maximum(at_end - limit.limit_value, 0).mean()),
        needed_value=float(np.quantile(at_end, 0.95)),
    )


def limit_use(limit: Limit, drivers: Drivers) -> Floats:
    """Paths x days: what the period of that day has used by its end."""
    daily = drivers.amount(limit.measure, limit.weights(drivers))
    used = np.empty_like(daily)
    end, begin = limit.period_end, 0
    carried = limit.used_value
    while begin < daily.shape[1]:
        stop = min(max((end - drivers.origin).days, begin), daily.shape[1])
        if stop > begin:
            used[:, begin:stop] = carried + daily[:, begin:stop].cumsum(axis=1)
        begin, carried, end = stop, 0.0, _next_end(end, limit.period_kind)
    return used


def _next_end(start: date, period_kind: str) -> date:
    """First day after the period that begins on a day."""
    if period_kind == "day":
        return start + timedelta(days=1)
    if period_kind == "week":
        return start + timedelta(days=7)
    months = {"month": 1, "quarter": 3, "year": 12}.get(period_kind)
    if months is None:  # a contract is over
        return date.max
    month = start.year * 12 + start.month - 1 + months
    return date(month // 12, month % 12 + 1, 1)


def changed_limits(limits: list[Limit], shocks: list[Shock]) -> list[Limit]:
    """Quotas under the shocks that concern them."""
    changed = limits
    for shock in shocks:
        if isinstance(shock, QuotaChange):
            changed = [
                replace(limit, limit_value=shock.limit_value)
                if limit.quota_id == shock.quota_id
                else limit
                for limit in changed
            ]
        elif isinstance(shock, PoolLoss):
            changed = [
                replace(limit, limit_value=limit.limit_value * (1 - shock.lost_ratio))
                if (limit.scope_kind, limit.scope_id) == ("gpu_pool", shock.gpu_pool)
                else limit
                for limit in changed
            ]
    return changed
