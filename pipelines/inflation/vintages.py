"""History is not revised: a published value stays, and a restated one is published beside it."""

from datetime import date

import polars as pl

from pipelines.inflation.tables import PERIOD_KEY

# Its windows move with the days; only the newest comparison is kept.
RUNNING = "days_28"


def keep_history(
    published: pl.DataFrame, computed: pl.DataFrame, *, first_day: date, last_day: date
) -> pl.DataFrame:
    """Join what was published before with what the facts say now.

    A period's rows stay as they are while the fingerprint of what they were computed from does;
    where it changed, the new rows are another vintage and the old ones are kept, not current.

    Args:
        published: Rows of the file written before; may be empty.
        computed: Rows of all complete periods, with `input_fingerprint`, vintage 1 and current.
        first_day: First day that the facts cover. Older periods stay: the facts are gone, not
            corrected.
        last_day: Last day that the facts cover.

    Returns:
        All vintages; `is_current` tells the newest.
    """
    running = pl.col("period_kind") == RUNNING
    kept, fresh = published.filter(~running), computed.filter(~running)
    known = kept.filter("is_current").select(*PERIOD_KEY, "input_fingerprint").unique()
    stated = fresh.select(*PERIOD_KEY, "input_fingerprint").unique()
    same = known.join(stated, on=[*PERIOD_KEY, "input_fingerprint"], how="semi")
    new = fresh.join(same, on=PERIOD_KEY, how="anti")
    last = kept.group_by(PERIOD_KEY).agg(last_vintage=pl.col("vintage").max())
    numbered = (
        new.join(last, on=PERIOD_KEY, how="left")
        .with_columns(vintage=pl.col("last_vintage").fill_null(0) + 1)
        .select(published.columns)
    )
    is_covered = (pl.col("period_start_date") >= first_day) & (
        pl.col("period_end_date") <= last_day
    )
    is_same = pl.col("is_same").fill_null(value=False)
    marked = (
        kept.join(same.select(*PERIOD_KEY, is_same=pl.lit(value=True)), on=PERIOD_KEY, how="left")
        .with_columns(is_current=pl.col("is_current") & (is_same | ~is_covered))
        .select(published.columns)
    )
    return pl.concat([marked, numbered, computed.filter(running).select(published.columns)])
