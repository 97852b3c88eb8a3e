"""What the sources say about the same traffic and the same GPUs fits together."""

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from genai_prices import Usage, calc_price
from simulated_company import DAYS, Simulated

from data.simulator import company, simulate
from data.simulator.vllm_metrics import go_float

SAMPLE = re.compile(
    r"^(vllm:(?:prompt|generation)_tokens_total)\{(.*)\} (\S+) (\d+)$", re.MULTILINE
)
INSTANCE = re.compile(r'instance="([^"]+)"')
MODEL = re.compile(r'model_name="([^"]+)"')


def spend_rows(data: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((data / "inputs" / "litellm").rglob("*.gz")):
        for line in gzip.decompress(path.read_bytes()).decode().splitlines():
            yield json.loads(line)


def test_every_spend_log_line_is_json_whose_totals_add_up(simulated: Simulated) -> None:
    ids = set()
    rows = list(spend_rows(simulated.data))
    for row in rows:
        assert row["prompt_tokens"] + row["completion_tokens"] == row["total_tokens"]
        assert row["startTime"][:10] == row["endTime"][:10]
        assert row["startTime"] < row["endTime"]
        assert row["messages"] == {} == row["response"]
        ids.add(row["request_id"])
        usage = row["metadata"].get("usage_object")
        assert (usage is None) == (row["status"] == "failure")
        if usage:
            cached = usage["prompt_tokens_details"]["cached_tokens"]
            written = usage.get("cache_creation_input_tokens", 0)
            assert 0 <= cached + written <= usage["prompt_tokens"] == row["prompt_tokens"]
            reasoning = usage["completion_tokens_details"]["reasoning_tokens"]
            assert 0 <= reasoning <= row["completion_tokens"]
    assert len(rows) == len(ids) == simulated.report.gateway_rows


def test_batches_are_as_large_and_short_as_documented(simulated: Simulated) -> None:
    batches = [r for r in spend_rows(simulated.data) if r["request_id"].endswith("_batch_cost")]
    assert 50 * DAYS < len(batches) < 150 * DAYS
    assert all(0.9e6 <= b["total_tokens"] <= 6e6 for b in batches)
    assert all(0 < b["request_duration_ms"] <= 3_600_000 for b in batches)
    assert all(b["metadata"]["batch_successful_requests"] > 100 for b in batches)


def counter_increases(simulated: Simulated) -> dict[tuple[str, str], float]:
    """Model and counter -> increase over all engines, resets allowed for."""
    values: dict[tuple[str, ...], list[tuple[int, float]]] = defaultdict(list)
    for path in simulated.files("vllm"):
        text = gzip.decompress(path.read_bytes()).decode()
        for name, labels, value, at in SAMPLE.findall(text):
            instance, model = INSTANCE.findall(labels)[0], MODEL.findall(labels)[0]
            values[name, instance, model].append((int(at), float(value)))
    increases: dict[tuple[str, str], float] = defaultdict(float)
    for (name, _, model), series in values.items():
        previous = 0.0  # engines that start within the period start at zero; so does the first day
        for _, value in sorted(series):
            increases[model, name] += value - previous if value >= previous else value
            previous = value
    return increases


def test_engine_counters_count_what_the_gateway_logged(simulated: Simulated) -> None:
    logged: dict[tuple[str, str], int] = defaultdict(int)
    for row in spend_rows(simulated.data):
        if row["custom_llm_provider"] == "hosted_vllm" and row["cache_hit"] != "True":
            model = row["model"].removeprefix("hosted_vllm/")
            logged[model, "vllm:prompt_tokens_total"] += row["prompt_tokens"]
            logged[model, "vllm:generation_tokens_total"] += row["completion_tokens"]
    counted = counter_increases(simulated)
    assert len(logged) == 8
    for (model, name), tokens in logged.items():
        direct = company.DIRECT_TRAFFIC_RATIO if model == company.DIRECT_TRAFFIC_MODEL else 0
        if direct:
            assert counted[model, name] == pytest.approx(tokens * (1 + direct), rel=1e-4)
        else:
            assert counted[model, name] == tokens


def test_the_restart_resets_the_counters_of_one_engine(simulated: Simulated) -> None:
    starts: dict[str, set[float]] = defaultdict(set)
    for path in simulated.files("vllm"):
        for line in gzip.decompress(path.read_bytes()).decode().splitlines():
            if line.startswith("process_start_time_seconds"):
                labels, value, _ = line.rsplit(" ", 2)
                starts[labels].add(float(value))
    restarted = [labels for labels, values in starts.items() if len(values) > 1]
    assert len(starts) == 5
    assert len(restarted) == 1
    assert 'instance="a100-01:8001"' in restarted[0]


def dcgm_series(simulated: Simulated, metric: str) -> dict[str, dict[float, float]]:
    series: dict[str, dict[float, float]] = defaultdict(dict)
    for path in simulated.files("dcgm_exporter"):
        if path.suffix != ".gz":
            continue
        for line in gzip.decompress(path.read_bytes()).decode().splitlines():
            for result in json.loads(line)["data"]["result"]:
                if result["metric"]["__name__"] == metric:
                    points = {at: float(value) for at, value in result["values"]}
                    series[result["metric"]["UUID"]].update(points)
    return series


def test_energy_is_the_integral_of_power(simulated: Simulated) -> None:
    power = dcgm_series(simulated, "DCGM_FI_DEV_POWER_USAGE")
    energy = dcgm_series(simulated, "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION")
    assert len(power) == 24
    whole = [uuid for uuid in power if len(power[uuid]) == DAYS * 96]
    assert len(whole) == 16  # the third host was scraped as text for two days
    for uuid in whole:
        times = sorted(power[uuid])
        joules = sum(power[uuid][at] * 900 for at in times[:-1])
        counted = (energy[uuid][times[-1]] - energy[uuid][times[0]]) / 1000
        assert counted == pytest.approx(joules, rel=0.005)
        readings = [energy[uuid][at] for at in times]
        assert readings == sorted(readings)


def test_busy_gpus_draw_more_than_idle_ones(simulated: Simulated) -> None:
    power = dcgm_series(simulated, "DCGM_FI_DEV_POWER_USAGE")
    empty = power[company.gpu_uuid("h100-02", 0)].values()
    training = power[company.gpu_uuid("h100-03", 0)].values()
    serving = power[company.gpu_uuid("h100-01", 0)].values()
    assert max(empty) < 85
    assert max(training) > 640
    assert sum(1 for watts in training if watts > 600) == 14 * 4  # one Saturday
    assert min(serving) < 130
    assert max(serving) > 350


def test_text_scrapes_replace_the_query_of_the_same_host(simulated: Simulated) -> None:
    scrapes = [p for p in simulated.files("dcgm_exporter") if p.suffix == ".prom"]
    assert len(scrapes) == len(company.TEXT_SCRAPE_DAYS)
    lines = scrapes[0].read_text().splitlines()
    assert lines[0] == "# scraped_at 2026-05-21T00:00:00Z"
    assert sum(line.startswith("# scraped_at") for line in lines) == 96
    samples = [line for line in lines if not line.startswith("#")]
    assert len(samples) == 96 * 7 * 8


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (912, "912"), (0.4312, "0.4312"), (1250001, "1.250001e+06"), (2e6, "2e+06")],
)
def test_numbers_are_printed_as_prometheus_prints_them(value: float, text: str) -> None:
    assert go_float(value) == text


