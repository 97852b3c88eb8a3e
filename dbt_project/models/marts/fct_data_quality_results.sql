-- One row per run, table, day and expectation checked.
with results as (select * from {{ ref("stg_quality__results") }})

select
    run_id,
    checked_at,
    table_name,
    usage_date,
    expectation_name,
    column_name,
    severity,
    is_success,
    failing_row_count,
    observed_value,
    failing_rows
from results
