"""Identities as keyed hashes: the same person has the same hash, and nobody can try names.

A key of an API itself is never landed, whether identities are hashed or not: its sha256 is.
"""

import hmac
import re
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Final

import polars as pl

from ingest.errors import MeterhouseError
from ingest.files import write_atomically

IDENTITIES: Final = ("user_id", "end_user_id", "api_key_id", "session_id")
# They may hold identities, or be plain hashes of them that a guess would confirm.
EVENT: Final = "event_id"  # also where another table names an event
DERIVED: Final = ("natural_key", EVENT, "cost_id")
KEY_BYTES: Final = 32
OTHERS_MAY: Final = 0o077
KEY_COLUMN: Final = "api_key_id"
# How keys begin at OpenAI, Anthropic, LiteLLM, Groq, xAI, Perplexity, Google, Hugging Face, NVIDIA,
# Replicate and Fireworks, and the header that carries them.
RAW_KEY: Final = r"^(?i:bearer\s+(?P<sent>\S+)$|(?:sk|gsk|hf|r8|fw)[-_]|(?:xai|pplx|nvapi)-|AIza)"


def key_id_of(key: str) -> str:
    """What stands for a key: the key's sha256 as LiteLLM tells it, an id as it is."""
    found = re.match(RAW_KEY, key)
    if found is None:
        return key
    return sha256((found["sent"] or key).encode()).hexdigest()


def without_raw_keys(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with key_id_of in its column api_key_id, if it has one."""
    if KEY_COLUMN not in frame.columns:
        return frame
    keys = frame[KEY_COLUMN]
    raw = keys.filter(keys.str.contains(RAW_KEY)).unique().to_list()
    if not raw:
        return frame
    return frame.with_columns(keys.replace(raw, [key_id_of(key) for key in raw]))


class Identities:
    """Hashes identities with HMAC-SHA256 under the key of one data folder."""

    def __init__(self, key: bytes) -> None:
        """Hold the key."""
        self._key = key

    @property
    def key_id(self) -> str:
        """Tells keys apart without telling them: 8 hex digits."""
        return sha256(self._key).hexdigest()[:8]

    def hashed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with identities, and the ids made of them, as 64 hex digits; NULL stays NULL.

        A frame with neither a column of IDENTITIES nor ids of events is returned as it is.
        """
        if not {*IDENTITIES, EVENT} & set(frame.columns):
            return frame
        names = [name for name in (*IDENTITIES, *DERIVED) if name in frame.columns]
        return frame.with_columns(self._column(frame[name]) for name in names)

    def _column(self, column: pl.Series) -> pl.Series:
        """Every distinct value is hashed once."""
        values = column.unique().drop_nulls().to_list()
        hashes = [hmac.digest(self._key, value.encode(), "sha256").hex() for value in values]
        return column.replace_strict(values, hashes, default=None, return_dtype=pl.String())


def identities_of(path: Path) -> Identities:
    """Identities under the key in a file, which is made if it is absent.

    Args:
        path: Text of 64 hex digits; only its owner may read it.

    Raises:
        MeterhouseError: Others may read it, or it is not such a key.
    """
    if not path.exists():
        write_atomically(path, token_hex(KEY_BYTES).encode() + b"\n")
    try:
        if path.stat().st_mode & OTHERS_MAY:
            raise MeterhouseError(
                f"{path}: others may read the key of identities", f"run: chmod 600 {path}"
            )
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except OSError as error:
        raise MeterhouseError(f"{path}: {error.strerror}", "make the file readable") from error
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise MeterhouseError(
            f"{path}: not a key of {2 * KEY_BYTES} hex digits",
            "restore it from a backup; without the file a new key is made and all is hashed anew",
        )
    return Identities(key)
