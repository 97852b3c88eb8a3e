"""Daily facts of demand: who asked which model for which tokens, and what that cost."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

TOKEN_CLASSES: Final = (
    "uncached_input",
    "cache_read_input",
    "cache_write_input",
    "other_output",
    "reasoning_output",
)
TOKENS: Final = tuple(f"{name}_tokens" for name in TOKEN_CLASSES)
COSTS: Final = tuple(f"{name}_cost" for name in TOKEN_CLASSES)
OWN: Final = "self_hosted"

_ROW: Final = ("usage_date", "team_id", "provider_name", "model_name")
_MONEY: Final = pl.Decimal(38, 15)
# Below this a difference is the rounding of a sum, not a charge.
_DUST_USD: Final = 1e-9


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Days of demand; money is a decimal of US dollars.

    Attributes:
        first_day: First day (UTC) that the facts cover.
        last_day: Last day, included.
        uses: One row per day, team, provider, model, is_self_hosted, is_priced and is_counted
            (whether the requests are known): request_count, tokens and cost of each class, and
            what own GPUs' idle time and overhead add (idle_cost, overhead_cost).
        others: usage_date, team_id, provider_name, model_name, driver, cost: what cost money and
            is not a price of tokens.
        users: usage_date, team_id, user_key: who was active.
        gpus: usage_date, model_name, gpu_hours, direct_cost of GPUs that served a model.
        totals: usage_date, team_id, total_tokens, unpriced_tokens, cost: what all parts sum to.
    """

    first_day: date
    last_day: date
    uses: pl.DataFrame
    others: pl.DataFrame
    users: pl.DataFrame
    gpus: pl.DataFrame
    totals: pl.DataFrame

    @classmethod
    def from_marts(
        cls,
        *,
        first_day: date,
        last_day: date,
        usage: pl.DataFrame,
        costs: pl.DataFrame,
        users: pl.DataFrame,
        gpus: pl.DataFrame,
    ) -> "Facts":
        """Join tokens with what they cost.

        Args:
            first_day: First day (UTC) of the frames.
            last_day: Last day.
            usage: Tokens, requests and cloud costs, as in `uses`.
            costs: Costs by day, team, provider and model, and their total, allocation_cost.
            users: As in `users`.
            gpus: As in `gpus`.
        """
        served = _served(usage, costs)
        uses = served.select(*_ROW, *_FLAGS, "request_count", *TOKENS, *COSTS, *_LOADS)
        totals = costs.select(
            "usage_date", "team_id", "total_tokens", "unpriced_tokens", cost="allocation_cost"
        )
        return cls(
            first_day=first_day,
            last_day=last_day,
            uses=uses,
            others=_others(uses, costs),
            users=users,
            gpus=gpus,
            totals=totals,
        )


_FLAGS: Final = ("is_self_hosted", "is_priced", "is_counted")
_LOADS: Final = ("idle_cost", "overhead_cost")


