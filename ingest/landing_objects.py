"""The objects below stated locations, as inputs like any file."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ingest.errors import MeterhouseError
from ingest.instance_folder import instance_of
from ingest.landing_inputs import Found, FoundInputs, SourceOptions, told_parts
from ingest.object_location import Location
from ingest.object_store import ObjectStore
from ingest.objects import StoredObject
from ingest.source import Source

if TYPE_CHECKING:
    from obstore import ObjectMeta

Locations = Mapping[str, Sequence[Location]]


def find_objects(
    locations: Locations, sources: Mapping[str, Source], options: SourceOptions
) -> FoundInputs:
    """Objects below the locations of known sources, in order of location and name.

    Args:
        locations: Source -> where its objects lie; a folder below names their instance.
        sources: Name -> source.
        options: Source -> what sources.toml states about it.
    """
    found = FoundInputs()
    for name, places in locations.items():
        if name not in sources:
            found.unknown.append(f"sources.toml: [{name}] states a location and is no source")
            continue
        for location in places:
            try:
                files = list(_found_in(location, sources[name], options.get(name, {})))
            except MeterhouseError as error:
                found.faults += error.lines
                continue
            found.files += files
            if not files:
                found.unknown.append(
                    f"{location.url}: nothing lies there; check location of [{name}] in "
                    "sources.toml"
                )
    return found


def list_objects(location: Location) -> Iterator[StoredObject]:
    """The objects below a location that are inputs, in no order.

    Raises:
        MeterhouseError: It cannot be listed.
    """
    store = ObjectStore(location)
    for listed in store.objects(location):
        if _is_input(listed, location):
            yield StoredObject(
                store=store,
                url=location.url_of(listed["path"]),
                key=listed["path"],
                size=listed["size"],
                e_tag=listed["e_tag"],
                version=listed["version"],
                written_at=_naive(listed["last_modified"]),
            )


def _found_in(location: Location, source: Source, options: Mapping[str, str]) -> Iterator[Found]:
    items = sorted(list_objects(location), key=lambda item: item.key)
    newest: dict[str, datetime] = {}
    for item in items:
        folder = item.key.rpartition("/")[0]
        newest[folder] = max(item.written_at, newest.get(folder, item.written_at))
    for item in items:
        parts = _below(item.key, location).split("/")
        yield Found(
            source=source,
            path=item,
            full_name=item.url,
            placed_name="/".join((source.name, *parts)),
            instance=instance_of(told_parts(source, parts[:-1])),
            written_at=item.written_at,
            is_newest=item.written_at == newest[item.key.rpartition("/")[0]],
            options=options,
        )


def _below(key: str, location: Location) -> str:
    return key.removeprefix(f"{location.prefix}/" if location.prefix else "")


def _is_input(listed: "ObjectMeta", location: Location) -> bool:
    """Not what is hidden or half done, nor the empty object that stands for a folder."""
    parts = _below(listed["path"], location).split("/")
    is_folder = listed["size"] == 0 and "." not in parts[-1]
    is_hidden = any(part.startswith(".") for part in parts)
    return not (is_folder or is_hidden or parts[-1].endswith((".tmp", ".part")))


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
