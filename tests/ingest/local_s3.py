"""An S3 server on this machine, and a data folder whose inputs lie in it."""

import gzip
import logging
import re
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import boto3
import polars as pl
from moto.server import ThreadedMotoServer
from translated import GOLDEN

from ingest.landing import LandingReport, land
from ingest.mapping import load_mappings
from ingest.object_location import parse_locations
from ingest.sources import SOURCES

SECRET = "CANARYSECRETKEY"  # noqa: S105 - of no store
REQUEST = re.compile(r'"(?:\x1b\[[0-9;]*m)*(GET|HEAD) (\S+)')
OPTIONS = {name: {"time_zone": "UTC"} for name in SOURCES}
# Where a row was found; everything else of it is the same wherever its file lies.
OF_THE_PLACE = ("file_name", "delivered_at")

MAPPING = b"""
format = "parquet"
role = "request_log"
natural_key = "line"
[columns]
started_at = "at"
input_tokens = "tokens_in"
output_tokens = "tokens_out"
provider_name = { constant = "openai" }
"""


class Requests(logging.Handler):
    """The paths that a server was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.paths: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if found := REQUEST.search(record.getMessage()):
            self.paths.append(unquote(found[2]))


class LocalS3:
    """One bucket on the server."""

    def __init__(self, endpoint: str, bucket: str, requests: Requests) -> None:
        self.endpoint, self.bucket, self._requests = endpoint, bucket, requests
        self._client = boto3.client("s3", endpoint_url=endpoint)
        self._client.create_bucket(Bucket=bucket)

    def put(self, key: str, content: bytes) -> None:
        body = gzip.compress(content, mtime=0) if key.endswith(".gz") else content
        # Readable by all, so that requests without a signature are answered: those of gs://.
        self._client.put_object(Bucket=self.bucket, Key=key, Body=body, ACL="public-read")

    def delete(self, key: str) -> None:
        self._client.delete_object(Bucket=self.bucket, Key=key)

    def url(self, prefix: str) -> str:
        return f"s3://{self.bucket}/{prefix}".rstrip("/")

    @contextmanager
    def fetched(self) -> Iterator[list[str]]:
        """The keys of objects that are read meanwhile; listings are not."""
        before, keys = len(self._requests.paths), list[str]()
        yield keys
        own = f"/{self.bucket}/"
        keys += [p.removeprefix(own) for p in self._requests.paths[before:] if p.startswith(own)]

    @contextmanager
    def refusing_unknown_keys(self) -> Iterator[None]:
        """Meanwhile answer like AWS to credentials that it does not know."""
        self._check_keys_after(0)
        try:
            yield
        finally:
            self._check_keys_after(float("inf"))

    def _check_keys_after(self, requests: float) -> None:
        url, kind = f"{self.endpoint}/moto-api/reset-auth", {"Content-Type": "text/plain"}
        body = str(requests).encode()
        asked = urllib.request.Request(url, data=body, headers=kind)  # noqa: S310 - the test's own
        urllib.request.urlopen(asked).close()  # noqa: S310


@contextmanager
def serve() -> Iterator[tuple[str, Requests]]:
    """A server on a free port, and what it was asked."""
    requests, log = Requests(), logging.getLogger("werkzeug")
    log.addHandler(requests)
    log.setLevel(logging.INFO)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        yield "http://{}:{}".format(*server.get_host_and_port()), requests
    finally:
        server.stop()
        log.removeHandler(requests)


def land_from(folder: Path, **places: str | list[str]) -> LandingReport:
    """Land inputs/ and the locations, source=url or several, also of the folder's mappings."""
    locations = {
        name: parse_locations(name, [texts] if isinstance(texts, str) else texts)
        for name, texts in places.items()
    }
    sources = {**SOURCES, **load_mappings(folder / "mappings")}
    now = datetime.now(UTC).replace(tzinfo=None)
    return land(
        folder / "inputs", folder / "landing", sources, OPTIONS, locations=locations, now=now
    )


def landed_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Every table with rows, and the rejects, without what tells where the file lay."""
    tables = {}
    for path in sorted((folder / "landing").iterdir()):
        files = [f for f in path.rglob("*.parquet") if "_schema" not in f.parts]
        if files:
            frame = pl.read_parquet(files, hive_partitioning=False).drop(OF_THE_PLACE, strict=False)
            tables[path.name] = frame.sort(pl.all().map_batches(_text), nulls_last=True)
    return tables


def _text(column: pl.Series) -> pl.Series:
    return column.cast(pl.String) if not column.dtype.is_nested() else column.hash()


def bill_as_parquet(path: Path, copies: int = 1) -> bytes:
    """A FOCUS bill, its lines so many times over."""
    cells = pl.read_csv(GOLDEN / "focus/focus_1_2.csv", infer_schema=False)
    pl.concat([cells] * copies).write_parquet(path, row_group_size=1000)
    return path.read_bytes()


def own_log(path: Path, prompts: list[str]) -> bytes:
    """Requests that MAPPING describes, each with a prompt that it leaves out."""
    columns = {"at": "2026-05-01T00:00:00Z", "tokens_in": 7, "tokens_out": 5}
    frame = pl.DataFrame({"prompt": prompts}).with_columns(
        pl.lit(value).alias(name) for name, value in columns.items()
    )
    frame.write_parquet(path)
    return path.read_bytes()
