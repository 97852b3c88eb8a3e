"""Where objects lie: `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Final

from ingest.errors import MeterhouseError

# No user, password or port before the bucket, and no query behind the prefix: they hold keys.
FORM: Final = re.compile(r"(s3|gs|az)://([A-Za-z0-9][A-Za-z0-9._-]*)((?:/[^?#]*)?)")
REMEDY: Final = (
    "write s3://bucket/prefix, gs://bucket/prefix or az://container/prefix; "
    "credentials come from the environment and never stand there"
)


@dataclass(frozen=True, kw_only=True)
class Location:
    """A folder of an object store.

    Attributes:
        scheme: s3, gs or az.
        bucket: Of az the container; its account is named by the environment.
        prefix: The folder's path without slashes at its ends; empty: the whole bucket.
    """

    scheme: str
    bucket: str
    prefix: str

    @property
    def url(self) -> str:
        """As people write it."""
        return self.url_of(self.prefix).rstrip("/")

    def url_of(self, key: str) -> str:
        """The address of an object in this bucket."""
        return f"{self.scheme}://{self.bucket}/{key}"

    def holds(self, other: "Location") -> bool:
        """Whether the other folder is this one or lies in it."""
        is_near = (self.scheme, self.bucket) == (other.scheme, other.bucket)
        return is_near and f"{other.prefix}/".startswith(f"{self.prefix}/" if self.prefix else "")


def parse_locations(source: str, texts: Sequence[str]) -> tuple[Location, ...]:
    """The locations that sources.toml states for a source.

    Raises:
        MeterhouseError: One is not of the form, or lies in another. Repeats no text that is not of
            the form, since it may hold a key.
    """
    locations = tuple(_parse(source, text) for text in texts)
    for outer, inner in permutations(locations, 2):
        if outer.holds(inner):
            raise MeterhouseError(
                f"sources.toml: [{source}] location {inner.url} lies in {outer.url}; "
                "state the outer one alone"
            )
    return locations


def _parse(source: str, text: str) -> Location:
    found = FORM.fullmatch(text.strip())
    if found is None:
        raise MeterhouseError(f"sources.toml: [{source}] location: {REMEDY}")
    scheme, bucket, path = found.groups()
    return Location(scheme=scheme, bucket=bucket, prefix=path.strip("/"))
