"""Declared mappings: any CSV, JSON or Parquet log of requests or readings, described by TOML."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import polars as pl

from ingest.errors import MeterhouseError
from ingest.mapping_checks import read_spec
from ingest.mapping_json import TextRow
from ingest.mapping_rows import text_rows
from ingest.mapping_spec import MappingSpec
from ingest.mapping_targets import TOKENS, target_type
from ingest.mapping_usage import usage_events
from ingest.mapping_values import converter
from ingest.records import BATCH_ROWS, FieldError, event_ids, reject_record
from ingest.source import Batch, InputFile, Reject, Source
from ingest.times import TimestampError, stated_zone

# These faults are the same on every line: the file is rejected once, not line by line.
ZONE_FAULTS: Final = ("naive_timestamp", "unknown_time_zone")
# What the folder of a log of samples is named for, where no column of the log says it.
INSTANCE_COLUMNS: Final = {"gpu_samples": "host_name", "power_samples": "meter_name"}

# Line number, values in the order of the mapped columns, natural key or "".
Row = tuple[int, list[Any], str]


def load_mappings(folder: Path) -> dict[str, Source]:
    """The sources that a data folder declares.

    Args:
        folder: Holds <name>.toml files; may be absent.

    Returns:
        Name -> source, in order of name; its version follows what the TOML file states.

    Raises:
        MeterhouseError: A file is wrong; names file, key and remedy.
    """
    return {path.stem: _source(path) for path in sorted(folder.glob("*.toml"))}


def _source(path: Path) -> Source:
    spec = read_spec(path)
    constants = _constants(path, spec)
    return Source(
        name=path.stem,
        role=spec.role or ("request_log" if spec.table == "usage_events" else "telemetry"),
        tables=(spec.table,),
        version=spec.version(),
        description=spec.description,
        docs=spec.docs,
        read=partial(_read, path.stem, spec, constants),
    )


def _constants(path: Path, spec: MappingSpec) -> dict[str, Any]:
    values = {}
    for target, source in spec.targets().items():
        if source.constant is not None:
            convert = converter(spec.table, target, source, spec.time_zone, path.stem)
            try:
                values[target] = convert(str(source.constant))
            except (FieldError, TimestampError) as error:
                place = f"mappings/{path.name}: columns.{target}.constant"
                raise MeterhouseError(f"{place}: {error}") from None
    return values


def _read(
    name: str, spec: MappingSpec, constants: Mapping[str, Any], file: InputFile
) -> Iterator[Batch | Reject]:
    reading = _Reading(name, spec, constants, file)
    held: list[Row] = []
    for item in text_rows(file, spec, reading.wanted):
        if isinstance(item, Reject):
            yield item
            continue
        try:
            held.append(reading.translate(item))
        except TimestampError as error:
            yield error.reject(None, spec.required()[0])
            return
        except FieldError as error:
            yield reject_record(error, item[0])
        if len(held) == BATCH_ROWS:
            yield reading.batch(held)
            held = []
    if held:
        yield reading.batch(held)


class _Reading:
    """One file under one mapping: converters by column, and how often each row was seen."""

    def __init__(
        self, name: str, spec: MappingSpec, constants: Mapping[str, Any], file: InputFile
    ) -> None:
        self._name = name
        self._spec = spec
        self._constants = constants
        self._file = file
        self._columns = [(t, s) for t, s in spec.targets().items() if s.column is not None]
        zone = spec.time_zone or stated_zone(file)
        self._converters = [converter(spec.table, t, s, zone, name) for t, s in self._columns]
        self._required = [target in spec.required() for target, _ in self._columns]
        key = spec.natural_key if isinstance(spec.natural_key, list) else []
        self.wanted = list(dict.fromkeys([str(s.column) for _, s in self._columns] + key))
        self._places = [self.wanted.index(str(s.column)) for _, s in self._columns]
        self._key_places = [self.wanted.index(column) for column in key]
        self._seen: Counter[bytes] = Counter()

    def translate(self, row: TextRow) -> Row:
        """Line number, values in the order of the mapped columns, natural key.

        Raises:
            FieldError: A value is not what its column means.
            TimestampError: The time zone of the whole file is not stated, or unknown.
        """
        number, texts = row
        values = []
        for (_, source), place, convert, is_required in zip(
            self._columns, self._places, self._converters, self._required, strict=True
        ):
            text = texts[place]
            if text is None and is_required:
                raise _fault(source.column, "no value", "missing_value")
            try:
                values.append(None if text is None else convert(text))
            except TimestampError as error:
                if error.reason_code in ZONE_FAULTS:
                    raise
                raise _fault(source.column, str(error), error.reason_code) from error
            except FieldError as error:
                raise _fault(source.column, str(error), "bad_value") from error
        is_event = self._spec.table == "usage_events"
        return number, values, self._natural_key(texts) if is_event else ""

    def _natural_key(self, texts: Sequence[str | None]) -> str:
        """The log's own id, or a hash of the row and how often the file held it before.

        Rows that are equal in every mapped column are told apart only inside one file: delivered
        in two files, they count as one request.
        """
        if self._key_places:
            parts = [texts[place] for place in self._key_places]
            if None in parts:
                column = self.wanted[self._key_places[parts.index(None)]]
                raise _fault(column, "no value, but it names the request", "missing_value")
            return "\x1f".join(map(str, parts))
        digest = sha256("\x1f".join(text or "" for text in texts).encode()).digest()
        self._seen[digest] += 1
        return f"{digest.hex()}-{self._seen[digest]}"

    def batch(self, rows: list[Row]) -> Batch:
        """Canonical rows of translated ones."""
        numbers, values, keys = zip(*rows, strict=True)
        table = self._spec.table
        by_target = zip(*values, strict=True)
        columns = {
            TOKENS.get(target, target): pl.Series(
                items, dtype=target_type(table, target), strict=True
            )
            for (target, _), items in zip(self._columns, by_target, strict=True)
        }
        columns["line_number"] = pl.Series(numbers, dtype=pl.Int64)
        frame = pl.DataFrame(columns).with_columns(
            pl.lit(value, dtype=target_type(table, target)).alias(TOKENS.get(target, target))
            for target, value in self._constants.items()
        )
        if table == "usage_events":
            return Batch(table=table, frame=usage_events(self._identified(frame, keys), self._spec))
        return Batch(table=table, frame=self._sampled(frame))

    def _identified(self, frame: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
        ids = event_ids(self._name, self._file.instance, keys)
        return frame.with_columns(
            pl.Series("natural_key", keys, pl.String()), pl.Series("event_id", ids, pl.String())
        )

    def _sampled(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Add what measured or was measured, where only sources.toml or the folder says it."""
        column = INSTANCE_COLUMNS[self._spec.table]
        stated = {column: self._file.instance}
        if "host_name" in self._file.options:
            stated["host_name"] = self._file.options["host_name"]
        return frame.with_columns(
            pl.lit(value).alias(name) for name, value in stated.items() if name not in frame.columns
        ).with_columns(pl.lit([], dtype=pl.List(pl.String)).alias("quality_flags"))


def _fault(column: object, message: str, code: str) -> FieldError:
    return FieldError(str(column), message, code, is_declared=True)