def _served(usage: pl.DataFrame, costs: pl.DataFrame) -> pl.DataFrame:
    """Usage with own GPUs' costs: input follows the tokens that were computed, as in the marts."""
    shares = ("served_input_cost", "served_output_cost", "allocated_cost")
    loads = ("idle_share_cost", "overhead_share_cost")
    joined = usage.join(costs.select(*_ROW, *shares, *loads), on=_ROW, how="left")
    computed = pl.col("uncached_input_tokens") + pl.col("cache_write_input_tokens")
    is_cached = computed == 0
    weights = {
        "uncached_input": pl.when(is_cached).then(0).otherwise(pl.col("uncached_input_tokens")),
        "cache_read_input": pl.when(is_cached).then(pl.col("cache_read_input_tokens")).otherwise(0),
        "cache_write_input": pl.col("cache_write_input_tokens"),
        "other_output": pl.col("other_output_tokens"),
        "reasoning_output": pl.col("reasoning_output_tokens"),
    }
    is_own = (pl.col("provider_name") == OWN) & pl.col("is_priced")
    parts = {
        name: _part(
            f"served_{'input' if name.endswith('input') else 'output'}_cost",
            weight,
            sum(
                (weights[other] for other in weights if other[-5:] == name[-5:]),
                start=pl.lit(0),
            ),
        )
        for name, weight in weights.items()
    }
    own = joined.with_columns(
        pl.when(is_own).then(part).otherwise(pl.col(f"{name}_cost")).alias(f"{name}_cost")
        for name, part in parts.items()
    )
    inference = pl.sum_horizontal(pl.col(name).cast(float) for name in COSTS)
    share = inference / pl.col("allocated_cost").cast(float)
    is_loaded = is_own & (pl.col("allocated_cost").cast(float) > 0)
    return own.with_columns(
        pl.when(is_loaded)
        .then((pl.col(load).cast(float) * share).cast(_MONEY))
        .otherwise(pl.lit(0, _MONEY))
        .alias(name)
        for name, load in zip(_LOADS, loads, strict=True)
    ).with_columns(is_counted=pl.col("is_counted") & (pl.col("request_count") > 0))


def _part(cost: str, weight: pl.Expr, weights: pl.Expr) -> pl.Expr:
    """A class's part of a cost: row by row in floats, then a decimal that sums exactly."""
    part = pl.col(cost).cast(float) * weight.cast(float) / weights.cast(float)
    known = pl.col(cost).is_not_null() & (weights > 0)
    return pl.when(known).then(part).otherwise(0.0).cast(_MONEY)


def _others(uses: pl.DataFrame, costs: pl.DataFrame) -> pl.DataFrame:
    """What of each row's cost no price of a token explains, by what it is."""
    spent = uses.group_by(_ROW).agg(
        tokens_cost=pl.sum_horizontal(pl.col(name).sum() for name in COSTS),
        idle=pl.col("idle_cost").sum(),
        overhead=pl.col("overhead_cost").sum(),
    )
    joined = costs.rename({"idle_cost": "idle_charge", "overhead_cost": "overhead_charge"}).join(
        spent, on=_ROW, how="left"
    )
    # Where nobody used own GPUs on a day nobody carries them, and they stay with their own row.
    unshared = joined["allocation_cost"].cast(float) - sum(
        joined[name].cast(float)
        for name in (
            "cloud_cost",
            "reserved_idle_cost",
            "allocated_cost",
            "idle_share_cost",
            "overhead_share_cost",
        )
    )
    is_unshared = pl.Series("is_unshared", unshared.abs() > _DUST_USD)
    is_own = pl.col("provider_name") == OWN
    tokens_cost = pl.col("tokens_cost").fill_null(0)
    parts = {
        "reserved_idle": pl.col("reserved_idle_cost"),
        "charges_without_tokens": pl.when(is_own)
        .then(0)
        .otherwise(pl.col("cloud_cost") - tokens_cost),
        "gpu_work_without_tokens": pl.when(is_own)
        .then(pl.col("allocated_cost") - tokens_cost)
        .otherwise(0),
        "gpu_idle": pl.col("idle_share_cost")
        - pl.col("idle").fill_null(0)
        + pl.when("is_unshared").then(pl.col("idle_charge")).otherwise(0),
        "gpu_overhead": pl.col("overhead_share_cost")
        - pl.col("overhead").fill_null(0)
        + pl.when("is_unshared").then(pl.col("overhead_charge")).otherwise(0),
    }
    return (
        joined.with_columns(is_unshared)
        .select(*_ROW, *(part.cast(_MONEY).alias(name) for name, part in parts.items()))
        .unpivot(index=_ROW, variable_name="driver", value_name="cost")
        .filter(pl.col("cost").cast(float).abs() > _DUST_USD)
        .sort(*_ROW, "driver")
    )
