"""What every Prometheus source needs: samples of a file, and the name of the scraped process.

A scraped text says nothing about when it was scraped. In order of preference a sample's time is:
its own time stamp; a line `# scraped_at 2026-06-01T00:00:00Z` before the scrape; a UTC stamp such
as 20260601T000000Z in the file's name.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from ingest.formats.prometheus_api import is_json, read_answers
from ingest.formats.prometheus_samples import Readings, Series, SeriesIndex
from ingest.formats.prometheus_text import read_exposition
from ingest.formats.prometheus_times import whole_readings
from ingest.readers import lines
from ingest.source import InputFile, Reject

NO_INSTANCE: Final = "default"  # the file lies directly in the source's folder
PLACE: Final = ("cluster", "namespace", "pod")
SUFFIX: Final = re.compile(r"\.(gz|zst|prom|txt|json|ndjson|jsonl|metrics|openmetrics)$")
# Rotated files of one process must not become a new process each day: its counters would restart.
STAMP: Final = re.compile(r"[-_.]?(?<!\d)(\d{8}(T?\d{6}Z?)?|\d{4}-\d{2}-\d{2})(?!\d)")


def readings(file: InputFile, is_wanted: Callable[[str], bool]) -> Iterator[Readings | Reject]:
    """Samples of a text exposition (one scrape or many) or of API answers.

    Args:
        file: Text in the Prometheus or OpenMetrics format; or one JSON answer of query_range or of
            an instant query, or one answer a line.
        is_wanted: Says of a sample name whether its values are needed; asked once for each series.

    Yields:
        Readings that never split a scrape, and rejects with line numbers.
    """
    index = SeriesIndex(is_wanted=is_wanted)
    first = next(lines(file), None)
    if first is None:
        return
    is_answer = not isinstance(first, Reject) and is_json(first[1])
    read = read_answers if is_answer else read_exposition
    yield from whole_readings(lambda: read(file, index), index.series)


def process_of(file: InputFile, series: Series) -> str:
    """The scraped process: its name, then its place: `vllm:8000{cluster="a",pod="llama-0"}`.

    Clusters name their services alike, so the same name in two places is two processes. Other
    labels, such as job, are those of who scraped, and two that scrape one process are no two.
    """
    name = series.label("instance", "pod") or _name_of(file)
    place = [(label, series.label(label)) for label in PLACE]
    told = ",".join(f'{label}="{text}"' for label, text in place if text not in (None, name))
    return f"{name}{{{told}}}" if told else name


def _name_of(file: InputFile) -> str:
    """The folder's name, else the file's without its date."""
    if file.instance != NO_INSTANCE:
        return file.instance
    stem = file.path.name
    while (shorter := SUFFIX.sub("", stem)) != stem:
        stem = shorter
    return STAMP.sub("", stem).strip("-_.") or NO_INSTANCE
