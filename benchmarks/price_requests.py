"""Seconds and peak memory of pricing and allocating ten million requests.

Usage: python benchmarks/price_requests.py [REQUESTS]

Writes that many requests of 30 days as canonical Parquet, as reading a gateway's log would leave
them, then builds the real dbt models with two threads in a process of its own and prints the time
of each model and the process's peak memory. Beside it genai_prices.calc_price is called 50,000
times on the same requests and extrapolated; it prices only: no contract, no lineage, no team.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from ingest.schema import conform
from pipelines.prices import match_models
from pipelines.settings import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "tests" / "warehouse"))
from warehouse_factory import Company

DAYS = 30
FIRST_DAY = datetime.fromisoformat("2026-10-26")
CALLS = 50_000
SHOWN = 14
TOKENS = (
    "uncached_input_tokens",
    "cache_read_input_tokens",
    "other_output_tokens",
    "reasoning_output_tokens",
)
# Provider, model, share of the requests.
MODELS = (
    ("openai", "gpt-5", 0.3),
    ("openai", "gpt-5-mini", 0.2),
    ("anthropic", "claude-sonnet-4-6", 0.25),
    ("anthropic", "claude-haiku-5-5", 0.1),
    ("google", "gemini-2.5-pro", 0.1),
    ("deepseek", "deepseek-chat", 0.05),
)
# What turns events into costs, and costs into hourly charges of teams.
PRICED = ("int_skus_seen", "int_models_matched", "int_prices_applied", "fct_usage_events")
ALLOCATED = ("fct_usage_hourly", "fct_charges_hourly", "fct_token_costs_daily")


def requests_of_day(day: int, count: int) -> pl.DataFrame:
    """Requests of one UTC day, with the columns that a gateway's log fills."""
    random = np.random.default_rng(day)
    picked = random.choice(len(MODELS), count, p=[share for *_, share in MODELS])
    fresh = random.lognormal(7, 1.2, count).astype(np.int64)
    cached = random.binomial(1, 0.6, count) * random.lognormal(8, 1.2, count).astype(np.int64)
    seconds = np.sort(random.uniform(0, 86_400, count))
    number = np.arange(count) + day * count
    start = FIRST_DAY + timedelta(days=day)
    return pl.DataFrame(
        {
            "number": number,
            "started_at": (seconds * 1_000_000).astype(np.int64),
            "model": picked,
            "uncached_input_tokens": fresh,
            "cache_read_input_tokens": cached,
            "other_output_tokens": random.lognormal(5, 1, count).astype(np.int64),
            "reasoning_output_tokens": random.binomial(1, 0.3, count)
            * random.lognormal(6, 1, count).astype(np.int64),
            "team": random.integers(0, 40, count),
        }
    ).select(
        event_id=pl.concat_str(pl.lit("request-"), pl.col("number").cast(pl.String)),
        grain=pl.lit("request"),
        started_at=pl.lit(start).cast(pl.Datetime("us")) + pl.duration(microseconds="started_at"),
        provider_name=pl.col("model").replace_strict(
            {i: name for i, (name, *_) in enumerate(MODELS)}, return_dtype=pl.String
        ),
        response_model=pl.col("model").replace_strict(
            {i: name for i, (_, name, _) in enumerate(MODELS)}, return_dtype=pl.String
        ),
        api_key_id=pl.format("key-{}", "team"),
        team_id=pl.format("team-{}", "team"),
        request_count=pl.lit(1, pl.Int64),
        status=pl.lit("success"),
        **{name: pl.col(name) for name in TOKENS},
        source=pl.lit("litellm"),
        source_role=pl.lit("request_log"),
        source_instance=pl.lit("gateway"),
        file_name=pl.lit(f"litellm/gateway/{start:%Y-%m-%d}.ndjson"),
        file_sha256=pl.lit("0" * 64),
        line_number=pl.int_range(pl.len(), dtype=pl.Int64) + 1,
    )


def found_company(folder: Path, requests: int) -> Company:
    """A data folder with the requests and nothing else."""
    project = folder / "dbt_project"
    ignored = shutil.ignore_patterns("target", "logs")
    shutil.copytree(REPOSITORY / "dbt_project", project, ignore=ignored)
    company = Company.found(folder / "data", project)
    pairs = [(provider, model) for provider, model, _ in MODELS]
    company.match_prices(match_models(pairs).rows())
    for day in range(DAYS):
        frame = conform(requests_of_day(day, requests // DAYS), "usage_events")
        partition = f"date={FIRST_DAY + timedelta(days=day):%Y-%m-%d}"
        path = company.data / "landing" / "usage_events" / "litellm" / partition / "day.parquet"
        path.parent.mkdir(parents=True)
        frame.write_parquet(path)
    return company


def build(data: Path, project: Path) -> None:
    """Seed and build; print the time of every model that took any, and the peak."""
    company = Company(data=data, project=project)
    company.dbt("seed")
    company.dbt("run", "--full-refresh", "--select", *(f"+{name}" for name in ALLOCATED))
    results = json.loads((project / "target" / "run_results.json").read_text())["results"]
    seconds = {r["unique_id"].rpartition(".")[2]: r["execution_time"] for r in results}
    for name, took in sorted(seconds.items(), key=lambda item: -item[1])[:SHOWN]:
        print(f"{name:<34}{took:7.1f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'pricing':<34}{sum(seconds[name] for name in PRICED):7.1f} s")
    print(f"{'allocating':<34}{sum(seconds[name] for name in ALLOCATED):7.1f} s")
    print(f"{'peak memory of the process':<34}{peak:7,.0f} MiB")
    count, cost = company.query("select count(*), sum(contracted_cost_usd) from fct_usage_events")[
        0
    ]
    print(f"{count:,} requests, ${cost:,.2f}")


def loop(requests: int) -> None:
    """Time genai-prices' own function on some of the requests."""
    from genai_prices import Usage, calc_price

    rows = requests_of_day(0, CALLS).rows(named=True)
    began = time.perf_counter()
    for row in rows:
        read, reasoned = row["cache_read_input_tokens"], row["reasoning_output_tokens"]
        calc_price(
            Usage(
                input_tokens=row["uncached_input_tokens"] + read,
                cache_read_tokens=read,
                output_tokens=row["other_output_tokens"] + reasoned,
                output_reasoning_tokens=reasoned,
            ),
            model_ref=row["response_model"],
            provider_id=row["provider_name"],
            genai_request_timestamp=row["started_at"],
        )
    seconds = time.perf_counter() - began
    print(
        f"genai_prices.calc_price: {CALLS:,} calls {seconds:.1f} s, "
        f"{requests:,} would take {seconds * requests / CALLS:,.0f} s"
    )


def main() -> None:
    """Write the requests, build them in a fresh process, loop over some."""
    if len(sys.argv) == 3:
        build(Path(sys.argv[1]), Path(sys.argv[2]))
        return
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        company = found_company(Path(folder), requests)
        command = [sys.executable, __file__, str(company.data), str(company.project)]
        subprocess.run(command, check=True)
    loop(requests)


if __name__ == "__main__":
    main()