@pytest.mark.parametrize("start", [date(2026, 7, 29), date(2026, 8, 20)])
def test_the_gateways_estimate_is_the_list_price_of_the_day(tmp_path: Path, start: date) -> None:
    simulate(tmp_path, start=start, days=2, scale=0.5)
    checked = set()
    for row in spend_rows(tmp_path):
        usage = row["metadata"].get("usage_object")
        provider, model = row["custom_llm_provider"], row["model"].removeprefix("anthropic/")
        is_priced = (provider, model) in company.LIST_PRICES
        if not is_priced or usage is None or row["cache_hit"] == "True":
            assert row["spend"] == 0
            continue
        published = calc_price(
            Usage(
                input_tokens=row["prompt_tokens"],
                cache_read_tokens=usage["prompt_tokens_details"]["cached_tokens"],
                cache_write_tokens=usage.get("cache_creation_input_tokens", 0),
                output_tokens=row["completion_tokens"],
            ),
            model,
            provider_id=provider,
            genai_request_timestamp=datetime.fromisoformat(row["startTime"]),
        )
        assert row["spend"] == pytest.approx(float(published.total_price), abs=2e-9)
        checked.add((model, row["startTime"][:10]))
    assert len(checked) == 2 * len(company.LIST_PRICES)


def test_the_private_preview_has_no_published_price() -> None:
    with pytest.raises(LookupError):
        calc_price(Usage(input_tokens=1), company.UNPRICED_MODEL, provider_id="openai")
