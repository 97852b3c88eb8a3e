"""Token counts of many Bedrock records, beside their bodies and in them, path by path."""

from collections.abc import Sequence
from typing import Any, Final

from ingest.formats.bedrock_body import CACHE_DETAILS
from ingest.formats.count_lists import CountLists, Shape, kinds_of, shapes_of
from ingest.records import TOKEN_LIMIT

DETAILS: Final = "cacheDetails"
# A field of these names would be told under the paths of others.
SPECIAL: Final = (DETAILS, "input", "output")


def add_logged(counts: CountLists, prefix: str, shapes: Sequence[Shape]) -> None:
    """Token fields beside the bodies."""
    for shape in shapes:
        for name in shape.keys:
            if "token" in name.casefold():
                counts.add_written(prefix + name, shape.places, shape.values(name))


def add_usage(counts: CountLists, prefix: str, shapes: Sequence[Shape]) -> None:
    """Every whole number of bodies' usage, as flatten_tokens tells them."""
    for shape in shapes:
        for name in shape.keys:
            path, found = prefix + name, shape.values(name)
            kinds = kinds_of(found)
            if "." in name or path in SPECIAL:
                _add_special(counts, path, shape.places, found)
            elif kinds == {int}:
                counts.add(path, shape.places, found)
            elif kinds == {dict}:
                add_usage(counts, f"{path}.", shapes_of(shape.places, found))
            elif kinds not in ({list}, {str}) or (kinds == {str} and "token" in name):
                counts.set_aside(shape.places, found)


def _add_special(
    counts: CountLists, path: str, places: Sequence[int], found: Sequence[Any]
) -> None:
    """Tokens written to a cache; aside what might be told under the path of something else."""
    if path == DETAILS and kinds_of(found) == {list}:
        _add_lifetimes(counts, places, found)
    else:
        counts.set_aside(places, found)


def _add_lifetimes(
    counts: CountLists, places: Sequence[int], found: Sequence[list[Any] | None]
) -> None:
    """Tokens written to a cache, by how long they stay there."""
    told: dict[str, tuple[list[int], list[int]]] = {}
    for place, details in zip(places, found, strict=True):
        for detail in details or ():
            if type(detail) is not dict or (count := detail.get("inputTokens")) is None:
                continue
            lifetime = detail.get("ttl")
            if type(lifetime) is not str or type(count) is not int or not 0 <= count <= TOKEN_LIMIT:
                counts.odd.add(place)
            elif lifetime in CACHE_DETAILS:
                held = told.setdefault(CACHE_DETAILS[lifetime], ([], []))
                held[0].append(place)
                held[1].append(count)
    for path, lists in told.items():
        counts.add(path, *lists)
