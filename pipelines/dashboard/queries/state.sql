-- One row: how fresh the snapshot is, and whether checks passed.
with
    newest_checks as (
        select *
        from fct_data_quality_results
        qualify
            row_number() over (
                partition by table_name, usage_date, expectation_name, column_name
                order by checked_at desc, run_id desc
            )
            = 1
    )
select
    published_at,
    data_through,
    price_snapshot,
    meterhouse_version,
    (select count(*) from newest_checks) as checks,
    (select count(*) from newest_checks where not is_success) as checks_failed
from meterhouse_snapshot
