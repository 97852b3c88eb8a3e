"""The books of the invented company once more: from landing files and ledgers, in plain Python.

It shares nothing with the SQL but the rules of docs/how-costs-are-computed.md, and covers what the
company has: cloud tokens at contract and list prices, straight-line amortization, measured energy,
months of operating cost. Money is in whole pico-dollars, time in whole microseconds.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path

import polars as pl
from oracle_gpu_hours import ZERO, GpuHours, Row, cut, hour_of, micros, split
from product import REPOSITORY

CLASSES = {  # ours: the classes of the price book that price it, the first that has a price
    "uncached_input_tokens": ("uncached_input",),
    "cache_read_input_tokens": ("cache_read_input", "uncached_input"),
    "cache_write_5m_input_tokens": ("cache_write_input", "uncached_input"),
    "cache_write_other_input_tokens": ("cache_write_input", "uncached_input"),
    "cache_write_1h_input_tokens": (
        "cache_write_1h_input",
        "cache_write_input",
        "uncached_input",
    ),
    "other_output_tokens": ("output",),
    "reasoning_output_tokens": ("reasoning_output", "output"),
}
COUNTERS = (
    ("prefill_seconds_total",),
    ("decode_seconds_total",),
    ("prompt_tokens_total", "generation_tokens_total"),
)


class Oracle(GpuHours):
    """One data folder, read once."""

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self.prices = list(self._prices())

    def _prices(self) -> Iterator[Row]:
        """The ledger's contracts by class; the list's are looked up as they are needed."""
        for row in self.ledger("contract_prices"):
            yield {**row, "unit_price": Decimal(row["price_usd_per_million_tokens"]).scaleb(-6)}

    @cache  # noqa: B019 - one oracle a session
    def list_rows(self, provider: str, model: str) -> list[Row]:
        matches = pl.read_parquet(self.data / "state/price_matches.parquet")
        found = matches.filter(provider_name=provider, model_name=model).rows(named=True)
        with (REPOSITORY / "dbt_project/seeds/list_prices.csv").open() as file:
            return [
                row
                for row in csv.DictReader(file)
                for match in found
                if row["provider_name"] == match["price_provider_name"]
                and row["model_name"] == match["price_model_name"]
                and row.get("service_tier", "standard") in ("", "standard")
            ]

    def _events(self) -> Iterator[Row]:
        """Requests of the gateway, the fullest copy of each, with the team that pays."""
        events = self.landed("usage_events").filter(pl.col("source_role") == "request_log")
        classes = pl.sum_horizontal(pl.col(*CLASSES).fill_null(0))
        events = events.sort(classes, descending=True).unique("event_id", keep="first")
        keys = self.ledger("api_keys")
        for event in events.rows(named=True):
            if event["is_gateway_cache_hit"]:
                continue
            day = f"{event['started_at']:%Y-%m-%d}"
            owners = [
                key["team_id"]
                for key in keys
                if key["api_key_id"] == event["api_key_id"]
                and (key["valid_from"] or "") <= day < (key["valid_to"] or "9")
            ]
            team = (owners or [event["team_id"] or "unattributed"])[-1]
            model = (event["response_model"] or event["request_model"]).rpartition("/")[2]
            yield {**event, "team": team, "model": model, "hour": hour_of(event["started_at"])}

    def unit_price(self, event: Row, token_class: str) -> Decimal | None:
        """The contract's price of a class, else the list's in the request's context tier."""
        day = f"{event['started_at']:%Y-%m-%d}"
        for price in self.prices:
            is_right = (price["provider_name"], price["model_name"]) == (
                event["provider_name"],
                event["model"],
            )
            holds = price["valid_from"] <= day < (price["valid_to"] or "9")
            if is_right and holds and price["token_class"] == token_class:
                return Decimal(price["unit_price"])
        context = sum(event[name] or 0 for name in CLASSES if "input" in name)
        rows = [
            row
            for row in self.list_rows(event["provider_name"], event["model"])
            if row["valid_from"] <= day < (row["valid_to"] or "9")
            and (int(row["context_threshold_tokens"]) or -1) < context
        ]
        row = max(rows, key=lambda row: int(row["context_threshold_tokens"]), default={})
        text = row.get(f"{token_class}_unit_price_usd")
        return Decimal(text) if text else None

    def cloud_cost(self, event: Row) -> Decimal:
        """Tokens by class at the price that held when the request began."""
        cost = Decimal(0)
        for name, classes in CLASSES.items():
            if event[name]:
                prices = [self.unit_price(event, one) for one in classes]
                cost += event[name] * next(price for price in prices if price is not None)
        return cost

    def charge(self, row: Row) -> Decimal:
        """What a row of fct_charges_hourly must cost, in US dollars."""
        if row["charge_kind"] == "cloud_tokens":
            asked = self.asked[row["hour_start_at"], row["provider_name"], row["model_name"]]
            return sum((self.cloud_cost(e) for e in asked if e["team"] == row["team_id"]), ZERO)
        hour, model = row["hour_start_at"], row["model_name"]
        pico = 0
        for gpu in self.in_service(self.gpus, hour):
            direct, overhead = self.gpu_hour(gpu, hour)
            holder = self.holder(gpu, hour)
            if row["charge_kind"] == "own_gpu_overhead":
                pico += overhead
                continue
            is_training = holder is not None and holder["workload"] == "training"
            is_used = is_training or self.has_load(holder, hour)
            is_asked_for = is_used == (row["charge_kind"] == "own_gpu_allocated")
            if is_asked_for and model == (holder["model_name"] if holder else ""):
                is_theirs = not is_training or holder["team_id"] == row["team_id"]
                pico += direct if is_theirs else 0
        if row["charge_kind"] == "own_gpu_allocated" and row["total_tokens"] is not None:
            pico = self._share(pico, row)
        return Decimal(pico).scaleb(-12)

    def _share(self, whole: int, row: Row) -> int:
        """A team's part of what a model's GPUs cost: prefill by input, decode by output."""
        hour, model = row["hour_start_at"], row["model_name"]
        prefill, decode = self.engine_hours.get((model, hour), (0, 0, 0))[:2]
        weights: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for event in self.asked[hour, "self_hosted", model]:
            weights[event["team"]][0] += event["uncached_input_tokens"] or 0
            weights[event["team"]][1] += sum(event[n] or 0 for n in CLASSES if "output" in n)
        teams = sorted(weights)
        inputs, outputs = zip(*(weights[team] for team in teams), strict=True)
        if prefill + decode == 0:
            prefill, decode = sum(inputs) * 1000, sum(outputs) * 2500
        of_input = whole * prefill // (prefill + decode)
        place = teams.index(row["team_id"])
        return split(of_input, inputs)[place] + split(whole - of_input, outputs)[place]

    def has_load(self, holder: Row | None, hour: datetime) -> bool:
        """Whether anybody asked the model, by the gateway's log or the engines' counters."""
        if holder is None:
            return False
        model = holder["model_name"]
        return bool(self.asked.get((hour, "self_hosted", model))) or (
            self.engine_hours.get((model, hour), (0, 0, 0))[2] > 0
        )

    @cached_property
    def asked(self) -> dict[tuple[datetime, str, str], list[Row]]:
        """Requests by hour, provider and model."""
        asked: dict[tuple[datetime, str, str], list[Row]] = defaultdict(list)
        for event in self._events():
            asked[event["hour"], event["provider_name"], event["model"]].append(event)
        return asked

    @cached_property
    def engine_hours(self) -> dict[tuple[str, datetime], tuple[int, int, int]]:
        """Microseconds of prefill and of decode, and tokens, by model and hour."""
        found: dict[tuple[str, datetime], list[int]] = defaultdict(lambda: [0, 0, 0])
        engine = ("source_instance", "instance_name", "engine_index", "model_name")
        samples = self.landed("engine_samples").unique((*engine, "sampled_at"))
        for (*_, model), rows in samples.partition_by(engine, as_dict=True).items():
            for before, after in pairwise(rows.sort("sampled_at").rows(named=True)):
                began = after["process_started_at"]
                is_new = began is not None and began > before["sampled_at"]
                for hour, piece in cut(before["sampled_at"], after["sampled_at"]):
                    for place, names in enumerate(COUNTERS):
                        for name in names:
                            first, last = (0 if is_new else before[name]), after[name]
                            first, last = micros(name, first), micros(name, last)
                            grown = last - first if last >= first else last
                            found[model, hour][place] += int(grown * piece + 0.5)
        return {key: (values[0], values[1], values[2]) for key, values in found.items()}
