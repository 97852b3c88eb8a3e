"""A simulated company: native-format logs, telemetry and ledgers that the real readers read.

The same arguments always write the same bytes. Nothing here is a shortcut into the warehouse:
everything goes through files of the formats that real gateways, engines and exporters write.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from data.simulator import company
from data.simulator.demand import Requests, requests_of
from data.simulator.deployments import Deployment, deployments, instant
from data.simulator.engine_load import EngineDay, engine_days
from data.simulator.files import OutputFolder, replacing
from data.simulator.gpu_load import EnergyMeters, HostDay, host_day, hosts_in_service
from data.simulator.gpu_telemetry import nvidia_smi_lines, query_range_documents, text_scrapes
from data.simulator.ledgers import ledger_texts
from data.simulator.litellm_log import day_rows, spend_of
from data.simulator.period import Period
from data.simulator.traffic import STREAMS
from data.simulator.vllm_metrics import CLUSTERS, EngineCounters
from ingest.errors import MeterhouseError

__all__ = ["SimulationReport", "simulate"]


@dataclass(kw_only=True)
class SimulationReport:
    """What a simulation wrote; tokens are prompt and completion as logged by the gateway."""

    company_name: str
    start: date
    end: date  # the first day that was not simulated
    file_count: int = 0
    byte_count: int = 0
    gateway_rows: int = 0
    gpu_samples: int = 0
    engine_scrapes: int = 0
    self_hosted_tokens: int = 0
    cloud_tokens: int = 0
    cloud_list_cost_usd: float = 0.0  # the gateway's estimate, as a float like in its log

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """The report for people."""
        days = (self.end - self.start).days
        return [
            f"{self.company_name}, {self.start} to {self.end - timedelta(days=1)} ({days} days)",
            f"{self.file_count:,} files, {self.byte_count / 1e6:,.1f} MB",
            f"{self.gateway_rows:,} gateway rows, {self.engine_scrapes:,} engine scrapes, "
            f"{self.gpu_samples:,} GPU samples",
            f"{self.self_hosted_tokens / days / 1e6:,.1f} M self-hosted and "
            f"{self.cloud_tokens / days / 1e6:,.1f} M cloud tokens a day",
            f"${self.cloud_list_cost_usd / days:,.0f} of cloud tokens a day at list price",
        ]


def simulate(
    data: Path,
    *,
    seed: int = 7,
    start: date = date(2026, 5, 18),
    days: int = 180,
    scale: float = 1.0,
    progress: Callable[[str], None] | None = None,
) -> SimulationReport:
    """Write a company's inputs, ledgers and sources.toml.

    Args:
        data: An empty or new folder; files appear in it only when all are written.
        seed: Another seed is another history of the same company.
        start: The first simulated UTC day.
        days: How many whole days.
        scale: Multiplies the single requests; batches, bound by the GPUs, stay as they are.
        progress: Told what is being simulated, about ten times.

    Returns:
        Counts of what was written.

    Raises:
        MeterhouseError: The folder already has inputs or ledgers, or an argument is impossible.
    """
    if days < 1 or scale <= 0:
        raise MeterhouseError(
            f"Cannot simulate {days} days at scale {scale}.",
            "Give at least 1 day and a scale above 0.",
        )
    period = Period(seed=seed, start=start, days=days, scale=scale)
    with replacing(data) as folder:
        simulation = _Simulation(period=period, folder=folder)
        for offset in period.offsets():
            if progress is not None and offset % max(1, days // 10) == 0:
                progress(f"{period.day(offset)} ({offset} of {days} days)")
            simulation.write_day(offset)
        for name, text in ledger_texts(period).items():
            folder.write_text(f"ledgers/{name}.csv", text)
        folder.write_text("sources.toml", _SOURCES_TOML)
        report = simulation.report
        report.file_count, report.byte_count = folder.file_count, folder.byte_count
    return report


_SOURCES_TOML = f"""\
# nvidia-smi writes local times without a zone; this is where {company.A100_HOST} stands.
[nvidia_smi]
time_zone = "{company.A100_TIME_ZONE}"
"""


class _Simulation:
    """Carries the cumulative counters from day to day."""

    def __init__(self, *, period: Period, folder: OutputFolder) -> None:
        self._period = period
        self._folder = folder
        self._deployments = deployments(period)
        self._counters = EngineCounters()
        self._meters = EnergyMeters()
        self.report = SimulationReport(
            company_name=company.COMPANY_NAME, start=period.start, end=period.end
        )

    def write_day(self, offset: int) -> None:
        requests = [requests_of(stream, self._period, offset) for stream in STREAMS]
        self._write_gateway(requests, offset)
        engines = engine_days(requests, self._engines(offset), self._period, offset)
        self._write_engines(engines, offset)
        self._write_telemetry({e.deployment.deployment_id: e for e in engines}, offset)

    def _engines(self, offset: int) -> list[Deployment]:
        day = instant(self._period, offset), instant(self._period, offset + 1)
        return [d for d in self._deployments if d.workload == "inference" and d.covers(*day)]

    def _write_gateway(self, day_requests: Sequence[Requests], offset: int) -> None:
        day = self._period.day(offset)
        rows = day_rows(day_requests, self._period, offset)
        self._folder.write_lines(f"inputs/litellm/gateway-1/spend_logs_{day}.ndjson.gz", rows)
        self.report.gateway_rows += len(rows)
        for requests in day_requests:
            tokens = int(requests.prompt_tokens.sum() + requests.completion_tokens.sum())
            if requests.stream.provider == "self_hosted":
                self.report.self_hosted_tokens += tokens
            else:
                self.report.cloud_tokens += tokens
                self.report.cloud_list_cost_usd += float(spend_of(requests, day).total.sum())

    def _write_engines(self, engines: Sequence[EngineDay], offset: int) -> None:
        midnight = self._period.midnight_ms(offset)
        blocks: dict[str, list[str]] = {}
        for engine in engines:
            cluster = blocks.setdefault(CLUSTERS[engine.deployment.host_name], [])
            cluster.extend(self._counters.scrapes(engine, offset, midnight))
        for cluster_name, scrapes in blocks.items():
            name = f"inputs/vllm/{cluster_name}/metrics_{self._period.day(offset)}.prom.gz"
            self._folder.write_lines(name, scrapes)
            self.report.engine_scrapes += len(scrapes)

    def _write_telemetry(self, engines: dict[str, EngineDay], offset: int) -> None:
        midnight, day = self._period.midnight_ms(offset), self._period.day(offset)
        through_prometheus: list[HostDay] = []
        for host in hosts_in_service(offset):
            host_telemetry = host_day(
                host, self._deployments, engines, self._meters, self._period, offset
            )
            self.report.gpu_samples += host_telemetry.power_watts.size
            if host.name == company.A100_HOST:
                lines = nvidia_smi_lines(host_telemetry, self._period, offset)
                self._folder.write_lines(f"inputs/nvidia_smi/{host.name}/gpu_{day}.csv.gz", lines)
            elif host.name == company.TEXT_SCRAPE_HOST and offset in company.TEXT_SCRAPE_DAYS:
                name = f"inputs/dcgm_exporter/{host.name}-text/scrapes_{day}.prom"
                self._folder.write_lines(name, text_scrapes(host_telemetry, midnight))
            else:
                through_prometheus.append(host_telemetry)
        documents = query_range_documents(through_prometheus, midnight)
        self._folder.write_lines(f"inputs/dcgm_exporter/h100/range_{day}.json.gz", documents)
