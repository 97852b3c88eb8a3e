"""A bucket: its objects are listed, and read by ranges of bytes in bounded memory."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ingest.object_faults import store_fault
from ingest.object_location import Location
from ingest.object_settings import allows_http, store_settings

if TYPE_CHECKING:
    from obstore import ObjectMeta

# One request; a first read of 8 MiB costs little more than one of 8 KiB.
WINDOW_BYTES: Final = 8 * 2**20
# The window in use and the one before: looking at a file and reading it is then one request.
WINDOWS_HELD: Final = 2
RETRIES: Final = 3
RETRY_SECONDS: Final = 60

Answer = TypeVar("Answer")


class ObjectStore:
    """One bucket and what was last read of it."""

    def __init__(self, location: Location) -> None:
        """Prepare; speaks with nobody yet.

        Raises:
            MeterhouseError: The environment does not say enough, such as no Azure account.
        """
        self._location = location
        self._scheme = location.scheme
        self._settings = store_settings(location.scheme)
        self._allows_http = allows_http(location.scheme, self._settings)
        self._bucket = ask(location.url, lambda: self._opened(location.bucket))
        self._windows: OrderedDict[tuple[str, str | None, int], memoryview] = OrderedDict()

    def __reduce__(self) -> tuple[type["ObjectStore"], tuple[Location]]:
        """In another process it is opened anew, from that one's environment: no key is sent."""
        return ObjectStore, (self._location,)

    def _opened(self, bucket: str) -> Any:
        # Imported here: nobody who states no location pays for it.
        from obstore import store

        kinds = {"s3": store.S3Store, "gs": store.GCSStore, "az": store.AzureStore}
        return kinds[self._scheme](
            bucket,
            config=self._settings,
            client_options={"allow_http": self._allows_http},
            retry_config={
                "max_retries": RETRIES,
                "retry_timeout": timedelta(seconds=RETRY_SECONDS),
            },
        )

    @property
    def polars_options(self) -> dict[str, Any]:
        """`storage_options` with which Polars reaches the same bucket in the same way."""
        return {
            **self._settings,
            "aws_allow_http" if self._scheme == "s3" else "allow_http": str(self._allows_http),
            "max_retries": RETRIES,
        }

    def objects(self, location: Location) -> Iterator["ObjectMeta"]:
        """What lies below a location, in no order.

        Raises:
            MeterhouseError: It cannot be listed.
        """
        import obstore

        prefix = location.prefix or None
        chunks = ask(location.url, lambda: obstore.list(self._bucket, prefix))
        while (chunk := ask(location.url, lambda: next(chunks, None))) is not None:
            yield from chunk

    def window(self, url: str, key: str, e_tag: str | None, number: int) -> memoryview:
        """The bytes of an object from number * WINDOW_BYTES on, at most WINDOW_BYTES.

        Raises:
            MeterhouseError: They cannot be read, or the object has another e_tag now.
        """
        place = (key, e_tag, number)
        held = self._windows.get(place)
        if held is None:
            start = number * WINDOW_BYTES
            held = self.read(url, key, e_tag, start, start + WINDOW_BYTES)
            while len(self._windows) >= WINDOWS_HELD:
                self._windows.popitem(last=False)
            self._windows[place] = held
        self._windows.move_to_end(place)
        return held

    def read(self, url: str, key: str, e_tag: str | None, start: int, end: int) -> memoryview:
        """Bytes of an object; fewer where it ends. Raises as `window` does."""
        import obstore

        options: Any = {"range": (start, end)}
        if e_tag is not None:
            options["if_match"] = e_tag
        found = ask(url, lambda: obstore.get(self._bucket, key, options=options).bytes())
        return memoryview(found)


def ask(url: str, call: Callable[[], Answer]) -> Answer:
    """Do what may fail at a store.

    Raises:
        MeterhouseError: It failed.
    """
    from obstore.exceptions import BaseError

    try:
        return call()
    except (BaseError, OSError, ValueError) as error:
        raise store_fault(url, error) from None
