"""Faults of object stores as one line: which location, what is wrong, what to do.

What the libraries say is never repeated: it holds addresses as they were requested, and with them
signatures, and passwords that were written into an endpoint.
"""

import re
from typing import Final

from ingest.errors import MeterhouseError

STATUS: Final = re.compile(r"status code: (\d{3})")
CODE: Final = re.compile(r"<Code>([A-Za-z]{1,40})</Code>")
NO_CREDENTIALS: Final = re.compile(
    r"169\.254\.|metadata\.google|TokenRequest|token request|[Cc]redential error"
    r"|Account must be specified|Unauthenticated"
)
UNREACHABLE: Final = re.compile(r"error sending request|timed? ?out|onnection|builder error|dns")

CREDENTIALS: Final = {
    "s3": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or run under a role",
    "gs": "set GOOGLE_APPLICATION_CREDENTIALS, or run under a service account",
    "az": "set AZURE_STORAGE_ACCOUNT_NAME, and AZURE_STORAGE_ACCOUNT_KEY or another credential",
}
ENDPOINT: Final = {
    "s3": "check AWS_REGION and, for a store other than AWS, AWS_ENDPOINT_URL",
    "gs": "check the name of the bucket",
    "az": "check AZURE_STORAGE_ACCOUNT_NAME",
}


def store_fault(url: str, error: BaseException) -> MeterhouseError:
    """The line for what a store, or the library that speaks with it, raised.

    Args:
        url: Of the location or the object.
        error: Of obstore, or of Polars' cloud reader.
    """
    scheme = url.partition("://")[0]
    message = str(error)
    status = found[1] if (found := STATUS.search(message)) else None
    code = found[1] if (found := CODE.search(message)) else None
    shown = f" ({code or status})" if code or status else ""
    if NO_CREDENTIALS.search(message):
        return _line(url, "no credentials", CREDENTIALS[scheme])
    if status in ("401", "403"):
        remedy = "use credentials that may list and read it"
        return _line(url, f"access denied{shown}", f"{remedy}: {CREDENTIALS[scheme]}")
    if code == "NoSuchBucket" or (status == "404" and "list request" in message):
        remedy = f"correct location in sources.toml; {ENDPOINT[scheme]}"
        return _line(url, f"no such {'container' if scheme == 'az' else 'bucket'}", remedy)
    if status == "404":
        return _line(url, "gone since it was listed", "run again")
    if status == "412":
        return overwritten(url)
    if status in ("301", "307") or "redirect" in message:
        return _line(url, "the bucket lies elsewhere", ENDPOINT[scheme])
    if type(error).__name__ == "InvalidPathError":
        return _line(url, "a key below it has an empty folder name, as in a//b", "rename it")
    if UNREACHABLE.search(message):
        return _line(url, "no answer from the store", f"check the network; {ENDPOINT[scheme]}")
    what = f"the store failed{shown or f' ({type(error).__name__})'}"
    return _line(url, what, f"run again; if it stays, {ENDPOINT[scheme]}")


def overwritten(url: str) -> MeterhouseError:
    """The line for an object that is not the one that was listed anymore."""
    return _line(url, "overwritten while it was read", "run again")


def _line(url: str, what: str, remedy: str) -> MeterhouseError:
    return MeterhouseError(f"{url}: {what}; {remedy}")
