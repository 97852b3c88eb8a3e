"""The daily job: from new files to the published snapshot, shortly after UTC midnight."""

import dagster as dg

refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    description="Land what is new, audit it, rebuild the touched days, forecast, publish",
)

refresh_daily = dg.build_schedule_from_partitioned_job(
    refresh,
    name="refresh_daily",
    minute_of_hour=20,
    hour_of_day=0,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
