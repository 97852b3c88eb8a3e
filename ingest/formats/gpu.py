"""What the GPU telemetry sources share: identities, units and the reasons why a value is NULL."""

from collections.abc import Mapping
from typing import Final

import polars as pl

BYTES_PER_MIB: Final = 1_048_576
# Under MIG no utilization of the whole GPU exists, even where a tool writes 0.
NOT_UNDER_MIG: Final = ("gpu_utilization_ratio", "memory_copy_utilization_ratio")


def canonical_uuid(text: str) -> str:
    """`GPU-` and lower-case digits, however the producer wrote it."""
    return f"GPU-{text.strip().lower().removeprefix('gpu-')}"


def null_reasons(reasons: Mapping[str, pl.Expr]) -> pl.Expr:
    """The null_reasons column of a frame.

    Args:
        reasons: For each canonical column the reason (String), NULL where there is none.

    Returns:
        A JSON object of column and reason as String, NULL where no column has a reason.
    """
    parts = [
        pl.concat_str(pl.lit(f'"{name}":"'), reason, pl.lit('"'))
        for name, reason in sorted(reasons.items())
    ]
    inner = pl.concat_str(parts, separator=",", ignore_nulls=True)
    return pl.when(inner != "").then(pl.concat_str(pl.lit("{"), inner, pl.lit("}")))
