"""An S3 server for the tests of object stores; started once, and only for them."""

from itertools import count

import pytest

# Without a hyphen: moto finds no other bucket by a request that has no signature.
BUCKETS = (f"books{number}" for number in count())


@pytest.fixture(scope="session")
def s3_server():
    from local_s3 import serve

    with serve() as served:
        yield served


@pytest.fixture
def s3(s3_server, tmp_path, monkeypatch):
    """An empty bucket that the environment leads to."""
    from local_s3 import SECRET, LocalS3

    from ingest import object_store

    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server[0])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no_config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no_credentials"))
    monkeypatch.setattr(object_store, "RETRIES", 1)
    return LocalS3(s3_server[0], next(BUCKETS), s3_server[1])
