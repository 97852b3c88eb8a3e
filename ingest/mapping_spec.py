"""What a declared mapping may state: the keys of mappings/<name>.toml, and their checks."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

import msgspec

from ingest.errors import MeterhouseError
from ingest.schema import USAGE_EVENTS
from ingest.source import Role

# Token counts a mapping may name -> the part that split_tokens takes.
TOKENS: Final[Mapping[str, str]] = {
    "input_tokens": "input_total",
    "output_tokens": "output_total",
    "total_tokens": "reported_total_tokens",
    "cache_read_input_tokens": "input_cache_read",
    "cache_write_input_tokens": "input_cache_write",
    **{
        f"cache_write_{life}_input_tokens": f"input_cache_write_{life}"
        for life in ("5m", "30m", "1h", "12h")
    },
    **{f"{kind}_input_tokens": f"input_{kind}" for kind in ("audio", "image", "video")},
    **{
        f"{part}_output_tokens": f"output_{part}"
        for part in ("reasoning", "audio", "image", "rejected_prediction")
    },
}
TIMES: Final = ("started_at", "ended_at", "first_token_at")
DURATIONS: Final[Mapping[str, str]] = {
    "request_duration": "ended_at",
    "time_to_first_token": "first_token_at",
}
MONEY: Final = "reported_cost_usd"
FLAGS: Final = ("is_batch", "is_stream", "is_gateway_cache_hit")
COUNTS: Final = ("request_count",)
TEXTS: Final = tuple(
    name
    for name, dtype in USAGE_EVENTS.items()
    if dtype == USAGE_EVENTS["request_id"]
    and not name.startswith(("source", "file_", "event_", "natural_", "grain", "reported_"))
)
TARGETS: Final = (*TIMES, *DURATIONS, *TOKENS, *COUNTS, *FLAGS, MONEY, *TEXTS)

TIME_UNITS: Final = ("s", "ms", "us", "ns")
MONEY_UNITS: Final = ("USD", "USD_cents", "USD_micros")
CACHE_PARTS: Final = tuple(name for name in TOKENS if name.startswith("cache_"))


class ColumnSpec(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Where a canonical column comes from: a column of the log, in a unit, or a constant."""

    column: str | None = None
    unit: str | None = None
    constant: str | int | bool | None = None


class MappingSpec(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One declared mapping.

    Attributes:
        format: csv (with a header), ndjson or parquet.
        columns: Canonical column -> column of the log; in NDJSON `usage.prompt_tokens` is a field
            of an object.
        natural_key: Columns of the log that name one request; or "line" where the log has no id.
        input_semantics: Whether input_tokens includes cached tokens; required where they are
            mapped.
        output_semantics: Whether output_tokens includes reasoning_output_tokens.
        time_zone: Of times without an offset.
        role: What the log stands for beside other logs of the same requests.
        delimiter: Of a CSV file.
        description: One line for people.
        docs: Where the log is documented.
    """

    format: Literal["csv", "ndjson", "parquet"]
    columns: dict[str, str | ColumnSpec]
    natural_key: list[str] | Literal["line"]
    input_semantics: Literal["inclusive", "excludes_cache", "excludes_cache_read"] | None = None
    output_semantics: Literal["inclusive", "excludes_reasoning"] = "inclusive"
    time_zone: str | None = None
    role: Role = "request_log"
    delimiter: str = ","
    description: str = "a log described by a declared mapping"
    docs: str = ""

    def targets(self) -> dict[str, ColumnSpec]:
        """Canonical column -> where it comes from."""
        return {
            target: ColumnSpec(column=spec) if isinstance(spec, str) else spec
            for target, spec in self.columns.items()
        }

    def version(self) -> int:
        """Changes when anything that the mapping states changes, but not with its comments."""
        stated = json.dumps(msgspec.to_builtins(self), sort_keys=True)
        return int(sha256(stated.encode()).hexdigest()[:8], 16)


def read_spec(path: Path) -> MappingSpec:
    """Read and check one mapping.

    Raises:
        MeterhouseError: It is not TOML, or states something wrong; names file, key and remedy.
    """
    place = f"mappings/{path.name}"
    try:
        spec = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), MappingSpec)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MeterhouseError(f"{place}: not TOML: {error}") from None
    except msgspec.ValidationError as error:
        key = re.search(r"at `\$\.?(.+)`$", str(error))
        what = str(error).partition(" - at ")[0]
        raise MeterhouseError(f"{place}: {key.group(1) if key else 'top level'}: {what}") from None
    if faults := [f"{place}: {fault}" for fault in _faults(spec)]:
        raise MeterhouseError(*faults)
    return spec


def _faults(spec: MappingSpec) -> Iterator[str]:
    targets = spec.targets()
    if "started_at" not in targets:
        yield "columns.started_at: missing; name the column with the time of the request"
    for target, source in targets.items():
        if target not in TARGETS:
            closest = get_close_matches(target, TARGETS, n=1)
            hint = f"did you mean {closest[0]}?" if closest else f"known: {', '.join(TARGETS)}"
            yield f"columns.{target}: no such canonical column; {hint}"
        elif (source.column is None) == (source.constant is None):
            yield f"columns.{target}: state either column or constant"
        else:
            yield from _unit_faults(target, source)
    if spec.input_semantics is None and any(part in targets for part in CACHE_PARTS):
        yield (
            "input_semantics: missing; state inclusive if input_tokens includes cached tokens, "
            "else excludes_cache or excludes_cache_read"
        )
    if len(spec.delimiter) != 1:
        yield 'delimiter: state one character, such as ";" or "\\t"'
    if spec.natural_key == []:
        yield 'natural_key: empty; name the columns of the request\'s id, or state "line"'


def _unit_faults(target: str, source: ColumnSpec) -> Iterator[str]:
    known: tuple[str, ...] = ()
    if target in TIMES or target in DURATIONS:
        known = TIME_UNITS
    elif target == MONEY:
        known = MONEY_UNITS
    if target in DURATIONS and source.unit is None:
        yield f"columns.{target}.unit: missing; state one of {', '.join(known)}"
    if source.unit is not None and source.unit not in known:
        choice = f"one of {', '.join(known)}" if known else "none"
        yield f"columns.{target}.unit: {source.unit!r}; state {choice}"
