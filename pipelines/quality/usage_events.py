"""Expectations on requests and usage buckets."""

from ingest.schema import INPUT_TOKEN_CLASSES, OUTPUT_TOKEN_CLASSES, TOKEN_CLASSES
from pipelines.quality.event_time import event_time_expectations
from pipelines.quality.expectations import DayExpectation, RowExpectation, Suite

# The largest context windows sold hold 10 million tokens.
TOKENS_PER_REQUEST_LIMIT = 20_000_000

# Weekends differ from weekdays by less than 10 and models by less than 30; a wrong unit by 1000.
VOLUME_FACTOR = 10
TOKENS_FACTOR = 30

# Retries repeat a request now and then. More means that something writes every line twice.
DUPLICATE_SHARE = 0.01


def _total(columns: tuple[str, ...]) -> str:
    # Wider than the columns: a corrupt count near 2^63 must become a finding, not an overflow.
    return "(" + " + ".join(f"coalesce({column}, 0)::hugeint" for column in columns) + ")"


def _negative(columns: tuple[str, ...]) -> str:
    return " or ".join(f"{column} < 0" for column in columns)


_CACHE_READ = tuple(name for name in INPUT_TOKEN_CLASSES if name.startswith("cache_read"))
_CACHE_WRITE = tuple(name for name in INPUT_TOKEN_CLASSES if name.startswith("cache_write"))
_SEMANTICS = "('inclusive', 'excludes_cache', 'excludes_cache_read')"

# A total of unstated meaning can be compared only where every meaning gives the same sum.
_COMPARABLE_INPUT = """case reported_input_semantics
    when 'inclusive' then summed_input
    when 'excludes_cache' then summed_input - summed_cache_read - summed_cache_write
    when 'excludes_cache_read' then summed_input - summed_cache_read
    else case when summed_cache_read + summed_cache_write = 0 then summed_input end
end"""


def usage_events_suite() -> Suite:
    """Give the suite of usage_events."""
    return Suite(
        table="usage_events",
        derived={
            "summed_input": _total(INPUT_TOKEN_CLASSES),
            "summed_output": _total(OUTPUT_TOKEN_CLASSES),
            "summed_cache_read": _total(_CACHE_READ),
            "summed_cache_write": _total(_CACHE_WRITE),
            # Anthropic's buckets do not say how many requests they hold.
            "requests": "coalesce(request_count, case when grain = 'request' then 1 end)",
            "occurrence": (
                "row_number() over (partition by date, file_sha256, event_id order by line_number)"
            ),
        },
        measures={
            "tokens_per_request": (
                "sum(summed_input + summed_output) filter (where requests > 0)::double"
                " / nullif(sum(requests), 0)::double"
            ),
            "duplicate_event_ids": (
                "count(*) filter (where event_id is not null and occurrence > 1)"
            ),
            "duplicate_event_id_share": (
                "count(*) filter (where event_id is not null and occurrence > 1)::double / count(*)"
            ),
        },
        trends=("row_count", "tokens_per_request"),
        expectations=(
            *_identity_and_time(),
            *_tokens(),
            *_attribution(),
            *_trends(),
        ),
    )


def _identity_and_time() -> tuple[RowExpectation | DayExpectation, ...]:
    return (
        RowExpectation(
            name="event_id_is_known",
            column="event_id",
            severity="critical",
            violation="event_id is null",
            remedy="report the file's format: its reader found no key in these lines",
        ),
        *event_time_expectations("started_at"),
        RowExpectation(
            name="ended_at_is_not_before_started_at",
            column="ended_at",
            severity="critical",
            violation="ended_at < started_at",
            remedy="check that both times are of one zone and unit",
        ),
        RowExpectation(
            name="first_token_at_is_within_the_request",
            column="first_token_at",
            severity="critical",
            violation="first_token_at < started_at or first_token_at > ended_at",
            remedy="check that the three times are of one zone and unit",
        ),
        DayExpectation(
            name="event_ids_are_distinct_within_a_file",
            column="event_id",
            severity="warning",
            measure="duplicate_event_id_share",
            maximum=DUPLICATE_SHARE,
            counted="duplicate_event_ids",
            offending="event_id is not null and occurrence > 1",
            meaning="of the day's rows repeat an event of their file",
            remedy="check whether something writes each line twice; each event is counted once",
        ),
    )


def _tokens() -> tuple[RowExpectation, ...]:
    reported = ("reported_input_tokens", "reported_output_tokens", "reported_total_tokens")
    return (
        RowExpectation(
            name="tokens_are_not_negative",
            column="token classes and reported totals",
            severity="critical",
            violation=_negative((*TOKEN_CLASSES, *reported)),
            remedy="correct or remove these lines: no request gives tokens back",
        ),
        RowExpectation(
            name="input_semantics_are_known",
            column="reported_input_semantics",
            severity="critical",
            violation=f"reported_input_semantics not in {_SEMANTICS}",
            remedy="state in the mapping whether the input total includes cached tokens",
        ),
        RowExpectation(
            name="input_classes_sum_to_the_reported_total",
            column="reported_input_tokens",
            severity="critical",
            violation=f"{_COMPARABLE_INPUT} <> reported_input_tokens",
            remedy="state in the mapping which input count includes which part",
        ),
        RowExpectation(
            name="output_classes_sum_to_the_reported_total",
            column="reported_output_tokens",
            severity="critical",
            violation="summed_output <> reported_output_tokens",
            remedy="state in the mapping which output count includes which part",
        ),
        RowExpectation(
            name="tokens_per_request_are_plausible",
            column="token classes",
            severity="critical",
            # NULL requests stay NULL: a bucket that does not count them gives no verdict.
            violation=f"summed_input + summed_output > {TOKENS_PER_REQUEST_LIMIT}::hugeint"
            " * case when requests < 1 then 1 else requests end",
            remedy="check the unit of the token counts: no model takes a request this long",
        ),
    )


def _attribution() -> tuple[RowExpectation, ...]:
    return (
        RowExpectation(
            name="model_is_known_on_success",
            column="response_model",
            severity="warning",
            violation="status = 'success' and response_model is null and request_model is null",
            remedy="let the gateway log the model; without one the usage has no price",
        ),
        RowExpectation(
            name="team_or_key_is_known",
            column="team_id",
            severity="warning",
            violation="team_id is null and api_key_id is null",
            remedy="give these callers a key, or name the team column in the mapping",
        ),
    )


def _trends() -> tuple[DayExpectation, ...]:
    return (
        DayExpectation(
            name="tokens_per_request_are_near_other_days",
            column="token classes",
            severity="warning",
            measure="tokens_per_request_to_median",
            minimum=1 / TOKENS_FACTOR,
            maximum=TOKENS_FACTOR,
            meaning="times the median tokens per request of the days around",
            remedy="check whether the unit of the token counts has changed",
        ),
        DayExpectation(
            name="row_count_is_near_other_days",
            column="row_count",
            severity="warning",
            measure="row_count_to_median",
            minimum=1 / VOLUME_FACTOR,
            maximum=VOLUME_FACTOR,
            meaning="times the median rows of the days around",
            remedy="check whether files are missing or were exported twice",
        ),
        DayExpectation(
            name="no_day_is_missing",
            column="started_at",
            severity="info",
            measure="row_count",
            minimum=1,
            offending="false",
            meaning="rows between days that have some",
            remedy="add the file of the day if there was usage",
        ),
    )
