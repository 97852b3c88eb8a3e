"""The column quality_flags, made of flags that are raised or not."""

from collections.abc import Mapping
from typing import Final

import polars as pl

NONE: Final = pl.lit("")


def joined_flags(**flags: bool) -> str:
    """The names of the flags of one record that are raised, joined by commas.

    A column of such texts is built many times faster than one of Python's lists.
    """
    return ",".join(name for name, is_raised in flags.items() if is_raised)


def flag_texts(flags: Mapping[str, pl.Expr]) -> pl.Expr:
    """What joined_flags tells of each record, under the name quality_flags.

    Args:
        flags: Name -> whether it is raised; NULL: it is not.
    """
    raised = (pl.when(is_raised).then(pl.lit(name)) for name, is_raised in flags.items())
    return pl.concat_str(*raised, separator=",", ignore_nulls=True).alias("quality_flags")


def raised_flags(flags: Mapping[str, pl.Expr]) -> pl.Expr:
    """Names of the flags that are raised, in their order, under the name quality_flags.

    Args:
        flags: Name -> whether it is raised; NULL: it is not.
    """
    return listed_flags(*(pl.when(raised).then(pl.lit(name)) for name, raised in flags.items()))


def listed_flags(*texts: pl.Expr) -> pl.Expr:
    """Names of flags as lists, under the name quality_flags.

    Args:
        texts: Flags as joined_flags tells them; NULL or empty: none.

    Returns:
        Lists of names, empty where there is none. One text of all is built and split more than
        ten times as fast as pl.concat_list builds lists.
    """
    joined = pl.concat_str(NONE, *texts, separator=",", ignore_nulls=True).str.split(",")
    return joined.list.eval(pl.element().filter(pl.element() != "")).alias("quality_flags")
