"""Token counts of many usageMetadata objects, path by path."""

from collections.abc import Iterator, Sequence
from typing import Final

from ingest.formats.count_lists import CountLists, Shape, kinds_of
from ingest.formats.vertex_bodies import Part

CACHE_DETAILS: Final = "cacheTokensDetails"


def add_usages(counts: CountLists, shapes: Sequence[Shape]) -> Iterator[int]:
    """Every token count of usageMetadata, as vertex_usage tells them.

    Yields:
        Places of records that tell cached tokens by modality.
    """
    for shape in shapes:
        for name in shape.keys:
            found = shape.values(name)
            kinds, is_count = kinds_of(found), "token" in name.casefold()
            if "." in name or (list in kinds and len(kinds) > 1):
                counts.set_aside(shape.places, found)
            elif kinds == {list}:
                places = _add_kinds(counts, name, shape.places, found)
                yield from places if name == CACHE_DETAILS else ()
            elif is_count and kinds == {int} and name != CACHE_DETAILS:
                counts.add(name, shape.places, found)
            elif is_count:
                counts.set_aside(shape.places, found)


def _add_kinds(
    counts: CountLists, name: str, places: Sequence[int], lists: Sequence[list[Part] | None]
) -> list[int]:
    """Counts by modality; the places of records that tell any."""
    told: dict[str, dict[int, int]] = {}
    for place, parts in zip(places, lists, strict=True):
        for part in parts or ():
            held = told.get(part.modality)
            if held is None:
                held = told[part.modality] = {}
            if place in held:
                counts.odd.add(place)
            held[place] = part.token_count or 0
    for kind, held in told.items():
        counts.add(f"{name}.{kind}", held.keys(), list(held.values()))
    return [place for held in told.values() for place in held]
