"""Reading one mappings/<name>.toml, and telling each fault by key and remedy."""

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import msgspec

from ingest.errors import MeterhouseError
from ingest.mapping_spec import ColumnSpec, MappingSpec
from ingest.mapping_targets import CACHE_PARTS, DURATIONS, TARGETS, TIMES, known_units
from ingest.times import TimestampError, parse_utc

# Why a row needs a value there.
WHAT_FOR: Final = {
    "started_at": "name the column with the time of the request, "
    "or map ended_at and request_duration",
    "ended_at": "name the column with the time of the request's end",
    "request_duration": "started_at is not mapped; without the duration nobody knows the start",
    "sampled_at": "name the column with the time of the reading",
    "gpu_uuid": "name the column with the GPU's UUID, or state a constant for a log of one GPU",
}


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
    for missing in (name for name in spec.required() if name not in targets):
        yield f"columns.{missing}: missing; {WHAT_FOR[missing]}"
    known = TARGETS[spec.table]
    for target, source in targets.items():
        if target not in known:
            closest = get_close_matches(target, known, n=1)
            hint = f"did you mean {closest[0]}?" if closest else f"known: {', '.join(known)}"
            yield f"columns.{target}: no such canonical column; {hint}"
        elif (source.column is None) == (source.constant is None):
            yield f"columns.{target}: state either column or constant"
        else:
            yield from _unit_faults(target, source)
            yield from _time_faults(target, source, spec.time_zone)
    if spec.input_semantics is None and any(part in targets for part in CACHE_PARTS):
        yield (
            "input_semantics: missing; state inclusive if input_tokens includes cached tokens, "
            "else excludes_cache or excludes_cache_read"
        )
    if len(spec.delimiter) != 1:
        yield 'delimiter: state one character, such as ";" or "\\t"'
    yield from _key_faults(spec)


def _key_faults(spec: MappingSpec) -> Iterator[str]:
    if spec.table != "usage_events":
        if spec.natural_key is not None:
            yield f"natural_key: rows of {spec.table} are named by what they measure; remove it"
    elif not spec.natural_key:
        fault = "missing" if spec.natural_key is None else "empty"
        yield f'natural_key: {fault}; name the columns of the request\'s id, or state "line"'


def _unit_faults(target: str, source: ColumnSpec) -> Iterator[str]:
    known = known_units(target)
    if target in DURATIONS and source.unit is None:
        yield f"columns.{target}.unit: missing; state one of {', '.join(known)}"
    if source.unit is not None and source.unit not in known:
        choice = f"one of {', '.join(known)}" if known else "none"
        yield f"columns.{target}.unit: {source.unit!r}; state {choice}"


def _time_faults(target: str, source: ColumnSpec, zone: str | None) -> Iterator[str]:
    if target not in TIMES:
        for key in ("origin", "format"):
            if getattr(source, key) is not None:
                yield f"columns.{target}.{key}: only times have one; remove it"
        return
    if source.origin is not None:
        if source.unit is None:
            yield f"columns.{target}.unit: missing; a count from an origin needs one"
        try:
            parse_utc(source.origin, zone)
        except TimestampError as error:
            yield f"columns.{target}.origin: {error}; write it as 2026-01-02T03:04:05Z"
    if source.format is not None:
        if source.unit is not None:
            yield f"columns.{target}.format: the column is either a count in a unit or a text"
        if not _is_format(source.format):
            yield (
                f"columns.{target}.format: {source.format!r} does not tell a day and a time; "
                'write it like "%d.%m.%Y %H:%M:%S"'
            )


def _is_format(text: str) -> bool:
    """Whether a time that is written in this format can be read back to the minute."""
    moment = datetime(2001, 12, 31, 23, 59, tzinfo=UTC)
    try:
        read = datetime.strptime(moment.strftime(text), text)  # noqa: DTZ007 - the format decides
    except (ValueError, re.error):
        return False
    return read.replace(tzinfo=UTC) == moment
