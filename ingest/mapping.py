"""Declared mappings: any CSV, NDJSON or Parquet log of requests, described by a TOML file."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import polars as pl

from ingest.mapping_rows import TextRow, text_rows
from ingest.mapping_spec import (
    DURATIONS,
    FLAGS,
    MONEY,
    TIMES,
    TOKENS,
    ColumnSpec,
    MappingSpec,
    read_spec,
)
from ingest.records import (
    BATCH_ROWS,
    TOKEN_LIMIT,
    FieldError,
    event_ids,
    exact_money,
    reject_record,
)
from ingest.schema import USAGE_EVENTS
from ingest.source import Batch, InputFile, Reject, Source
from ingest.times import MICROSECONDS, TimestampError, from_epoch, parse_utc, stated_zone
from ingest.tokens import FLAG_COLUMNS, LIFETIMES, PART_COLUMNS, split_tokens

MONEY_FACTORS: Final = {
    "USD": Decimal(1),
    "USD_cents": Decimal("0.01"),
    "USD_micros": Decimal("0.000001"),
}
BOOLEANS: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
STATUSES: Final = ("success", "failure", "aborted", "unknown")
# These faults are the same on every line: the file is rejected once, not line by line.
ZONE_FAULTS: Final = ("naive_timestamp", "unknown_time_zone")

Converter = Callable[[str], Any]


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
    return Source(
        name=path.stem,
        role=spec.role,
        tables=("usage_events",),
        version=spec.version(),
        description=spec.description,
        docs=spec.docs,
        read=partial(_read, path.stem, spec),
    )


def _read(name: str, spec: MappingSpec, file: InputFile) -> Iterator[Batch | Reject]:
    reading = _Reading(name, spec, file)
    held: list[tuple[int, list[Any], str]] = []
    for item in text_rows(file, spec, reading.wanted):
        if isinstance(item, Reject):
            yield item
            continue
        try:
            held.append(reading.translate(item))
        except TimestampError as error:
            yield error.reject(None, "started_at")
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

    def __init__(self, name: str, spec: MappingSpec, file: InputFile) -> None:
        self._name = name
        self._spec = spec
        self._file = file
        targets = spec.targets()
        self._constants = {t: s.constant for t, s in targets.items() if s.constant is not None}
        self._columns = [(t, s) for t, s in targets.items() if s.column is not None]
        zone = spec.time_zone or stated_zone(file)
        self._converters = [_converter(t, s, zone, name) for t, s in self._columns]
        key = [] if spec.natural_key == "line" else list(spec.natural_key)
        self.wanted = list(dict.fromkeys([str(s.column) for _, s in self._columns] + key))
        self._places = [self.wanted.index(str(s.column)) for _, s in self._columns]
        self._key_places = [self.wanted.index(column) for column in key]
        self._seen: Counter[bytes] = Counter()

    def translate(self, row: TextRow) -> tuple[int, list[Any], str]:
        """Line number, values in the order of the mapped columns, natural key.

        Raises:
            FieldError: A value is not what its column means.
            TimestampError: The time zone of the whole file is not stated, or unknown.
        """
        number, texts = row
        values = []
        for (target, source), place, convert in zip(
            self._columns, self._places, self._converters, strict=True
        ):
            text = texts[place]
            if text is None and target == "started_at":
                raise FieldError(str(source.column), "no time", "missing_value")
            try:
                values.append(None if text is None else convert(text))
            except TimestampError as error:
                if error.reason_code in ZONE_FAULTS:
                    raise
                raise FieldError(str(source.column), str(error), error.reason_code) from error
            except FieldError as error:
                raise FieldError(str(source.column), str(error)) from error
        return number, values, self._natural_key(texts)

    def _natural_key(self, texts: Sequence[str | None]) -> str:
        """The log's own id, or a hash of the row and how often the file held it before.

        Rows that are equal in every mapped column are told apart only inside one file: delivered
        in two files, they count as one request.
        """
        if self._key_places:
            parts = [texts[place] for place in self._key_places]
            if None in parts:
                column = self.wanted[self._key_places[parts.index(None)]]
                raise FieldError(column, "no value, but it names the request", "missing_value")
            return "\x1f".join(map(str, parts))
        digest = sha256("\x1f".join(text or "" for text in texts).encode()).digest()
        self._seen[digest] += 1
        return f"{digest.hex()}-{self._seen[digest]}"

    def batch(self, rows: list[tuple[int, list[Any], str]]) -> Batch:
        """Canonical usage events of translated rows."""
        numbers, values, keys = zip(*rows, strict=True)
        by_target = zip(*values, strict=True)
        columns = {
            TOKENS.get(target, target): pl.Series(items, dtype=_dtype(target), strict=True)
            for (target, _), items in zip(self._columns, by_target, strict=True)
        }
        columns["line_number"] = pl.Series(numbers, dtype=pl.Int64)
        columns["natural_key"] = pl.Series(keys, dtype=pl.String)
        ids = event_ids(self._name, self._file.instance, keys)
        columns["event_id"] = pl.Series(ids, dtype=pl.String)
        frame = pl.DataFrame(columns).with_columns(
            pl.lit(value, dtype=_dtype(target)).alias(TOKENS.get(target, target))
            for target, value in self._constants.items()
        )
        return Batch(table="usage_events", frame=_canonical(frame, self._spec))


def _dtype(target: str) -> pl.DataType:
    if target in TOKENS:
        return pl.Int64()
    return pl.Duration("us") if target in DURATIONS else USAGE_EVENTS[target]


def _converter(target: str, source: ColumnSpec, zone: str | None, name: str) -> Converter:
    unit: Any = source.unit
    if target in TIMES:
        if unit is not None:
            return partial(from_epoch, unit=unit)
        return partial(parse_utc, zone=zone, source=name)
    if target in DURATIONS:
        return partial(_duration, target, MICROSECONDS[unit])
    if target in TOKENS or target == "request_count":
        return partial(_count, target)
    if target in FLAGS:
        return partial(_boolean, target)
    if target == MONEY:
        return partial(_money, MONEY_FACTORS[unit or "USD"])
    if target == "status":
        return _status
    return str


def _count(target: str, text: str) -> int:
    if not text.isdecimal() or (count := int(text[:20])) > TOKEN_LIMIT:
        raise FieldError(target, f"not a whole number from 0 to {TOKEN_LIMIT:,}")
    return count


def _duration(target: str, factor: Decimal, text: str) -> timedelta:
    try:
        return timedelta(microseconds=int(Decimal(text) * factor))
    except (InvalidOperation, OverflowError, ValueError):
        raise FieldError(target, "not a duration") from None


def _boolean(target: str, text: str) -> bool:
    value = BOOLEANS.get(text.lower())
    if value is None:
        raise FieldError(target, "neither true nor false")
    return value


def _money(factor: Decimal, text: str) -> Decimal:
    try:
        return exact_money(Decimal(text) * factor, MONEY)
    except InvalidOperation:
        raise FieldError(MONEY, "not an amount of money") from None


def _status(text: str) -> str:
    return text if text in STATUSES else "unknown"


def _canonical(frame: pl.DataFrame, spec: MappingSpec) -> pl.DataFrame:
    """Add disjoint token classes, times from durations, and what is the same for every row."""
    missing = [name for name in PART_COLUMNS if name not in frame.columns]
    frame = frame.with_columns(pl.lit(None, dtype=pl.Int64()).alias(name) for name in missing)
    frame = frame.with_columns(
        pl.col("input_total").alias("reported_input_tokens"),
        pl.col("output_total").alias("reported_output_tokens"),
        _inclusive_input(spec).alias("input_total"),
        _inclusive_output(spec).alias("output_total"),
    )
    durations = [name for name in DURATIONS if name in frame.columns]
    frame = split_tokens(frame).with_columns(
        (pl.col("started_at") + pl.col(name)).alias(DURATIONS[name]) for name in durations
    )
    flags = [pl.when(pl.col(name)).then(pl.lit(name)) for name in FLAG_COLUMNS]
    return frame.with_columns(
        pl.lit("request").alias("grain"),
        pl.lit(spec.input_semantics or "inclusive").alias("reported_input_semantics"),
        pl.concat_list(flags).list.drop_nulls().alias("quality_flags"),
        *_defaults(frame),
    ).drop(*FLAG_COLUMNS, *durations)


def _defaults(frame: pl.DataFrame) -> Iterator[pl.Expr]:
    """Columns that the mapping leaves out and a request log implies."""
    if "request_count" not in frame.columns:
        yield pl.lit(1, dtype=pl.Int64()).alias("request_count")
    if "status" not in frame.columns:
        yield pl.lit("unknown").alias("status")
    if MONEY in frame.columns:
        has_cost = pl.col(MONEY).is_not_null()
        yield pl.when(has_cost).then(pl.lit("gateway_estimate")).alias("reported_cost_kind")


def _inclusive_input(spec: MappingSpec) -> pl.Expr:
    total = pl.col("input_total")
    if spec.input_semantics in (None, "inclusive"):
        return total
    total = total + pl.col("input_cache_read").fill_null(0)
    if spec.input_semantics == "excludes_cache":
        lifetimes = pl.sum_horizontal(f"input_cache_write_{life}" for life in LIFETIMES)
        total = total + pl.coalesce("input_cache_write", lifetimes)
    return total


def _inclusive_output(spec: MappingSpec) -> pl.Expr:
    total = pl.col("output_total")
    if spec.output_semantics == "excludes_reasoning":
        return total + pl.col("output_reasoning").fill_null(0)
    return total
