"""Times, status and flags of many Vertex AI records, as Polars expressions.

The values are those of vertex_record.translate, which tests hold them to.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from ingest.formats.plain_records import IS_PLAIN
from ingest.formats.vertex_record import GEMINI, VERTEX, sampling_rate, stamped_time
from ingest.quality_flags import flag_texts
from ingest.records import FieldError
from ingest.schema import TIMESTAMP
from ingest.source import InputFile
from ingest.times import plain_utc

AT, CREATED = pl.col("logged_at"), pl.col("created_at")


@dataclass(frozen=True, kw_only=True)
class FileFacts:
    """What a file's name and the options of its source tell of its records.

    Attributes:
        team_tag: The label that holds the team.
        rate: The part of requests that the log holds; None: it cannot be.
        stamped: The time in the file's name; None: it has none.
    """

    team_tag: str | None
    rate: float | None
    stamped: datetime | None


def facts_of(file: InputFile) -> FileFacts:
    """What `values` and `columns` need to know of a file."""
    rate, stamped = None, None
    try:
        stamped = stamped_time(file)
        rate = sampling_rate(file)
    except FieldError:
        pass  # translate rejects the records that need it
    return FileFacts(team_tag=file.options.get("team_tag"), rate=rate, stamped=stamped)


def started_at(facts: FileFacts) -> pl.Expr:
    """The start: the log's time, or the body's, or that of the file's name."""
    return (
        pl.when("is_logged")
        .then("logged_at")
        .when("is_created")
        .then("created_at")
        .otherwise(pl.lit(facts.stamped, TIMESTAMP))
        .alias("started_at")
    )


def sampling_ratio(facts: FileFacts) -> pl.Expr:
    """The stated part of requests, of rows of the log; NULL where it cannot be."""
    rate = pl.when("is_row").then(pl.lit(facts.rate, pl.Float64())).otherwise(1.0)
    return rate.alias("sampling_ratio")


# Built once: an expression costs more to build than to evaluate on some thousand rows.
WITHOUT_ZONE: Final = AT.str.strip_suffix(" UTC")
MICROS: Final = CREATED.str.slice(20, 6).str.strip_suffix("Z").str.pad_end(6, "0")
READ: Final = (
    (
        pl.when(WITHOUT_ZONE.str.slice(10, 1) == " ")
        .then(pl.concat_str(WITHOUT_ZONE.str.head(10), pl.lit("T"), WITHOUT_ZONE.str.slice(11)))
        .otherwise(WITHOUT_ZONE)
        .alias("logged_at"),
        pl.when(CREATED.str.contains(r"^.{19}\.[0-9]{1,9}Z$"))
        .then(pl.concat_str(CREATED.str.head(20), MICROS, pl.lit("Z")))
        .otherwise(CREATED)
        .alias("created_at"),
        CREATED.is_not_null().alias("is_created"),
    ),
    (
        plain_utc("logged_at", is_naive_utc=True),
        plain_utc("created_at", is_naive_utc=True),
    ),
)
CONCLUDED: Final = (
    pl.when("is_vertex").then(pl.lit(VERTEX)).otherwise(pl.lit(GEMINI)).alias("provider_name"),
    pl.when("has_failed")
    .then(pl.lit("failure"))
    .when("has_answer")
    .then(pl.lit("success"))
    .otherwise(pl.lit("unknown"))
    .alias("status"),
    pl.when("has_usage").then(pl.lit("inclusive")).alias("reported_input_semantics"),
    flag_texts(
        {
            "unknown_token_field": pl.col("unknown_token_field"),
            "residual": pl.col("residual"),
            "inferred_cross": pl.col("inferred_cross"),
            "clamped": pl.col("clamped_input") | pl.col("clamped_output"),
            "no_timestamp": ~pl.col("is_logged") & ~pl.col("is_created"),
            "sampled": pl.col("sampling_ratio") < 1,
        }
    ),
    pl.all_horizontal(
        ~pl.col("is_odd"),
        pl.col("natural_key").is_not_null(),
        pl.col("started_at").is_not_null(),
        pl.col("sampling_ratio").is_not_null(),
        # Which of the two flags comes first depends on the modality.
        ~(pl.col("inferred_cross") & pl.col("clamped_input")),
    ).alias(IS_PLAIN),
)
