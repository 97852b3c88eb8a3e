-- One row for each check: the newest result, failures first. Days of a check that passed are
-- counted together.
with
    newest as (
        select *
        from fct_data_quality_results
        qualify
            row_number() over (
                partition by table_name, usage_date, expectation_name, column_name
                order by checked_at desc, run_id desc
            )
            = 1
    ),
    counted as (
        select
            is_success as passed,
            severity,
            table_name as checked_table,
            coalesce(column_name, '') as checked_column,
            replace(regexp_replace(expectation_name, '^expect_', ''), '_', ' ') as expectation,
            if(is_success, null, usage_date) as day,
            count(*) as results,
            sum(failing_row_count)::bigint as failing_rows,
            any_value(if(is_success, '', observed_value)) as observed,
            any_value(if(is_success, '', failing_rows)) as examples,
            max(checked_at) as checked_at
        from newest
        group by all
    )
select *
from counted
order by
    passed,
    list_position(['critical', 'warning', 'info'], severity),
    checked_table,
    day desc,
    expectation,
    checked_column
