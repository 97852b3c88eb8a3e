"""What earlier versions landed under an instance that is none today; see ingest.instance_folder.

It is landed anew under the instance that it has now. Only then is the former landing withdrawn, so
that a kill at any moment loses nothing; a run that follows withdraws it.
"""

from collections.abc import Iterable

from ingest.landing_content import Content
from ingest.landing_inputs import Found
from ingest.landing_memory import Contents
from ingest.manifests import Manifest


class Former:
    """Earlier landings, found by name, by content and by first line."""

    def __init__(self, moved: Iterable[Found], manifests: Iterable[Manifest]) -> None:
        """Take in files that have another instance now, and the manifests that count."""
        self._alike: dict[tuple[str, str, str], dict[str, Manifest]] = {}
        former = {(found.source.name, found.former_instance) for found in moved}
        for m in (m for m in manifests if (m.source, m.source_instance) in former):
            for text in (m.file_name, m.content_sha256, m.head_sha256):
                key = (m.source, m.source_instance, text)
                self._alike.setdefault(key, {})[m.file_sha256] = m

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._alike)

    def landings(self, found: Found, contents: Contents) -> list[Manifest]:
        """Those whose rows a moved file holds, or restates, under another instance now.

        Raises:
            MeterhouseError: The file cannot be read.
        """
        alike = self._by(found, found.full_name) | self._by(found, found.name)
        if found.source.record_lines:
            alike |= self._by(found, contents.head(found.path).sha256)
        content = contents.content(found.path, frozenset(m.end_byte for m in alike.values()))
        alike |= self._by(found, content.sha256)
        return [m for m in alike.values() if _is_outdated(m, found, content)]

    def _by(self, found: Found, text: str) -> dict[str, Manifest]:
        return dict(self._alike.get((found.source.name, found.former_instance, text), {}))


def _is_outdated(manifest: Manifest, found: Found, content: Content) -> bool:
    is_named = manifest.file_name in (found.name, found.full_name)
    if is_named and found.source.keeps_versions:
        return True  # an older delivery of this report, which nothing under its instance replaces
    holds = content.digests.get(manifest.end_byte) == manifest.content_sha256
    return holds and (is_named or not found.source.reads_name)
