"""What is expected of the moment that files a row under its day, whatever the table."""

from pipelines.quality.expectations import RowExpectation


def event_time_expectations(column: str) -> tuple[RowExpectation, ...]:
    """Expect a table's event time to be there, past, and on the day it was filed under.

    A day of tolerance: clocks differ, and a zone that was forgotten shifts by up to 14 hours,
    which the reader has to settle.

    Args:
        column: The table's entry in ingest.schema.EVENT_TIME, naive UTC.

    Returns:
        Three critical expectations.
    """
    return (
        RowExpectation(
            name=f"{column}_is_known",
            column=column,
            severity="critical",
            violation=f"{column} is null",
            remedy="correct the time in these lines, or remove the lines, and run again",
        ),
        RowExpectation(
            name=f"{column}_is_not_in_the_future",
            column=column,
            severity="critical",
            violation=f"{column} > audited_at + interval 1 day",
            remedy="check the clock of the host that wrote the file and its unit of epoch time",
        ),
        RowExpectation(
            name=f"{column}_is_on_its_day",
            column=column,
            severity="critical",
            violation=f"{column}::date <> date",
            remedy="delete the landing folder and run again: it is built anew from the inputs",
        ),
    )
