"""SPEC PTDaemon: the power analyzer's samples (`spl.txt`), as MLPerf and SPECpower write them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import polars as pl

from ingest.formats.prometheus_samples import rejects_of
from ingest.growing import whole_lines
from ingest.local_time import is_zone, with_utc
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "ptdaemon"
BATCH_ROWS: Final = 100_000
CELLS_SCHEMA: Final = {"line_number": pl.Int64(), "time": pl.String(), "watts": pl.String()}


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate an analyzer's samples into power_samples.

    A line is `Time,07-28-2025 04:17:29.622,Watts,2887.0,Volts,...`: what the analyzer measured in
    total, then the same of each channel, which is not read because the total includes it. Times are
    local without a zone: `time_zone` in sources.toml must state it. The host behind the meter is
    `host_name` there, else the name of the file's folder.

    Yields:
        power_samples, and rejects: by line, or one where the zone is not stated or not known.
    """
    zone = file.options.get("time_zone")
    if zone is None or not is_zone(zone):
        yield _NO_ZONE if zone is None else _UNKNOWN_ZONE
        return
    found: list[tuple[int, str, str]] = []
    for item in whole_lines(file):
        sample = item if isinstance(item, Reject) else _cells(*item)
        if isinstance(sample, Reject):
            yield sample
        else:
            found.append(sample)
    rows = pl.DataFrame(found, schema=CELLS_SCHEMA, orient="row").with_columns(
        pl.col("time").str.to_datetime("%m-%d-%Y %H:%M:%S%.f", time_unit="us", strict=False),
        pl.col("watts").cast(pl.Float64, strict=False),
        pl.lit(file.options.get("meter_name", NAME)).alias("meter_name"),
        pl.lit(file.options.get("host_name", file.instance)).alias("host_name"),
    )
    yield from _placed(rows.rename({"time": "local_at", "watts": "power_watts"}), zone)


def _cells(number: int, line: bytes) -> tuple[int, str, str] | Reject:
    """Line number, time and watts."""
    cells = line.decode(errors="replace").split(",")
    if len(cells) < 4 or cells[0] != "Time" or cells[2] != "Watts":
        return replace(_NO_SAMPLE, line_number=number)
    return number, cells[1], cells[3]


def _placed(rows: pl.DataFrame, zone: str) -> Iterator[Batch | Reject]:
    has_time = pl.col("local_at").is_not_null()
    has_power = (pl.col("power_watts").is_finite() & (pl.col("power_watts") >= 0)).fill_null(
        value=False
    )
    yield from rejects_of(rows.filter(~has_time), _BAD_TIME)
    yield from rejects_of(rows.filter(has_time & ~has_power), _BAD_POWER)
    placed = with_utc(rows.filter(has_time & has_power), zone, "host_name")
    is_skipped = pl.col("sampled_at").is_null()
    yield from rejects_of(placed.filter(is_skipped), _SKIPPED_TIME)
    flag = pl.when("is_ambiguous").then(pl.lit(["ambiguous_local_time"]))
    samples = placed.filter(~is_skipped).select(
        "sampled_at",
        "meter_name",
        "host_name",
        "power_watts",
        flag.otherwise(pl.lit([], dtype=pl.List(pl.String))).alias("quality_flags"),
        "line_number",
    )
    for batch in samples.iter_slices(BATCH_ROWS):
        yield Batch(table="power_samples", frame=batch)


_NO_ZONE = Reject(
    line_number=None,
    column_name="Time",
    reason_code="naive_timestamp",
    message="PTDaemon writes local times without a time zone",
    remedy='state the zone of its host in sources.toml: [ptdaemon] time_zone = "UTC"',
)
_UNKNOWN_ZONE = replace(
    _NO_ZONE,
    reason_code="unknown_time_zone",
    message="the stated time zone is not known",
    remedy='use a name such as "UTC" or "Europe/Berlin" for [ptdaemon] time_zone in sources.toml',
)
_NO_SAMPLE = replace(
    _NO_ZONE,
    column_name=None,
    reason_code="bad_line",
    message="not a sample such as Time,07-28-2025 04:17:29.622,Watts,2887.0,Volts,...",
    remedy="deliver spl.txt, or only the lines of the log that begin with Time",
)
_BAD_TIME = replace(
    _NO_ZONE,
    reason_code="bad_timestamp",
    message="not a time as PTDaemon writes it",
    remedy="keep the form 07-28-2025 04:17:29.622",
)
_SKIPPED_TIME = replace(
    _NO_ZONE,
    reason_code="nonexistent_time",
    message="the clocks of the stated time zone never showed this time",
    remedy="check [ptdaemon] time_zone in sources.toml; many hosts run on UTC",
)
_BAD_POWER = replace(
    _NO_ZONE,
    column_name="Watts",
    reason_code="bad_value",
    message="not a power from 0 watts",
    remedy="the analyzer did not answer, or the line was cut; nothing to do for single lines",
)

SOURCE = Source(
    name=NAME,
    role="telemetry",
    tables=("power_samples",),
    version=1,
    description="SPEC PTDaemon: a power analyzer's samples (spl.txt) of a host's wall power",
    docs="https://www.spec.org/ptdaemon/",
    read=read,
)
