"""Rows of sacct to gpu_jobs: one for each allocation, with what its steps measured."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ingest.formats.slurm_cells import Cells
from ingest.formats.slurm_times import NOT_YET, span
from ingest.formats.slurm_tres import gpu_count, gpu_percent, gpu_type, tres
from ingest.source import InputFile, Reject
from ingest.times import TimestampError, stated_zone

# Slurm writes 0, or a 64-bit number near its limit, where no plugin measures energy.
ENERGY_LIMIT: Final = Decimal(2) ** 62
REMEDY: Final = "run sacct again; TZ=UTC SLURM_TIME_FORMAT=%s leaves no doubt about times"


@dataclass(kw_only=True)
class Job:
    """An allocation, and GPU seconds of its steps: those used, and those that were measured."""

    row: dict[str, Any]
    steps: dict[bool, list[float]] = field(
        default_factory=lambda: {True: [0.0, 0.0], False: [0.0, 0.0]}
    )

    def finished(self) -> dict[str, Any]:
        """The row with the utilization that the steps measured.

        Numbered steps run inside the batch step, so they count alone where they measured.
        """
        for is_numbered in (True, False):
            used, measured = self.steps[is_numbered]
            if measured:
                if used > measured:
                    self.row["quality_flags"].append("clamped")
                self.row["gpu_utilization_ratio"] = min(used / measured, 1.0)
                break
        return self.row


def jobs(
    file: InputFile, rows: Iterable[tuple[int, Cells] | Reject]
) -> Iterator[dict[str, Any] | Reject]:
    """Allocations in the order of the report.

    A job that has not begun has no row yet: it consumed nothing, and comes again when it has.

    Args:
        file: For its options `time_zone` and `cluster_name`, and its instance, which names the
            cluster where neither the option nor a column does.
        rows: Cells of the report; the steps of a job follow its allocation.

    Yields:
        Values by column of gpu_jobs and `line_number`; rejects.
    """
    held: Job | None = None
    for item in rows:
        if isinstance(item, Reject):
            yield item
            continue
        number, cells = item
        job_id, _, step = (cells.get("JobIDRaw") or cells.get("JobID") or "").partition(".")
        try:
            if step:
                if held is not None and held.row["job_id"] == job_id:
                    _add_step(held, step, cells)
                continue
            row = _allocation(file, job_id, cells)
        except TimestampError as error:
            if error.reason_code in ("naive_timestamp", "unknown_time_zone"):
                yield error.reject(None, "Start")
                return
            yield error.reject(number, "Start")
            continue
        except ValueError as error:
            yield _rejected(number, str(error))
            continue
        if held is not None:
            yield held.finished()
        held = None if row is None else Job(row=row | {"line_number": number})
    if held is not None:
        yield held.finished()


def _allocation(file: InputFile, job_id: str, cells: Cells) -> dict[str, Any] | None:
    if not job_id[:1].isdecimal():
        raise ValueError("no JobIDRaw")
    elapsed = _elapsed(cells)
    begun, ended, flags = span(
        cells.get("Start", ""), cells.get("End", ""), elapsed, stated_zone(file)
    )
    if begun is None:
        if elapsed:
            raise ValueError("no Start")
        return None
    resources = tres(cells.get("AllocTRES", ""))
    is_told = bool(cells.get("AllocTRES"))
    return {
        "job_id": job_id,
        "cluster_name": cells.get("Cluster") or file.options.get("cluster_name") or file.instance,
        "job_name": cells.get("JobName") or None,
        "user_id": cells.get("User") or None,
        "account_name": cells.get("Account") or None,
        "partition_name": cells.get("Partition") or None,
        # `CANCELLED by 1001`: who did it is no part of the state
        "state": cells.get("State", "").partition(" ")[0].rstrip("+") or None,
        "started_at": begun,
        "ended_at": ended,
        "elapsed_seconds": elapsed,
        "gpu_count": _gpus(resources) if is_told else None,
        "gpu_type": gpu_type(resources),
        "node_names": _node_names(cells),
        "energy_joules": _energy(cells),
        "quality_flags": flags,
    }


def _gpus(resources: dict[str, str]) -> int:
    try:
        return gpu_count(resources)
    except ValueError as error:
        raise ValueError("AllocTRES: not a number of GPUs") from error


def _node_names(cells: Cells) -> str | None:
    names = cells.get("NodeList", "")
    return None if names in ("None assigned", *NOT_YET) else names


def _elapsed(cells: Cells) -> int | None:
    """Seconds, from ElapsedRaw or from Elapsed, `1-02:03:04`."""
    text = cells.get("ElapsedRaw") or ""
    if text:
        if not text.isdecimal() or len(text) > 12:
            raise ValueError("ElapsedRaw: not a number of seconds")
        return int(text)
    days, _, clock = cells.get("Elapsed", "").rpartition("-")
    parts = clock.split(":")
    if len(parts) != 3 or not all(part.isdecimal() for part in (*parts, days or "0")):
        return None
    hours, minutes, seconds = map(int, parts)
    return int(days or 0) * 86_400 + hours * 3600 + minutes * 60 + seconds


def _energy(cells: Cells) -> Decimal | None:
    try:
        joules = Decimal(cells.get("ConsumedEnergyRaw") or "0")
    except InvalidOperation:
        return None
    return joules if 0 < joules < ENERGY_LIMIT else None


def _add_step(job: Job, step: str, cells: Cells) -> None:
    """Add a step's GPU seconds; its total over tasks, or the mean of a task times the tasks."""
    resources = tres(cells.get("AllocTRES", ""))
    gpus = _gpus(resources) or job.row["gpu_count"] or 0
    percent = gpu_percent(tres(cells.get("TRESUsageInTot", "")))
    if percent is None:
        percent = gpu_percent(tres(cells.get("TRESUsageInAve", "")))
        tasks = cells.get("NTasks", "")
        percent = percent * int(tasks) if percent is not None and tasks.isdecimal() else percent
    if percent is None or not gpus:
        return
    sums = job.steps[step.isdecimal()]
    seconds = _elapsed(cells) or 0
    sums[0] += percent / 100 * seconds
    sums[1] += gpus * seconds


def _rejected(number: int, message: str) -> Reject:
    column, _, rest = message.partition(": ")
    return Reject(
        line_number=number,
        column_name=column if rest else None,
        reason_code="bad_value",
        message=rest or message,
        remedy=REMEDY,
    )
