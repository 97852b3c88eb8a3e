"""Which GPUs held what, when: the history behind the deployments ledger and all telemetry."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from data.simulator import company
from data.simulator.period import Period


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A model or a training job on some GPUs of one host; instants are UTC, the end exclusive."""

    deployment_id: str
    workload: str
    model_name: str
    host_name: str
    gpu_indices: tuple[int, ...]
    team_id: str | None
    quantization: str
    started_at: datetime
    ended_at: datetime | None
    port: int = 8000

    @property
    def instance(self) -> str:
        """The engine's address, as Prometheus labels it."""
        return f"{self.host_name}:{self.port}"

    def covers(self, start: datetime, end: datetime) -> bool:
        """Whether it stands during the whole of a half-open interval."""
        return self.started_at <= start and (self.ended_at is None or self.ended_at >= end)


def instant(period: Period, offset: int, hour: int = 0) -> datetime:
    """The given UTC hour of a day."""
    return datetime.combine(period.day(offset), time(hour), tzinfo=UTC)


def deployments(period: Period) -> list[Deployment]:
    """All deployments that began before the period's end; the rest nobody knows yet."""
    end = instant(period, period.days)
    rows = [*_standing(period), *_weekday_replicas(period), *_trainings(period)]
    return [row for row in rows if row.started_at < end]


def _standing(period: Period) -> Iterator[Deployment]:
    switch, large = company.MODEL_SWITCH_DAY, company.LARGE_MODEL_DAY
    yield _serve(period, "qwen3-32b", "h100-01", (0, 1), -200)
    yield _serve(period, "qwen3-32b", "h100-01", (2, 3), -120, port=8001)
    yield _serve(period, "llama-3.3-70b", "h100-01", (4, 5, 6, 7), -200, switch, port=8002)
    yield _serve(period, "gpt-oss-120b", "h100-01", (4, 5, 6, 7), switch, port=8003)
    yield _serve(period, "qwen3-235b-a22b", "h100-02", tuple(range(8)), large)
    yield _serve(period, "qwen2.5-coder-32b", "a100-01", (0, 1, 2, 3), -300)
    yield _serve(period, "mistral-small-3.2-24b", "a100-01", (4,), -150, port=8001)


def _weekday_replicas(period: Period) -> Iterator[Deployment]:
    for offset in range(company.WEEKDAY_REPLICA_DAY, period.days):
        if period.day(offset).weekday() == 0:
            yield _serve(period, "gpt-oss-120b", "h100-03", (0, 1, 2, 3), offset, offset + 5)


def _serve(
    period: Period,
    model: str,
    host: str,
    gpus: tuple[int, ...],
    from_day: int,
    until_day: int | None = None,
    *,
    port: int = 8000,
) -> Deployment:
    ended_at = None
    if until_day is not None and until_day <= period.days:
        ended_at = instant(period, until_day)
    return Deployment(
        deployment_id=f"{model}-{host}-{gpus[0]}-{period.day(from_day):%Y%m%d}",
        workload="inference",
        model_name=model,
        host_name=host,
        gpu_indices=gpus,
        team_id=None,
        quantization=company.MODELS[model].quantization,
        started_at=instant(period, from_day),
        ended_at=ended_at,
        port=port,
    )


def _trainings(period: Period) -> Iterator[Deployment]:
    first, last = company.TRAINING_HOURS
    for offset in period.offsets():
        if period.day(offset).weekday() == 5:
            start = instant(period, offset, first)
            yield Deployment(
                deployment_id=f"training-{start:%Y%m%d}",
                workload="training",
                model_name="larkfield-ranker",
                host_name=company.TRAINING_HOST,
                gpu_indices=tuple(range(8)),
                team_id=company.TRAINING_TEAM,
                quantization="none",
                started_at=start,
                ended_at=start + timedelta(hours=last - first),
            )
