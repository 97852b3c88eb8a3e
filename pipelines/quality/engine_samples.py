"""Expectations on the counters of inference engines."""

from ingest.schema import ENGINE_SAMPLES
from pipelines.quality.event_time import event_time_expectations
from pipelines.quality.expectations import RowExpectation, Suite

COUNTERS: tuple[str, ...] = tuple(
    name for name in ENGINE_SAMPLES if name.endswith(("_total", "_count"))
)


def _fell(counter: str) -> str:
    series = "file_name, instance_name, engine_index, model_name"
    window = f"over (partition by {series} order by sampled_at, line_number)"
    return f"coalesce({counter} < lag({counter}) {window}, false)"


def engine_samples_suite() -> Suite:
    """Give the suite of engine_samples."""
    return Suite(
        table="engine_samples",
        derived={"has_fallen": " or ".join(_fell(counter) for counter in COUNTERS)},
        expectations=(
            *event_time_expectations("sampled_at"),
            RowExpectation(
                name="counters_are_not_negative",
                column="counters",
                severity="critical",
                # Infinity and NaN are no counts either, and are above every number.
                violation=" or ".join(
                    f"{counter} < 0 or {counter} >= 'infinity'::double"
                    if ENGINE_SAMPLES[counter].is_float()
                    else f"{counter} < 0"
                    for counter in COUNTERS
                ),
                remedy="scrape the engine's own /metrics: a derived rate is no counter",
            ),
            RowExpectation(
                name="cached_prompt_tokens_are_within_prompt_tokens",
                column="cached_prompt_tokens_total",
                severity="warning",
                violation="cached_prompt_tokens_total > prompt_tokens_total",
                remedy="scrape both counters together: cached tokens are a part of the prompt's",
            ),
            RowExpectation(
                name="counters_do_not_fall",
                column="counters",
                severity="warning",
                violation="has_fallen",
                remedy="none if the engine restarted then: counting goes on from zero",
            ),
        ),
    )
