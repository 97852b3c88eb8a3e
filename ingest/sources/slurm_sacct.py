"""Slurm accounting: sacct --parsable2, one row for each job that has begun."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import polars as pl

from ingest.formats.slurm_cells import job_cells
from ingest.formats.slurm_jobs import jobs
from ingest.records import BATCH_ROWS
from ingest.schema import GPU_JOBS
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "slurm_sacct"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate one report.

    Options: `time_zone` of the controller, needed unless SLURM_TIME_FORMAT=%s was set;
    `cluster_name`; `format`, the columns of a report without header.

    Args:
        file: Output of sacct --parsable2; reports may follow each other.

    Yields:
        gpu_jobs in batches of at most 50,000 rows, and rejects. A job that was running comes
        again in a later report: of the rows with one cluster, job and start the last counts.
    """
    rows: list[dict[str, Any]] = []
    for item in jobs(file, job_cells(file)):
        if isinstance(item, Reject):
            yield item
            continue
        rows.append(item)
        if len(rows) == BATCH_ROWS:
            yield _batch(rows)
            rows = []
    if rows:
        yield _batch(rows)


def _batch(rows: Sequence[dict[str, Any]]) -> Batch:
    schema = {name: dtype for name, dtype in GPU_JOBS.items() if any(name in row for row in rows)}
    return Batch(table="gpu_jobs", frame=pl.DataFrame(rows, schema=schema))


SOURCE: Final = Source(
    name=NAME,
    role="telemetry",
    tables=("gpu_jobs",),
    version=2,
    description="Slurm accounting: sacct --parsable2 with JobIDRaw, Start, End, AllocTRES",
    docs="https://slurm.schedmd.com/sacct.html",
    read=read,
)
