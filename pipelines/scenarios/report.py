"""A comparison as tables for a terminal."""

from collections.abc import Callable, Iterator

from rich.table import Table

from pipelines.scenarios.comparison import Comparison
from pipelines.scenarios.limits import Outlook
from pipelines.scenarios.shocks import Adoption, Change, NewTeam, PoolLoss, QuotaChange, Shock


def money(value: float) -> str:
    """US dollars, to the dollar: a forecast knows no cents."""
    return f"-${-value:,.0f}" if value < 0 else f"${value:,.0f}"


def count(value: float) -> str:
    """A number with an SI prefix where it is long."""
    for size, prefix in ((1e12, "T"), (1e9, "B"), (1e6, "M")):
        if abs(value) >= size:
            return f"{value / size:,.2f}{prefix}"
    return f"{value:,.0f}"


def shows(measure: str) -> Callable[[float], str]:
    """How a measure reads."""
    return money if measure == "usd" else count


def tables(name: str, comparison: Comparison, days: int) -> Iterator[Table]:
    """Every table of a comparison, the most important first.

    Args:
        name: Of the scenario.
        comparison: What to show.
        days: How many days the futures have.
    """
    yield _quotas(name, comparison)
    yield _totals(comparison, days)
    if comparison.effects:
        yield _effects(comparison, days)
        yield _causes(comparison, days)
    if comparison.swings:
        yield _swings(comparison, days)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column(columns[0])
    for column in columns[1:]:
        table.add_column(column, justify="right")
    return table


def _quotas(name: str, comparison: Comparison) -> Table:
    table = _table(
        f"Quotas under: {name}",
        "quota",
        "limit",
        "used up this period",
        "half of the futures by",
        "expected overrun",
        "limit for a 5% risk",
        "context that uses it up",
    )
    for before, first, after, second in comparison.quotas:
        show = shows(after.measure)
        stress = comparison.stress[after.quota_id]
        table.add_row(
            after.quota_id,
            _moved(show(before.limit_value), show(after.limit_value)),
            _moved(f"{first.running_ratio:.0%}", f"{second.running_ratio:.0%}"),
            _moved(_date(first), _date(second)),
            _moved(show(first.expected_overrun_value), show(second.expected_overrun_value)),
            _moved(show(first.needed_value), show(second.needed_value)),
            "-" if stress is None else f"x {stress:.2f}",
        )
    return table


def _moved(before: str, after: str) -> str:
    return before if before == after else f"{before} -> {after}"


def _date(outlook: Outlook) -> str:
    return "later" if outlook.median_date is None else outlook.median_date.isoformat()


def _totals(comparison: Comparison, days: int) -> Table:
    table = _table(
        f"All demand of {days} days", "", "baseline", "80% of futures", "scenario", "80% of futures"
    )
    for total in comparison.totals:
        show = shows(total.measure)
        low, median, high = total.baseline
        new_low, new_median, new_high = total.scenario
        table.add_row(
            total.measure.replace("_", " "),
            show(median),
            f"{show(low)} to {show(high)}",
            show(new_median),
            f"{show(new_low)} to {show(new_high)}",
        )
    return table


def _effects(comparison: Comparison, days: int) -> Table:
    table = _table(
        f"What each shock adds in {days} days, on average, given those above it",
        "shock",
        "cost",
        "tokens",
        "GPU hours",
    )
    for effect in comparison.effects:
        table.add_row(
            described(effect.shock),
            money(effect.usd),
            count(effect.tokens),
            count(effect.gpu_hours),
        )
    table.add_row(
        "together",
        money(sum(effect.usd for effect in comparison.effects)),
        count(sum(effect.tokens for effect in comparison.effects)),
        count(sum(effect.gpu_hours for effect in comparison.effects)),
        style="bold",
    )
    return table


def _causes(comparison: Comparison, days: int) -> Table:
    table = _table(f"Why {days} days differ, on average", "cause", "cost", "tokens")
    for cause in comparison.causes:
        table.add_row(cause.name, money(cause.usd), count(cause.tokens))
    return table


def _swings(comparison: Comparison, days: int) -> Table:
    table = _table(
        f"Cost of {days} days when one driver is where it is on one week in ten",
        "driver",
        "low",
        "cost",
        "high",
        "cost",
    )
    for swing in comparison.swings:
        table.add_row(
            swing.driver.replace("_", " "),
            f"x {swing.low_multiplier:.2f}",
            money(swing.low_usd),
            f"x {swing.high_multiplier:.2f}",
            money(swing.high_usd),
        )
    return table


def described(shock: Shock) -> str:
    """A shock in a few words."""
    if isinstance(shock, QuotaChange):
        return f"quota {shock.quota_id} at {count(shock.limit_value)}"
    if isinstance(shock, PoolLoss):
        return f"{shock.lost_ratio:.0%} of pool {shock.gpu_pool} lost"
    whose = " ".join(part for part in (shock.team, shock.provider, shock.model) if part)
    if isinstance(shock, Adoption):
        taken = f"{shock.share_ratio:.0%} of {whose or 'all requests'}"
        return f"{shock.new_model} takes {taken}{_from(shock)}"
    if isinstance(shock, NewTeam):
        return f"team {shock.new_team}, {shock.multiplier:g} x {shock.like_team}{_from(shock)}"
    driver = shock.driver.replace("_", " ")
    return f"{driver} x {shock.multiplier:g}, {whose or 'everybody'}{_from(shock)}"


def _from(shock: Change | Adoption | NewTeam) -> str:
    return "" if shock.starts is None else f", from {shock.starts}"
