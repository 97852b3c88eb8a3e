"""What an address asks for, and the address of what one may ask for next."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from urllib.parse import urlencode

from ingest.errors import MeterhouseError
from pipelines.dashboard.view import Filter
from pipelines.dashboard.whatif import DRIVERS
from pipelines.metrics import Metric, metric, metrics

_DAYS = ("first", "last", "before_first", "before_last")
_LONGEST = 300
_GREATEST_FACTOR = 100


def asked_filter(query: Mapping[str, str]) -> Filter:
    """Read a filter from the query of an address; names that are none of it are ignored.

    Raises:
        MeterhouseError: A day is none, a value is too long, or no such metric or dimension exists.
    """
    known = {one.name for one in fields(Filter)}
    given = {name: query[name].strip() for name in known if query.get(name, "").strip()}
    for name, value in given.items():
        if len(value) > _LONGEST:
            raise MeterhouseError(f"The value of {name} is longer than {_LONGEST} letters.")
    days = {name: _day(name, given.pop(name)) for name in _DAYS if name in given}
    times = _factor(given.pop("times")) if "times" in given else None
    asked = Filter(**days, **given, times=times)  # type: ignore[arg-type] # names are its own
    if asked.driver not in (None, *DRIVERS):
        raise MeterhouseError(f"{asked.driver!r} is none of {', '.join(DRIVERS)}.")
    by = dimensions(metric(asked.metric))
    if not by:
        raise MeterhouseError(f"{asked.metric} cannot be told by anything.")
    # Another metric was chosen that does not have the dimension of the last one.
    return asked if asked.by in by else replace(asked, by=by[0])


def dimensions(chosen: Metric) -> tuple[str, ...]:
    """Give what the explorer may tell a metric by: values of it add up, or are ratios of sums."""
    if chosen.required_dimensions:
        return ()
    return tuple(one for one in chosen.dimensions if one not in _TOO_MANY)


# Not for people to read: a series for each of hundreds.
_TOO_MANY = ("gpu_uuid", "horizon_days")


def explorable() -> list[Metric]:
    """Give the metrics that have a dimension to tell them by."""
    return [one for one in metrics().values() if dimensions(one)]


def address(path: str, asked: Filter, more: Mapping[str, str] | None = None) -> str:
    """Give the address of a page under a filter.

    Args:
        path: Such as /costs.
        asked: What is not asked for does not appear.
        more: Values that go before those of the filter.
    """
    plain = Filter()
    given = {
        one.name: str(getattr(asked, one.name))
        for one in fields(Filter)
        if getattr(asked, one.name) != getattr(plain, one.name)
    }
    query = urlencode(given | dict(more or {}))
    return f"{path}?{query}" if query else path


def _factor(value: str) -> float:
    try:
        factor = float(value)
    except ValueError:
        factor = -1
    if 0 <= factor <= _GREATEST_FACTOR:
        return factor
    raise MeterhouseError(f"times={value} is no number from 0 to {_GREATEST_FACTOR}.")


def _day(name: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise MeterhouseError(f"{name}={value} is not a day.", "Write it as YYYY-MM-DD.") from None
