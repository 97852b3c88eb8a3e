"""Slurm's trackable resources: `cpu=96,gres/gpu:h100=8,gres/gpu=8`."""

from collections.abc import Mapping
from typing import Final

GPU: Final = "gres/gpu"
TYPED: Final = "gres/gpu:"
UTILIZATION: Final = "gres/gpuutil"


def tres(text: str) -> dict[str, str]:
    """Values by resource."""
    return dict(part.split("=", 1) for part in text.split(",") if "=" in part)


def gpu_count(resources: Mapping[str, str]) -> int:
    """Allocated GPUs; the entry without a type already holds those that are listed by type."""
    if GPU in resources:
        return _count(resources[GPU])
    return sum(_count(value) for name, value in resources.items() if name.startswith(TYPED))


def gpu_type(resources: Mapping[str, str]) -> str | None:
    """Types of the allocated GPUs, joined by commas; NULL where Slurm does not tell them."""
    types = sorted(name.removeprefix(TYPED) for name in resources if name.startswith(TYPED))
    return ",".join(types) or None


def gpu_percent(resources: Mapping[str, str]) -> float | None:
    """Utilization in percent, summed over GPUs; NULL where it was not measured."""
    try:
        return float(resources[UTILIZATION].removesuffix("%"))
    except (KeyError, ValueError):
        return None


def _count(value: str) -> int:
    """A whole number, or raises ValueError."""
    count = int(value)
    if not 0 <= count <= 10**6:
        raise ValueError("not a number of GPUs")
    return count
