"""Daily partitions: one per UTC day of the audited tables."""

import dagster as dg

from pipelines.settings import Settings

# One run audits any range of days in one pass; a run per day would pay the start-up each time.
ONE_RUN = dg.BackfillPolicy.single_run()

daily = dg.DailyPartitionsDefinition(
    start_date=Settings.from_environment().start_date.isoformat(), timezone="UTC"
)
