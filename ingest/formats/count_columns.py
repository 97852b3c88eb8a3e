"""Token counts of many records, under their dotted paths, as columns."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from ingest.formats.value_columns import null_column
from ingest.tokens import has_unknown_tokens, reported_details

Counts = Mapping[str, int]


def part_columns(
    counts: Sequence[Counts], parts: Mapping[str, tuple[str, ...]]
) -> Iterator[pl.Series]:
    """An Int64 column for each part: of a record the first of the part's paths that it reports.

    Args:
        counts: One for each record.
        parts: Name of the column -> paths.
    """
    told = set[str]().union(*counts)
    for part, paths in parts.items():
        used = [path for path in paths if path in told]
        if not used:
            yield null_column(part, len(counts), pl.Int64())
            continue
        found, *others = (
            pl.Series(part, [one.get(path) for one in counts], pl.Int64(), strict=True)
            for path in used
        )
        for other in others:
            found = found.zip_with(found.is_not_null(), other)
        yield found


def detail_columns(counts: Sequence[Counts], known: frozenset[str]) -> Iterator[pl.Series]:
    """The column reported_details, and unknown_token_field: whether that flag is raised.

    Args:
        counts: One for each record.
        known: Paths that the reader knows.
    """
    details = [reported_details(one) for one in counts]
    yield pl.Series("reported_details", details, pl.String(), strict=True)
    unknown = [has_unknown_tokens(one, known) for one in counts]
    yield pl.Series("unknown_token_field", unknown, pl.Boolean(), strict=True)
