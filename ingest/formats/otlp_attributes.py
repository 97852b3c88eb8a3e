"""Attributes of OpenTelemetry's GenAI spans: three generations of names, values of OTLP/JSON."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from ingest.records import TOKEN_LIMIT, FieldError

USAGE: Final = "gen_ai.usage."
# Newest name first; the first that is reported counts.
INPUT: Final = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens")
OUTPUT: Final = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens")
TOTAL: Final = ("gen_ai.usage.total_tokens",)
PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "input_cache_read": (
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_read_input_tokens",
        "gen_ai.usage.cached_tokens",
    ),
    "input_cache_write": (
        "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_creation_input_tokens",
    ),
    "input_audio": ("gen_ai.usage.audio.input_tokens",),
    "input_image": ("gen_ai.usage.image.input_tokens",),
    "input_video": ("gen_ai.usage.video.input_tokens",),
    "output_reasoning": (
        "gen_ai.usage.reasoning.output_tokens",
        "gen_ai.usage.reasoning_tokens",
    ),
    "output_audio": ("gen_ai.usage.audio.output_tokens",),
    "output_image": ("gen_ai.usage.image.output_tokens",),
}
# Known, and inside other classes: they stay in reported_details alone.
UNSPLIT: Final = (
    "gen_ai.usage.text.input_tokens",
    "gen_ai.usage.text.output_tokens",
    "gen_ai.usage.video.output_tokens",
    *(
        f"gen_ai.usage.{modality}.cache_read.input_tokens"
        for modality in ("text", "audio", "image", "video")
    ),
)
KNOWN_FIELDS: Final = frozenset(
    (*INPUT, *OUTPUT, *TOTAL, *UNSPLIT, *(path for paths in PARTS.values() for path in paths))
)
WHOLE: Final = re.compile(r"-?\d{1,20}")


class _Value(msgspec.Struct):
    stringValue: str | None = None  # noqa: N815 - the protocol's names
    intValue: int | str | None = None  # noqa: N815
    doubleValue: float | str | None = None  # noqa: N815
    boolValue: bool | None = None  # noqa: N815
    arrayValue: msgspec.Raw = msgspec.Raw(b"null")  # noqa: N815


class _Values(msgspec.Struct):
    values: list[_Value] = []


class Attribute(msgspec.Struct):
    """A key with its value, which is decoded only if somebody asks: it may be a prompt."""

    key: str
    value: msgspec.Raw = msgspec.Raw(b"{}")


_VALUE: Final = msgspec.json.Decoder(_Value)
_VALUES: Final = msgspec.json.Decoder(_Values | None)


class Attributes:
    """The attributes of a span or of a resource, by name."""

    def __init__(self, pairs: Iterable[Attribute] | None) -> None:
        self._raw = {pair.key: pair.value for pair in pairs or ()}

    def text(self, *names: str) -> str | None:
        """The first of these that is a text and not empty."""
        for name in names:
            if name in self._raw and (found := self._value(name).stringValue):
                return found
        return None

    def texts(self, name: str) -> list[str]:
        """The texts of an array."""
        held = _VALUES.decode(self._value(name).arrayValue) if name in self._raw else None
        return [part.stringValue for part in (held.values if held else ()) if part.stringValue]

    def flag(self, name: str) -> bool | None:
        """A truth value."""
        return self._value(name).boolValue if name in self._raw else None

    def seconds(self, *names: str) -> float | None:
        """The first of these that is a number of seconds from 0 to a day."""
        for name in names:
            found = self._value(name).doubleValue if name in self._raw else None
            if isinstance(found, float) and 0 <= found <= 86_400:
                return found
        return None

    def token_counts(self) -> dict[str, int]:
        """Every count of tokens by its attribute's name.

        Raises:
            FieldError: A count is not a whole number from 0 to 10**9.
        """
        counts = {}
        for name in self._raw:
            if name.startswith(USAGE) and "token" in name:
                count = self._count(name)
                if count is not None:
                    counts[name] = count
        return counts

    def _count(self, name: str) -> int | None:
        value = self._value(name)
        found = value.intValue if value.intValue is not None else value.doubleValue
        is_text = isinstance(found, str) and WHOLE.fullmatch(found) is not None
        if found is not None and (is_text or (isinstance(found, float) and found.is_integer())):
            found = int(found)
        if found is None and value.stringValue is None:
            return None
        if not isinstance(found, int) or not 0 <= found <= TOKEN_LIMIT:
            limit = f"{TOKEN_LIMIT:,}"
            raise FieldError(name, f"not a whole number of tokens from 0 to {limit}")
        return found

    def _value(self, name: str) -> _Value:
        try:
            return _VALUE.decode(self._raw[name])
        except msgspec.ValidationError as error:
            raise FieldError(name, "not a value as OTLP writes it") from error
