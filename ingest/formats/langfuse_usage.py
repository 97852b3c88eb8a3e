"""Langfuse's usageDetails to disjoint token classes.

By Langfuse's rule its keys exclude each other. Shapes that it does not know are stored as they were
sent, so a total that adds up differently shows that `input` includes its parts.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from ingest.formats.record_fields import Fields, whole
from ingest.formats.usage_rows import Event, parts_of, sum_of
from ingest.tokens import reported_details

# Key -> token class; `tokens` at the end of a key changes nothing.
CLASSES: Final[Mapping[str, str]] = {
    "input_cached": "cache_read_input_tokens",
    "input_cache_read": "cache_read_input_tokens",
    "cache_read_input": "cache_read_input_tokens",
    "prompt_details.cached": "cache_read_input_tokens",
    "input_cache_creation": "cache_write_other_input_tokens",
    "input_cache_write": "cache_write_other_input_tokens",
    "cache_creation_input": "cache_write_other_input_tokens",
    "input_cache_creation_5m": "cache_write_5m_input_tokens",
    "input_cache_creation_1h": "cache_write_1h_input_tokens",
    "input_audio": "uncached_audio_input_tokens",
    "input_image": "uncached_image_input_tokens",
    "input_video": "uncached_video_input_tokens",
    "output_reasoning": "reasoning_output_tokens",
    "completion_details.reasoning": "reasoning_output_tokens",
    "output_audio": "audio_output_tokens",
    "output_image": "image_output_tokens",
    "output_rejected_prediction": "rejected_prediction_output_tokens",
}
INPUT: Final = ("input", "prompt", "input_text")
OUTPUT: Final = ("output", "completion", "output_text", "output_accepted_prediction")
KNOWN: Final = frozenset((*INPUT, *OUTPUT))
NO_COUNTS: Final = ("unit", "inputCost", "outputCost", "totalCost")  # of the older form
SUMS: Final = ("promptTokens", "completionTokens", "totalTokens")
SUFFIX: Final = re.compile(r"_tokens(?=$|_|\.)")


def token_columns(row: Fields) -> Event:
    """Token classes, reported totals and quality flags of an observation."""
    unit = row.text("unit")
    if unit is not None and unit.upper() != "TOKENS":
        return {"quality_flags": ["unit_is_not_tokens"]}
    usage = row.mapping("usageDetails", "usage_details") or row.mapping("usage") or {}
    counts = {
        name: count
        for name, value in usage.items()
        if name not in NO_COUNTS and (count := whole(value, f"usageDetails.{name}")) is not None
    }
    if not counts:
        return {}
    details = {f"usageDetails.{name}": count for name, count in counts.items()}
    for name in SUMS:
        if (count := row.count(name)) is not None:
            details[name] = count
    return _columns(counts, row) | {"reported_details": reported_details(details)}


def _columns(counts: dict[str, int], row: Fields) -> Event:
    columns: dict[str, int | None] = {}
    flags: list[str] = []
    base: dict[str, int | None] = {"input": None, "output": None}
    total = counts.get("total", counts.get("total_tokens"))
    for name, count in counts.items():
        key = key_of(name)
        if key == "total":
            continue
        if key in CLASSES:
            columns[CLASSES[key]] = columns.get(CLASSES[key], 0) or 0
            columns[CLASSES[key]] = (columns[CLASSES[key]] or 0) + count
            continue
        side = side_of(key)
        if side is not None:
            base[side] = (base[side] or 0) + count
        if key not in KNOWN and count:
            flags.append("unknown_token_field")
    return _totals(columns, base, total, row, flags)


@lru_cache(maxsize=1024)  # the same few names in every observation
def key_of(name: str) -> str:
    """A key of usageDetails as CLASSES has it."""
    return SUFFIX.sub("", name)


def side_of(key: str) -> str | None:
    """Whether a key that is none of CLASSES counts input or output; None: neither."""
    if key in INPUT or key.startswith("input"):
        return "input"
    return "output" if key in OUTPUT or key.startswith("output") else None


def _totals(
    columns: dict[str, int | None],
    base: dict[str, int | None],
    total: int | None,
    row: Fields,
    flags: list[str],
) -> Event:
    """Take the parts out of `input` and `output` where these include them."""
    parts = {
        side: {name: count for name, count in columns.items() if name.endswith(f"{side}_tokens")}
        for side in base
    }
    summed = sum(count or 0 for count in (*columns.values(), *base.values()))
    whole_sum = sum(count or 0 for count in base.values())
    if total is not None and total != summed and total == whole_sum:
        flags = [*flags, "inferred_semantics"]
        for side in base:
            taken, base[side], clamped = parts_of(base[side], *parts[side].values())
            parts[side] = dict(zip(parts[side], taken, strict=True))
            flags += clamped
    elif total is not None and total != summed:
        flags = [*flags, "residual"]
    sums = {side: sum_of(base[side], *parts[side].values()) for side in base}
    reported = {
        "input": row.count("promptTokens", "prompt_tokens"),
        "output": row.count("completionTokens", "completion_tokens"),
    }
    return {
        **parts["input"],
        **parts["output"],
        "uncached_input_tokens": base["input"],
        "other_output_tokens": base["output"],
        # Langfuse's own sums count every part once more where `input` includes them.
        "reported_input_tokens": reported["input"] if reported["input"] == sums["input"] else None,
        "reported_output_tokens": (
            reported["output"] if reported["output"] == sums["output"] else None
        ),
        "reported_total_tokens": total,
        "reported_input_semantics": "inclusive",
        "quality_flags": list(dict.fromkeys(flags)),
    }
