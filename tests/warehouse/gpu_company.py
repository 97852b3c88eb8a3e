"""A company with every kind of holder: shares, slices, pods, jobs, rents, tariffs, gaps."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from warehouse_factory import Company, event, gpu_sample, joules, moment

DAY = moment("2026-10-24")
TEN = DAY.replace(hour=10)
SUNDAY = moment("2026-10-25")
OCTOBER = {"valid_from": date(2026, 10, 1)}
# GPUs by host; index 0 first
HOSTS = {
    "quarters": ("GPU-quarters",),
    "pods": ("GPU-pods",),
    "mig": ("GPU-mig",),
    "parts": ("AMD-parts",),
    "moved": ("GPU-moved",),
    "node01": ("GPU-node0", "GPU-node1"),
    "idle": ("GPU-warm", "GPU-silent", "GPU-failing", "GPU-free"),
    "rented": ("GPU-rented",),
    "berlin": ("GPU-berlin", "GPU-gap"),
    "units": ("GPU-units",),
}


def keep_ledgers(company: Company) -> None:
    """Write the fleet, its holders and what it costs."""
    company.keep("gpu_fleet", list(_fleet()))
    company.keep("deployments", list(_deployments()))
    company.keep("teams", [{"team_id": team, "team_name": team} for team in ("red", "blue")])
    company.keep(
        "gpu_job_owners",
        [
            {"team_id": "blue", "workload": "batch", "account_name": "lab"},
            {
                "team_id": "red",
                "workload": "training",
                "account_name": "lab",
                "job_name_prefix": "tune",
                "model_name": "tuned-v2",
            },
        ],
    )
    month = {"category": "maintenance", "amount_usd_per_month": Decimal(744), **OCTOBER}
    company.keep(
        "opex",
        [
            month | {"opex_id": "warranty", "gpu_uuid": "GPU-node1"},
            month | {"opex_id": "rack", "host_name": "node01"},
        ],
    )
    _keep_energy(company)


def _keep_energy(company: Company) -> None:
    tariff = {"power_usage_effectiveness_ratio": Decimal("1.0"), **OCTOBER}
    night = {"weekdays": "67", "from_hour": 2, "to_hour": 3, "time_zone": "Europe/Berlin"}
    company.keep(
        "electricity_tariffs",
        [
            tariff | {"tariff_id": "grid", "price_usd_per_kwh": Decimal("0.10")},
            tariff
            | {"tariff_id": "b", "price_usd_per_kwh": Decimal("0.20"), "host_name": "berlin"},
            tariff
            | night
            | {"tariff_id": "a", "price_usd_per_kwh": Decimal("0.50"), "host_name": "berlin"},
            tariff | night | {"tariff_id": "c", "price_usd_per_kwh": Decimal("9.00")},
        ],
    )
    company.keep(
        "energy_gap_fills",
        [{"host_name": "berlin", "assumed_power_ratio": Decimal("0.35"), **OCTOBER}],
    )
    company.keep(
        "grid_carbon_intensities",
        [
            {"grams_co2e_per_kwh": Decimal(999), **OCTOBER},
            {"host_name": "berlin", "grams_co2e_per_kwh": Decimal(400), **OCTOBER},
        ],
    )


def _fleet() -> Iterator[dict[str, Any]]:
    bought = {
        "purchase_price_usd": Decimal("30000.00"),
        "residual_value_usd": Decimal("3000.00"),
        "useful_life_months": 36,
    }
    for host, uuids in HOSTS.items():
        for index, uuid in enumerate(uuids):
            terms: dict[str, Any] = dict(bought)
            if host == "rented":
                terms = {"acquisition_kind": "rental", "hourly_price_usd": Decimal("2.10")}
            if host == "units":
                terms |= {
                    "amortization_method": "units_of_tokens",
                    "expected_units": Decimal(90_000),
                }
            yield {
                "gpu_uuid": uuid,
                "host_name": host,
                "gpu_index": index,
                "gpu_model": "H100",
                "memory_gib": 80,
                "purchase_date": date(2026, 10, 1),
                "in_service_date": date(2026, 10, 1),
                "rated_power_watts": 700.0,
                **terms,
            }


def _deployments() -> Iterator[dict[str, Any]]:
    def holds(name: str, host: str, indices: str = "0", **columns: Any) -> dict[str, Any]:
        return {
            "deployment_id": name,
            "workload": "inference",
            "model_name": f"model-{name}",
            "host_name": host,
            "gpu_indices": indices,
            "started_at": DAY,
            **columns,
        }

    for number in range(4):
        yield holds(f"quarter-{number}", "quarters", gpu_share_ratio=Decimal("0.25"))
    yield holds("sliced", "mig", pod_name_prefix="serve-")
    yield holds("moved", "moved", pod_name_prefix="late-")
    yield holds("node", "node01")
    yield holds("warm", "idle", "0", keep_warm="yes")
    yield holds("silent", "idle", "1")
    yield holds("failing", "idle", "2")
    yield holds("talk", "berlin")
    yield holds("counted", "units")


def land_requests(company: Company) -> None:
    """One request an hour for what serves, failures alone for what fails."""
    served = ("quarter-0", "quarter-1", "quarter-2", "quarter-3", "sliced", "moved", "node")
    rows = [_request(name, TEN + timedelta(hours=n)) for name in served for n in range(3)]
    rows += [
        _request("failing", TEN, status="failure", tokens=0),
        _request("failing", TEN + timedelta(hours=1), status="failure", tokens=0),
        _request("failing", TEN + timedelta(hours=1), "again"),
        _request("talk", SUNDAY, tokens=7200),
        _request("counted", TEN, tokens=30_000),
        _request("counted", SUNDAY, tokens=7),
        event("last day", moment("2026-10-26")),
    ]
    company.land("usage_events", "litellm", "requests.jsonl", rows)


def _request(
    name: str, at: datetime, mark: str = "", *, status: str = "success", tokens: int = 10
) -> dict[str, Any]:
    return event(
        f"{name} {at} {mark}",
        at,
        provider_name="self_hosted",
        response_model=f"model-{name}",
        uncached_input_tokens=tokens,
        status=status,
    )


def land_telemetry(company: Company) -> None:
    """Readings each ten minutes of the hours in question, and whom they name."""
    readings, names = list[dict[str, Any]](), list[dict[str, Any]]()
    for at in _moments(TEN, 1):
        _see(readings, names, "GPU-pods", at, *(("", f"{pod}-0") for pod in "abcd"))
        _see(readings, names, "GPU-mig", at, ("1", "serve-7"), ("2", "other-7"))
        # of a GPU in six equal partitions two are held
        held = {"0": "a-0", "3": "b-0"}
        _see(readings, names, "AMD-parts", at, *((n, held.get(n, "")) for n in "012345"))
    for number, at in enumerate(_moments(TEN, 2)):
        _see(readings, names, "GPU-moved", at, *([("", "late-1")] if number < 3 else []))
    company.land("gpu_samples", "dcgm_exporter", "readings.prom", readings)
    company.land("gpu_attributions", "dcgm_exporter", "readings.prom", names)
    _land_energy(company)


def _moments(start: datetime, hours: int) -> list[datetime]:
    return [start + timedelta(minutes=10 * step) for step in range(6 * hours)]


PROFILES = {"1": "1g.20gb", "2": "2g.20gb"}


def _see(
    readings: list[dict[str, Any]],
    names: list[dict[str, Any]],
    uuid: str,
    at: datetime,
    *seen: tuple[str, str],
) -> None:
    readings.append(gpu_sample(uuid, at))
    for instance, pod in seen:
        if instance:
            profile = PROFILES[instance] if uuid == "GPU-mig" else "cpx"
            columns = {"mig_instance_id": instance, "mig_profile": profile}
            readings.append(gpu_sample(uuid, at, **columns))
        named = {"sampled_at": at, "gpu_uuid": uuid, "mig_instance_id": instance or None}
        if pod:
            names.append(named | {"namespace_name": "ml", "pod_name": pod})


def _land_energy(company: Company) -> None:
    """GPU-berlin takes a kilowatt-hour an hour; GPU-gap is watched for half an hour."""
    busy = {"gpu_utilization_ratio": 1.0, "sm_active_ratio": 0.5, "tensor_active_ratio": 0.25}
    rows = [
        gpu_sample(
            "GPU-berlin",
            SUNDAY + timedelta(minutes=30 * n),
            energy_joules_total=joules(1_800_000 * n),
        )
        | (busy if n % 2 == 0 else dict.fromkeys(busy, 0.0))
        for n in range(9)
    ]
    rows += [
        gpu_sample("GPU-gap", SUNDAY + timedelta(minutes=30 * n), power_watts=200.0)
        for n in range(2)
    ]
    company.land("gpu_samples", "nvidia_smi", "power.csv", rows)


def job(name: str, start: str, end: str, gpus: int, **columns: Any) -> dict[str, Any]:
    """A job of the cluster hpc on node01."""
    begun, ended = moment(f"2026-10-{start}"), moment(f"2026-10-{end}")
    return {
        "job_id": name,
        "cluster_name": "hpc",
        "job_name": f"run {name}",
        "account_name": "lab",
        "state": "COMPLETED",
        "started_at": begun,
        "ended_at": ended,
        "elapsed_seconds": int((ended - begun).total_seconds()),
        "gpu_count": gpus,
        "node_names": "node[01-01]",
        **columns,
    }


def land_jobs(company: Company, file_name: str, jobs: Sequence[dict[str, Any]]) -> None:
    """One report of the scheduler."""
    company.land("gpu_jobs", "slurm_sacct", file_name, jobs)


JOBS = (
    job("1", "24 10:15", "24 10:45", 1, job_name="tune a"),
    job("2", "24 10:30", "24 11:00", 2, account_name="nobody"),
    job("3", "24 23:30", "25 00:30", 1),
    job("4", "24 12:00", "24 13:00", 8, node_names="elsewhere"),
    job("6", "25 01:15", "26 01:00", 1),
)
