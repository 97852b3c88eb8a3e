"""A company of two teams as the marts would tell of it: one row a day for each team and model."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from pipelines.inflation import Facts
from pipelines.inflation.facts import COSTS, TOKENS

FIRST = date(2026, 3, 2)  # a Monday
MONEY = pl.Decimal(38, 12)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a team asked of a model on a day; prices are USD per million tokens."""

    day: int
    team: str
    model: str
    requests: int
    input_tokens: int
    output_tokens: int
    input_price: float = 3.0
    output_price: float = 15.0
    users: int = 4
    own: bool = False
    idle_usd: float = 0.0
    is_priced: bool = True
    is_counted: bool = True


def facts(asked: Sequence[Asked], *, days: int) -> Facts:
    """The rows as `Facts`; own GPUs cost 2 USD an hour."""
    usage, costs, users, gpus = [], [], [], []
    for one in asked:
        day = FIRST + timedelta(days=one.day)
        key = {
            "usage_date": day,
            "team_id": one.team,
            "provider_name": "self_hosted" if one.own else "cloud",
            "model_name": one.model,
        }
        spent = (
            one.input_tokens * one.input_price / 1e6 * one.is_priced,
            one.output_tokens * one.output_price / 1e6 * one.is_priced,
        )
        charged = (0.0, 0.0) if one.own else spent
        usage.append(
            {
                **key,
                "is_self_hosted": one.own,
                "is_priced": one.is_priced,
                "is_counted": one.is_counted,
                "request_count": one.requests,
                **dict.fromkeys(TOKENS, 0),
                "uncached_input_tokens": one.input_tokens,
                "other_output_tokens": one.output_tokens,
                **dict.fromkeys(COSTS, 0.0),
                "uncached_input_cost": charged[0],
                "other_output_cost": charged[1],
            }
        )
        costs.append(
            {
                **key,
                "total_tokens": one.input_tokens + one.output_tokens,
                "unpriced_tokens": 0 if one.is_priced else one.input_tokens + one.output_tokens,
                "allocation_cost": sum(spent) + one.idle_usd,
                "cloud_cost": 0.0 if one.own else sum(spent),
                "reserved_idle_cost": 0.0,
                "served_input_cost": spent[0] if one.own else 0.0,
                "served_output_cost": spent[1] if one.own else 0.0,
                "allocated_cost": sum(spent) if one.own else 0.0,
                "idle_share_cost": one.idle_usd,
                "overhead_share_cost": 0.0,
                "idle_cost": 0.0,
                "overhead_cost": 0.0,
            }
        )
        users += [
            {"usage_date": day, "team_id": one.team, "user_key": f"user {one.team} {user}"}
            for user in range(one.users)
        ]
        if one.own:
            gpus.append(
                {
                    "usage_date": day,
                    "model_name": one.model,
                    "gpu_hours": sum(spent) / 2,
                    "direct_cost": sum(spent),
                }
            )
    return Facts.from_marts(
        first_day=FIRST,
        last_day=FIRST + timedelta(days=days - 1),
        usage=_frame(usage, pl.Decimal(38, 15)),
        costs=_frame(costs, MONEY),
        users=pl.DataFrame(users).unique(maintain_order=True),
        gpus=pl.DataFrame(
            gpus,
            schema={
                "usage_date": pl.Date(),
                "model_name": pl.String(),
                "gpu_hours": pl.Float64(),
                "direct_cost": pl.Float64(),
            },
        ).cast({"gpu_hours": MONEY, "direct_cost": MONEY}),
    )


def _frame(rows: list[dict[str, object]], money: pl.Decimal) -> pl.DataFrame:
    frame = pl.DataFrame(rows)
    return frame.cast({name: money for name in frame.columns if name.endswith("_cost")})


def growing(days: int = 70, *, restated_day: int | None = None) -> list[Asked]:
    """Ten weeks: growth, a longer context, a price cut, a new model, own GPUs that fill up."""
    asked = []
    for day in range(days):
        week = day // 7
        asked.append(
            Asked(
                day=day,
                team="red",
                model="steady",
                requests=100 + 5 * week + (1 if day == restated_day else 0),
                input_tokens=100_000 + 20_000 * week,
                output_tokens=20_000,
                input_price=3.0 if week < 4 else 2.4,
                users=4 + week // 3,
            )
        )
        if week >= 5:
            asked.append(
                Asked(
                    day=day,
                    team="red",
                    model="newcomer",
                    requests=40,
                    input_tokens=90_000,
                    output_tokens=40_000,
                    input_price=5.0,
                    output_price=25.0,
                )
            )
        asked.append(
            Asked(
                day=day,
                team="blue",
                model="own-1",
                requests=300,
                input_tokens=600_000 + 30_000 * week,
                output_tokens=100_000,
                input_price=0.5,
                output_price=2.0,
                own=True,
                idle_usd=0.4 - 0.03 * week,
            )
        )
        asked.append(
            Asked(
                day=day,
                team="blue",
                model="unlisted",
                requests=3,
                input_tokens=1_000,
                output_tokens=100,
                is_priced=False,
            )
        )
    return asked
