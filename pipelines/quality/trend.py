"""How a day compares with the days around it: a changed unit or a lost file stands out."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from pipelines.quality.partitions import NEIGHBORHOOD

# A median of fewer days says little: a company's first days differ for good reasons.
DAYS_NEEDED = 3


def with_trends(
    profile: pl.DataFrame, around: pl.DataFrame | None, measures: Sequence[str], today: date
) -> pl.DataFrame:
    """Add each measure's ratio to its median over the other days of the same source.

    Args:
        profile: A row per usage_date and source of the audited days.
        around: The same columns for days that are not audited, or None.
        measures: Columns to compare.
        today: The day in progress (UTC): its rows are not complete, so no verdict on row_count.

    Returns:
        The profile with `<measure>_to_median` (DOUBLE); NULL where fewer than DAYS_NEEDED other
        days within NEIGHBORHOOD have the measure or their median is 0.
    """
    if not measures:
        return profile
    keys = ["usage_date", "source"]
    days = profile.lazy().select(*keys, *measures)
    others = days if around is None else pl.concat([days, around.lazy().select(*keys, *measures)])
    distance = (pl.col("usage_date") - pl.col("other_date")).abs()
    ratios = (
        days.select(keys)
        .join(others.rename({"usage_date": "other_date"}), on="source")
        .filter(distance > pl.duration(days=0), distance <= NEIGHBORHOOD)
        .group_by(keys)
        .agg(_median(measure) for measure in measures)
    )
    joined = profile.lazy().join(ratios, on=keys, how="left")
    return (
        joined.with_columns(_ratio(measure, today) for measure in measures)
        .drop(f"{measure}_median" for measure in measures)
        .sort(keys)
        .collect()
    )


def _median(measure: str) -> pl.Expr:
    enough = pl.col(measure).count() >= DAYS_NEEDED
    return pl.when(enough).then(pl.col(measure).median()).alias(f"{measure}_median")


def _ratio(measure: str, today: date) -> pl.Expr:
    median = pl.col(f"{measure}_median")
    is_judged = median > 0
    if measure == "row_count":
        is_judged &= pl.col("usage_date") < today
    return pl.when(is_judged).then(pl.col(measure) / median).alias(f"{measure}_to_median")
