"""What an hour of an own GPU cost, once more: from ledgers and samples, in plain Python."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
PICO = 10**12
ZERO = Decimal(0)
FOREVER = datetime.max  # noqa: DTZ901 - naive UTC
Row = dict[str, Any]


def hour_of(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def split(whole: int, weights: Sequence[int]) -> list[int]:
    """Cumulative floors: parts of `whole` by weight that sum to it."""
    ends, total = [0], sum(weights)
    for weight in weights:
        ends.append(ends[-1] + weight)
    return [whole * after // total - whole * before // total for before, after in pairwise(ends)]


class GpuHours:
    """The fleet of one data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data

    @cache  # noqa: B019 - one oracle a session
    def ledger(self, name: str) -> list[Row]:
        with (self.data / "ledgers" / f"{name}.csv").open() as file:
            return list(csv.DictReader(file))

    def landed(self, table: str) -> pl.DataFrame:
        return pl.read_parquet(self.data / "landing" / table / "*/date=*/*.parquet")

    @cached_property
    def gpus(self) -> list[Row]:
        return sorted(self.ledger("gpu_fleet"), key=lambda gpu: gpu["gpu_uuid"])

    def holder(self, gpu: Row, hour: datetime) -> Row | None:
        """The deployment that holds a GPU; the invented company changes them on the hour."""
        for row in self.ledger_of_deployments:
            is_here = row["host_name"] == gpu["host_name"] and gpu["gpu_index"] in row["gpus"]
            if is_here and row["start"] <= hour < row["end"]:
                return row
        return None

    @cached_property
    def ledger_of_deployments(self) -> list[Row]:
        return [
            {
                **row,
                "gpus": row["gpu_indices"].split(),
                "start": datetime.fromisoformat(row["started_at"][:-1]),
                "end": datetime.fromisoformat(row["ended_at"][:-1]) if row["ended_at"] else FOREVER,
            }
            for row in self.ledger("deployments")
        ]

    def gpu_hour(self, gpu: Row, hour: datetime) -> tuple[int, int]:
        """What an hour of a GPU cost, and its part of the fleet's overhead; pico-dollars."""
        on_host = [one for one in self.gpus if one["host_name"] == gpu["host_name"]]
        fleet, host = self.in_service(self.gpus, hour), self.in_service(on_host, hour)
        opex = self._opex(gpu["host_name"], hour)
        direct = self._amortized(gpu, hour) + self._energy(gpu, hour)
        direct += split(opex, [1] * len(host))[host.index(gpu)]
        return direct, split(self._opex("", hour), [1] * len(fleet))[fleet.index(gpu)]

    @staticmethod
    def in_service(gpus: Iterable[Row], hour: datetime) -> list[Row]:
        return [gpu for gpu in gpus if gpu["in_service_date"] <= f"{hour:%Y-%m-%d}"]

    @staticmethod
    def _amortized(gpu: Row, hour: datetime) -> int:
        start = datetime.fromisoformat(gpu["in_service_date"])
        months = start.month - 1 + int(gpu["useful_life_months"])
        end = start.replace(year=start.year + months // 12, month=months % 12 + 1)
        age, life = (hour - start) // HOUR, (end - start) // HOUR
        base = Decimal(gpu["purchase_price_usd"]) - Decimal(gpu["residual_value_usd"])
        whole = int(base * PICO)
        return whole * (age + 1) // life - whole * age // life if age < life else 0

    def _opex(self, host: str, hour: datetime) -> int:
        month = hour.replace(day=1, hour=0)
        following = (month + timedelta(days=32)).replace(day=1)
        position, hours = (hour - month) // HOUR, (following - month) // HOUR
        day = f"{hour:%Y-%m-%d}"
        wholes = [
            int(Decimal(row["amount_usd_per_month"]) * PICO)
            for row in self.ledger("opex")
            if row["host_name"] == host and row["valid_from"] <= day < (row["valid_to"] or "9")
        ]
        return sum(whole * (position + 1) // hours - whole * position // hours for whole in wholes)

    def _energy(self, gpu: Row, hour: datetime) -> int:
        joules = self._joules(gpu["gpu_uuid"]).get(hour, Decimal(0))
        day = f"{hour:%Y-%m-%d}"
        (tariff,) = (
            row
            for row in self.ledger("electricity_tariffs")
            if row["valid_from"] <= day < (row["valid_to"] or "9")
        )
        price = Decimal(tariff["price_usd_per_kwh"])
        whole = joules * Decimal(tariff["power_usage_effectiveness_ratio"]) * price * PICO
        return int(whole // 3_600_000)

    @cache  # noqa: B019
    def _joules(self, gpu_uuid: str) -> dict[datetime, Decimal]:
        """Joules by hour: each interval's lie evenly in it; the exporter that covers most."""
        by_exporter: dict[str, dict[datetime, list[Any]]] = {}
        samples = self._samples.get((gpu_uuid,))
        for (exporter,), rows in samples.partition_by("exporter", as_dict=True).items():
            hours: dict[datetime, list[Any]] = defaultdict(lambda: [0, 0, Decimal(0)])
            for before, after in pairwise(rows.sort("sampled_at").rows(named=True)):
                for hour, counted, covered, joules in _pieces(before, after):
                    known = hours[hour]
                    hours[hour] = [known[0] + counted, known[1] + covered, known[2] + joules]
            by_exporter[str(exporter)] = hours
        best: dict[datetime, tuple[tuple[int, int], Decimal]] = {}
        for exporter in sorted(by_exporter, reverse=True):
            for hour, (counted, covered, joules) in by_exporter[exporter].items():
                if hour not in best or (counted, covered) >= best[hour][0]:
                    best[hour] = ((counted, covered), joules)
        return {hour: joules for hour, (_, joules) in best.items()}

    @cached_property
    def _samples(self) -> dict[tuple[object, ...], pl.DataFrame]:
        samples = self.landed("gpu_samples").filter(pl.col("mig_instance_id").is_null())
        exporter = pl.concat_str("source", "source_instance", separator="/").alias("exporter")
        columns = ("gpu_uuid", exporter, "sampled_at", "energy_joules_total", "power_watts")
        return samples.select(columns).unique().partition_by("gpu_uuid", as_dict=True)


def _pieces(before: Row, after: Row) -> Iterator[tuple[datetime, int, int, Decimal]]:
    """An interval of at most an hour, cut where an hour begins."""
    start, end = before["sampled_at"], after["sampled_at"]
    length = end - start
    first, last = before["energy_joules_total"], after["energy_joules_total"]
    is_counted = first is not None and last is not None and last >= first
    if length > HOUR:
        return
    if is_counted:
        joules = Fraction(last - first)
    elif before["power_watts"] is None or after["power_watts"] is None:
        return
    else:
        watts = Fraction(before["power_watts"]) + Fraction(after["power_watts"])
        joules = watts / 2 * Fraction(length // MICROSECOND, 10**6)
    for hour, piece in cut(start, end):
        part = joules * Fraction(piece)
        amount = Decimal(part.numerator) / Decimal(part.denominator)
        rounded = amount.quantize(Decimal("1e-6"), rounding=ROUND_HALF_UP)
        covered = int(length // MICROSECOND * piece)
        yield hour, covered if is_counted else 0, covered, rounded


def cut(start: datetime, end: datetime) -> Iterator[tuple[datetime, Fraction]]:
    """The hours that an interval of at most an hour lies in, and what part of it."""
    if end - start > HOUR:
        return
    for hour in (hour_of(start), hour_of(start) + HOUR):
        piece = (min(end, hour + HOUR) - max(start, hour)) // MICROSECOND
        if piece > 0:
            yield hour, Fraction(piece, (end - start) // MICROSECOND)


def micros(name: str, value: float) -> int:
    return round(value * 10**6) if name.endswith("seconds_total") else int(value)
