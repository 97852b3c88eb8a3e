"""Derive the simulator's small tables from public traces.

    python -m data.simulator.derive_tables FOLDER

FOLDER holds the three published traces, each below the name that data/README.md gives with its
commit, license and citation. The simulator itself reads only the tables that this script wrote.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from data.simulator.prefix_cache import mooncake_requests, reused_tokens

TABLES = Path(__file__).parent / "tables"


def joint_quantiles(
    inputs: Sequence[int], outputs: Sequence[int], *, bins: int, steps: int
) -> pl.DataFrame:
    """Summarize how long prompts and answers are together.

    Args:
        inputs: Prompt tokens of each request.
        outputs: Generated tokens of each request.
        bins: Groups of equal size, by prompt length.
        steps: Intervals between the quantiles of a group.

    Returns:
        Columns size_bin, quantile (0 to 1), input_tokens, output_tokens: within each group the
        quantiles of the prompt lengths and, beside them, those of the answer lengths.
    """
    order = np.argsort(np.asarray(inputs), kind="stable")
    grid = np.linspace(0, 1, steps + 1)
    frames = []
    for number, members in enumerate(np.array_split(order, bins)):
        frames.append(
            pl.DataFrame(
                {
                    "size_bin": [number] * len(grid),
                    "quantile": grid.round(4),
                    "input_tokens": np.quantile(np.asarray(inputs)[members], grid).round(0),
                    "output_tokens": np.quantile(np.asarray(outputs)[members], grid).round(0),
                }
            )
        )
    return pl.concat(frames).cast({"input_tokens": pl.Int64, "output_tokens": pl.Int64})


def azure_conversations(trace: Path) -> pl.DataFrame:
    """Joint lengths of the Azure 2023 conversation trace: 50 groups of 20 intervals."""
    frame = pl.read_csv(trace)
    return joint_quantiles(
        frame["ContextTokens"].to_list(), frame["GeneratedTokens"].to_list(), bins=50, steps=20
    )


def mooncake_lengths(trace: Path) -> tuple[list[int], list[int], list[float]]:
    """Read input and output lengths, and the share of each prompt whose blocks were seen before.

    The share assumes a cache that never evicts: an upper bound, which the simulator scales down.
    """
    requests = list(mooncake_requests(trace.read_text().splitlines()))
    inputs = [request.input_tokens for request in requests]
    outputs = [request.output_tokens for request in requests]
    reused = zip(reused_tokens(requests), inputs, strict=True)
    return inputs, outputs, [tokens / length for tokens, length in reused]


def servegen_hours(rates: Path) -> pl.DataFrame:
    """Hour-of-week shape of the small language model's traffic, each day's mean being 1.

    The trace does not say which weekday its first day was, so day 0 is taken for a Monday and the
    level of each day is divided out: only the shape within the days is used.
    """
    hourly = (
        pl.scan_parquet(rates)
        .filter((pl.col("category") == "language") & (pl.col("model") == "m-small"))
        .group_by((pl.col("t_s") // 3600 % 168).alias("hour_of_week"))
        .agg(pl.col("rate_rps").sum())
        .sort("hour_of_week")
    )
    day = pl.col("hour_of_week") // 24
    relative = pl.col("rate_rps") / pl.col("rate_rps").mean().over(day)
    return hourly.select("hour_of_week", relative.round(4).alias("relative_rate")).collect()


def main(arguments: Sequence[str]) -> int:
    """Write the four tables; the one argument is the folder of the traces."""
    if len(arguments) != 1:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    folder = Path(arguments[0])
    azure = folder / "azure_llm_2023" / "AzureLLMInferenceTrace_conv.csv"
    azure_conversations(azure).write_csv(TABLES / "azure_conversation_tokens.csv")
    trace = folder / "mooncake_fast25" / "conversation_trace.jsonl"
    inputs, outputs, reused = mooncake_lengths(trace)
    long_context = joint_quantiles(inputs, outputs, bins=25, steps=20)
    long_context.write_csv(TABLES / "mooncake_long_context_tokens.csv")
    grid = np.linspace(0, 1, 101)
    reuse = {"quantile": grid.round(2), "reused_prefix_ratio": np.quantile(reused, grid).round(4)}
    pl.DataFrame(reuse).write_csv(TABLES / "mooncake_prefix_reuse.csv")
    hours = servegen_hours(folder / "servegen" / "servegen_rate.parquet")
    hours.write_csv(TABLES / "servegen_hour_of_week.csv")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
