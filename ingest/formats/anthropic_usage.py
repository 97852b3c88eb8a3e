"""What Anthropic's reports and messages share: totals without cached tokens, tiers, regions."""

from ingest.formats.record_rows import Row


def input_parts(
    *,
    uncached: int | None,
    read: int | None,
    written: int | None,
    five_minutes: int | None,
    one_hour: int | None,
) -> Row:
    """The inclusive input total and its parts; Anthropic reports the parts, and no total.

    Args:
        uncached: Neither read from the cache nor written to it.
        read: From the cache.
        written: To the cache, all lifetimes together; where it is reported with lifetimes they
            are the same tokens.
        five_minutes: Written for five minutes.
        one_hour: Written for an hour.
    """
    lifetimes = _sum(five_minutes, one_hour)
    if lifetimes is not None and written is not None:
        written = max(written, lifetimes)
    written = lifetimes if written is None else written
    return {
        "input_total": _sum(uncached, read, written),
        "input_cache_read": read,
        "input_cache_write": written,
        "input_cache_write_5m": five_minutes,
        "input_cache_write_1h": one_hour,
    }


def tier(service_tier: str | None, speed: str | None) -> str | None:
    """The tier that decides the price: fast answers have a price of their own."""
    return "fast" if speed == "fast" else service_tier


def region(inference_geo: str | None) -> str | None:
    """Where the model ran, if Anthropic says."""
    return None if inference_geo == "not_available" else inference_geo


def _sum(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
