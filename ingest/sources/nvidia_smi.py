"""`nvidia-smi --query-gpu=timestamp,uuid,... --format=csv`, with or without units."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import polars as pl

from ingest.formats.prometheus_samples import rejects_of
from ingest.formats.smi_columns import KNOWN, NO_VALUE, canonical
from ingest.formats.smi_table import cells
from ingest.growing import whole_lines
from ingest.local_time import is_zone, with_utc
from ingest.source import Batch, InputFile, Reject, Source

BATCH_ROWS: Final = 100_000


def _identified(rows: pl.DataFrame, zone: str) -> Iterator[pl.DataFrame | Reject]:
    """Rows with sampled_at; rejects for rows that no GPU or no time can be told of."""
    uuid = "uuid" if "uuid" in rows.columns else "gpu_uuid"
    local = pl.col("timestamp").str.to_datetime(
        "%Y/%m/%d %H:%M:%S%.f", time_unit="us", strict=False
    )
    rows = rows.sort("line_number").with_columns(local.alias("local_at"))
    has_gpu = pl.col(uuid).is_not_null() & ~pl.col(uuid).str.contains(NO_VALUE)
    has_time = pl.col("local_at").is_not_null()
    yield from rejects_of(rows.filter(~has_gpu), _NO_GPU)
    yield from rejects_of(rows.filter(has_gpu & ~has_time), _BAD_TIME)
    placed = with_utc(rows.filter(has_gpu & has_time), zone, uuid)
    is_skipped = pl.col("sampled_at").is_null()
    yield from rejects_of(placed.filter(is_skipped), _SKIPPED_TIME)
    yield placed.filter(~is_skipped)


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate nvidia-smi's CSV into gpu_samples.

    Its times are local without zone: `time_zone` in sources.toml must state it. The host is
    `host_name` there, else the name of the file's folder.

    Yields:
        gpu_samples, and rejects: by line, or one for a file that cannot be read at all.
    """
    parts = []
    for part in cells(whole_lines(file), KNOWN):
        if isinstance(part, Reject):
            yield part
        else:
            parts.append(part)
    if not parts:
        return
    rows = pl.concat(parts, how="diagonal")
    zone = file.options.get("time_zone")
    problem = _file_problem(rows, zone)
    if problem is not None or zone is None:
        yield problem or _NO_ZONE
        return
    host = pl.lit(file.options.get("host_name") or file.instance).alias("host_name")
    for found in _identified(rows, zone):
        if isinstance(found, Reject):
            yield found
            continue
        for batch in canonical(found).with_columns(host).iter_slices(BATCH_ROWS):
            yield Batch(table="gpu_samples", frame=batch)


def _file_problem(rows: pl.DataFrame, zone: str | None) -> Reject | None:
    if not {"uuid", "gpu_uuid"}.intersection(rows.columns):
        return _NO_KEY
    if zone is None:
        return _NO_ZONE
    return None if is_zone(zone) else _UNKNOWN_ZONE


_NO_ZONE = Reject(
    line_number=None,
    column_name="timestamp",
    reason_code="naive_timestamp",
    message="nvidia-smi writes local times without a time zone",
    remedy='state the host\'s zone in sources.toml: [nvidia_smi] time_zone = "Europe/Berlin"',
)
_UNKNOWN_ZONE = replace(
    _NO_ZONE,
    reason_code="unknown_time_zone",
    message="the stated time zone is not known",
    remedy='use a name such as "UTC" or "Europe/Berlin" for [nvidia_smi] time_zone in sources.toml',
)
_BAD_TIME = replace(
    _NO_ZONE,
    reason_code="bad_timestamp",
    message="not a time as nvidia-smi writes it",
    remedy="keep the form 2026/06/01 13:00:00.000",
)
_SKIPPED_TIME = replace(
    _NO_ZONE,
    reason_code="nonexistent_time",
    message="the clocks of the stated time zone never showed this time",
    remedy="check [nvidia_smi] time_zone in sources.toml; many hosts run on UTC",
)
_NO_GPU = replace(
    _BAD_TIME,
    column_name="gpu_uuid",
    reason_code="missing_gpu_uuid",
    message="the row does not tell the GPU's UUID",
    remedy="the driver did not answer for this GPU; see nvidia-smi -L on the host",
)
_NO_KEY = replace(
    _NO_GPU,
    reason_code="missing_column",
    message="no column tells which GPU a row is about",
    remedy="query with --query-gpu=timestamp,uuid,utilization.gpu,memory.used,power.draw",
)

SOURCE = Source(
    name="nvidia_smi",
    role="telemetry",
    tables=("gpu_samples",),
    version=1,
    description="nvidia-smi --query-gpu=... --format=csv, with or without units",
    docs="https://docs.nvidia.com/deploy/nvidia-smi/",
    read=read,
)
