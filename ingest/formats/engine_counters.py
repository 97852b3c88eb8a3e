"""Prometheus samples of an inference engine to engine_samples, whatever the engine is called."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from ingest.formats.prometheus import process_of, readings
from ingest.formats.prometheus_samples import Readings, Series, rejects_of
from ingest.schema import ENGINE_SAMPLES
from ingest.source import Batch, InputFile, Reject

BATCH_ROWS: Final = 100_000
CREATED: Final = "_created"
KEY: Final = ("sampled_at", "instance_name", "engine_index", "model_name")
# A ratio of several ranks: the fullest one is what limits the engine.
RATIOS: Final = ("kv_cache_usage_ratio",)


@dataclass(frozen=True, kw_only=True)
class EngineFormat:
    """How one engine names its metrics.

    Attributes:
        prefix: Of all its metrics.
        columns: Sample name -> column, old names beside new ones. A leading `_` marks a value that
            only helps to find a column.
        extra_columns: Columns that columns_of gives beside them.
        columns_of: The columns that a series adds to, given the one in `columns`.
        engine_label: Tells several engines of one process apart; None where they are one.
        summed_labels: Series that differ in these add up. Series that differ in others are the
            same measurement seen twice, by two ranks or two scrape jobs.
        derived: Columns computed from the others.
    """

    prefix: str
    columns: Mapping[str, str]
    extra_columns: tuple[str, ...]
    columns_of: Callable[[Series, str], tuple[str, ...]]
    engine_label: str | None
    summed_labels: tuple[str, ...]
    derived: Mapping[str, pl.Expr]


def or_zero(column: str, family: str) -> pl.Expr:
    """A column that is zero where its family was seen without it."""
    return pl.when(pl.col(family).is_not_null()).then(pl.col(column).fill_null(0))


def read_engine(file: InputFile, engine: EngineFormat) -> Iterator[Batch | Reject]:
    """Translate scrapes of /metrics, or what Prometheus stored of them, into engine_samples.

    Args:
        file: Text of one or many scrapes, or JSON answers of the Prometheus API.
        engine: How the engine names its metrics.

    Yields:
        One row for each time, process, engine and model; rejects for lines that cannot be read.
    """

    def is_wanted(name: str) -> bool:
        is_created = name.startswith(engine.prefix) and name.endswith(CREATED)
        return name in engine.columns or is_created

    for part in readings(file, is_wanted):
        if isinstance(part, Reject):
            yield part
            continue
        series = _series_frame(file, part.series, engine)
        yield from rejects_of(part.frame.join(series, on="series_id", how="anti"), _NO_MODEL)
        rows = _canonical(_wide(part, series, engine), engine)
        for batch in rows.iter_slices(BATCH_ROWS):
            yield Batch(table="engine_samples", frame=batch)


def _series_frame(file: InputFile, found: list[Series], engine: EngineFormat) -> pl.DataFrame:
    rows = []
    for number, one in enumerate(found):
        model = one.label("model_name")
        if model is None:
            continue
        index = (one.label(engine.engine_label) if engine.engine_label else None) or "0"
        is_created = one.name.endswith(CREATED) and one.name not in engine.columns
        columns = (CREATED,) if is_created else engine.columns_of(one, engine.columns[one.name])
        part = "\x1f".join(one.label(name) or "" for name in engine.summed_labels)
        rows += [(number, column, part, process_of(file, one), index, model) for column in columns]
    schema = {"series_id": pl.Int32, "column": pl.String, "part": pl.String}
    return pl.DataFrame(rows, schema=schema | dict.fromkeys(KEY[1:], pl.String), orient="row")


def _wide(readings: Readings, series: pl.DataFrame, engine: EngineFormat) -> pl.DataFrame:
    value = pl.col("number").filter(pl.col("number").is_finite())
    is_created, is_ratio = pl.col("column") == CREATED, pl.col("column").is_in(RATIOS)
    long = (
        readings.frame.lazy()
        .join(series.lazy(), on="series_id")
        .group_by(*KEY, "column", "part")
        .agg(value.min().alias("min"), value.max().alias("max"), pl.col("line_number").min())
        .group_by(*KEY, "column")
        .agg(
            pl.col("min").min(),
            pl.col("max").max(),
            pl.when(pl.col("max").count() > 0).then(pl.col("max").sum()).alias("sum"),
            pl.col("line_number").min(),
        )
        .with_columns(
            pl.when(is_created).then("min").when(is_ratio).then("max").otherwise("sum").alias("n")
        )
        .collect()
    )
    first_lines = long.group_by(*KEY).agg(pl.col("line_number").min())
    names = [*dict.fromkeys((*engine.columns.values(), *engine.extra_columns, CREATED))]
    wide = long.pivot("column", on_columns=names, index=KEY, values="n", aggregate_function="first")
    return wide.join(first_lines, on=KEY).sort("sampled_at", "line_number", *KEY[1:])


def _canonical(wide: pl.DataFrame, engine: EngineFormat) -> pl.DataFrame:
    named = wide.with_columns(
        (pl.col(CREATED) * 1e6).round().cast(pl.Int64).alias("process_started_at"),
        **engine.derived,
    )
    return named.select(
        pl.col(name).round().cast(dtype)
        if dtype == pl.Int64 and name != "line_number"
        else pl.col(name).cast(dtype)
        for name, dtype in ENGINE_SAMPLES.items()
        if name in named.columns
    )


_NO_MODEL = Reject(
    line_number=None,
    column_name="model_name",
    reason_code="missing_label",
    message="the sample has no model_name label",
    remedy="keep the model_name label when you relabel or aggregate the engine's metrics",
)
