"""Token counts of a span: what its input total includes, and the parts of its totals."""

from collections.abc import Mapping
from dataclasses import dataclass

from ingest.formats.otlp_attributes import INPUT, OUTPUT, PARTS, TOTAL
from ingest.formats.record_rows import Row
from ingest.tokens import reported_details


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Who recorded a span.

    Attributes:
        service_name: Of the resource.
        is_exclusive: Whether the user states that this instrumentation's input tokens leave the
            cached ones out.
    """

    service_name: str | None
    is_exclusive: bool


def semantics_of(
    counts: Mapping[str, int], provider: str | None, origin: Origin
) -> tuple[str, bool]:
    """How the reported input is meant, and whether that is a guess.

    Args:
        counts: By attribute name.
        provider: As the newest conventions name it.
        origin: Who recorded the span.

    Returns:
        inclusive, or excludes_cache where cached tokens are to be added; and whether it is a guess.
    """
    total = _first(counts, INPUT)
    cached = sum(
        _first(counts, PARTS[part]) or 0 for part in ("input_cache_read", "input_cache_write")
    )
    if total is None or not cached:
        return "inclusive", False
    if origin.is_exclusive:
        return "excludes_cache", False
    if cached > total:  # it cannot be a part of it
        return "excludes_cache", True
    # The conventions include cached tokens, Anthropic's API does not; some copy the latter.
    return "inclusive", provider == "anthropic"


def token_columns(counts: Mapping[str, int], semantics: str) -> Row:
    """The reported totals, and what split_tokens takes."""
    parts = {part: _first(counts, paths) for part, paths in PARTS.items()}
    reported, output = _first(counts, INPUT), _first(counts, OUTPUT)
    total = reported
    if reported is not None and semantics == "excludes_cache":
        total = reported + (parts["input_cache_read"] or 0) + (parts["input_cache_write"] or 0)
    return {
        "reported_input_tokens": reported,
        "reported_output_tokens": output,
        "reported_total_tokens": _first(counts, TOTAL),
        "reported_details": reported_details(counts),
        "reported_input_semantics": semantics,
        "input_total": total,
        "output_total": output,
        **parts,
    }


def _first(counts: Mapping[str, int], paths: tuple[str, ...]) -> int | None:
    return next((counts[path] for path in paths if path in counts), None)
