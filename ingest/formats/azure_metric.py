"""One answer of Azure Monitor's metrics API: minutes, hours or days of token counts."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from ingest.formats.azure_resource import resource_columns
from ingest.formats.record_fields import whole
from ingest.formats.usage_rows import Event, Text, unknown_tokens, utc
from ingest.records import FieldError
from ingest.tokens import reported_details

GRAINS: Final = {
    "PT1M": ("bucket_1m", timedelta(minutes=1)),
    "PT1H": ("bucket_1h", timedelta(hours=1)),
    "P1D": ("bucket_1d", timedelta(days=1)),
}
# Older and newer names of the same counts; the first that has data counts.
INPUT: Final = ("ProcessedPromptTokens", "InputTokens")
OUTPUT: Final = ("GeneratedTokens", "OutputTokens")
TOTAL: Final = ("TokenTransaction", "TotalTokens")
REQUESTS: Final = ("AzureOpenAIRequests", "ModelRequests")
BUCKET_LIMIT: Final = 10**15
# All tokens but the cached ones, which the others count as well.
ACTIVE: Final = "ActiveTokens"
KNOWN: Final = frozenset((*INPUT, *OUTPUT, *TOTAL, ACTIVE))
# Ratios, speeds and times of tokens, which are no tokens.
MEASURED: Final = re.compile(r"Rate$|PerSecond|Latency|Time|TBT|TTFT|Utilization")
Dimensions = tuple[tuple[str, str], ...]


class Name(msgspec.Struct):
    """A name as the API writes it."""

    value: str


class Dimension(msgspec.Struct):
    """One dimension's name and value."""

    name: Name
    value: str | None = None


class Point(msgspec.Struct):
    """One interval; without `total` there was no data."""

    timeStamp: str  # noqa: N815 - the producer's names, here and below
    total: float | None = None


class TimeSeries(msgspec.Struct):
    """The values of one set of dimensions."""

    metadatavalues: list[Dimension] | None = None
    data: list[Point] | None = None


class Metric(msgspec.Struct):
    """One metric."""

    name: Name
    id: str | None = None
    timeseries: list[TimeSeries] | None = None


class Answer(msgspec.Struct):
    """What the API answers."""

    value: list[Metric]
    interval: str | None = None
    resourceregion: str | None = None


ANSWER: Final = msgspec.json.Decoder(Answer)


def buckets(text: Text) -> Iterator[Event]:
    """Usage of each interval and set of dimensions that has data."""
    answer = ANSWER.decode(text)
    if answer.interval not in GRAINS:
        raise FieldError("interval", "neither PT1M, PT1H nor P1D", "unsupported_interval")
    grain, width = GRAINS[answer.interval]
    names = {metric.name.value for metric in answer.value}
    is_partial = not (names & set(INPUT) and names & set(OUTPUT))
    resource = next((metric.id for metric in answer.value if metric.id), "") or ""
    resource = resource.partition("/providers/Microsoft.Insights")[0].lower()
    for (started, dimensions), counts in _points(answer).items():
        described = "|".join(f"{name}={value}" for name, value in dimensions)
        yield {
            "natural_key": f"{resource}|{described}|{grain}|{started.isoformat()}",
            "grain": grain,
            "started_at": started,
            "ended_at": started + width,
            "region_name": answer.resourceregion,
            **resource_columns(resource),
            **_dimension_columns(dict(dimensions)),
            **_tokens(counts, is_partial=is_partial),
        }


def _points(answer: Answer) -> dict[tuple[datetime, Dimensions], dict[str, int]]:
    """Counts by metric, of each time and set of dimensions."""
    found: dict[tuple[datetime, Dimensions], dict[str, int]] = defaultdict(dict)
    for metric in answer.value:
        name = metric.name.value
        if not _is_count(name):
            continue
        for series in metric.timeseries or []:
            dimensions = tuple(
                sorted(
                    (one.name.value.casefold(), one.value or "")
                    for one in series.metadatavalues or []
                )
            )
            for point in series.data or []:
                if (count := whole(point.total, f"{name}.total", BUCKET_LIMIT)) is not None:
                    key = (utc(point.timeStamp, "timeStamp"), dimensions)
                    found[key].setdefault(name, count)
    return found


def _is_count(name: str) -> bool:
    """Whether a metric counts requests or tokens, of a kind that is known or not."""
    is_of_tokens = "token" in name.casefold() and not MEASURED.search(name)
    return is_of_tokens or name in REQUESTS


def _dimension_columns(dimensions: dict[str, str]) -> dict[str, Any]:
    model = dimensions.get("modelname") or None
    columns = {
        "request_model": model,
        "response_model": model,
        "deployment_name": dimensions.get("modeldeploymentname") or None,
    }
    region = dimensions.get("region")
    return columns | ({"region_name": region} if region else {})


def _tokens(counts: dict[str, int], *, is_partial: bool) -> Event:
    asked, given, total, requests = (
        next((counts[name] for name in names if name in counts), None)
        for names in (INPUT, OUTPUT, TOTAL, REQUESTS)
    )
    flags = ["partial_metrics"] if is_partial else []
    if total is not None and not is_partial and total != (asked or 0) + (given or 0):
        flags.append("residual")
    return {
        "request_count": requests,
        "uncached_input_tokens": asked,
        "other_output_tokens": given,
        "reported_input_tokens": asked,
        "reported_output_tokens": given,
        "reported_total_tokens": total,
        "reported_details": reported_details(
            {name: count for name, count in counts.items() if name not in REQUESTS}
        ),
        "reported_input_semantics": "inclusive",
        "quality_flags": [*flags, *unknown_tokens(counts, KNOWN)],
    }
