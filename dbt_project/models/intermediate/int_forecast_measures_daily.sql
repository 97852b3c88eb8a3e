-- One row per day and measure that forecasts are made of: its value, and what says whether to
-- believe it. Weekdays are compared with the same weekdays of four weeks before and after.
{{ config(materialized="table") }}
with
    costs as (select * from {{ ref("fct_token_costs_daily") }}),

    usage_hours as (select * from {{ ref("fct_usage_hourly") }}),

    allocations as (select * from {{ ref("fct_gpu_allocations_hourly") }}),

    telemetry as (select * from {{ ref("int_gpu_telemetry_daily") }}),

    accounts as (
        select distinct account_id, usage_date
        from {{ ref("int_usage_daily_by_source") }}
        where is_counted
    ),

    days as (select usage_date from {{ ref("int_days_covered") }}),

    of_teams as (
        {% for measure in ["total_tokens", "request_count", "effective_cost_usd"] -%}
            select
                usage_date,
                team_id,
                '{{ measure }}' as measure,
                cast(sum({{ measure }}) as double) as measured_value
            from costs
            group by usage_date, team_id
            union all
        {% endfor %}
        select
            usage_date,
            coalesce(team_id, 'unattributed') as team_id,
            'gpu_hours' as measure,
            cast(sum(gpu_hours) as double) as measured_value
        from allocations
        where allocation_status = 'allocated'
        group by usage_date, coalesce(team_id, 'unattributed')
        {% for measure in ["power_watts", "memory_used_bytes"] -%}
            union all
            select
                usage_date,
                team_id,
                '{{ measure }}' as measure,
                sum({{ measure }}) as measured_value
            from telemetry
            group by usage_date, team_id
        {% endfor %}
    ),

    of_all as (
        select usage_date, measure, count(*) as row_count, sum(measured_value) as measured_value
        from of_teams
        group by usage_date, measure
    ),

    compared as (
        select
            of_all.usage_date,
            of_all.measure,
            of_all.measured_value
            / nullif(median(others.measured_value), 0) as value_to_median_ratio
        from of_all
        inner join
            of_all as others
            on of_all.measure = others.measure
            and of_all.usage_date != others.usage_date
            and abs(of_all.usage_date - others.usage_date) in (7, 14, 21, 28)
        where others.measured_value is not null
        group by of_all.usage_date, of_all.measure, of_all.measured_value
        having count(*) >= 3
    ),

    -- a team may well use ten times as much from one week to the next; a thousand is a unit
    teams_compared as (
        select
            of_teams.usage_date,
            of_teams.measure,
            of_teams.team_id,
            of_teams.measured_value
            / nullif(median(others.measured_value), 0) as value_to_median_ratio
        from of_teams
        inner join
            of_teams as others
            on of_teams.measure = others.measure
            and of_teams.team_id = others.team_id
            and abs(of_teams.usage_date - others.usage_date) in (7, 14, 21, 28)
        where of_teams.measured_value > 0 and others.measured_value > 0
        group by of_teams.usage_date, of_teams.measure, of_teams.team_id, of_teams.measured_value
        having count(*) >= 3
    ),

    farthest_teams as (
        select
            usage_date,
            measure,
            exp(max(abs(ln(value_to_median_ratio)))) as farthest_team_ratio,
            arg_max(team_id, abs(ln(value_to_median_ratio))) as farthest_team_id
        from teams_compared
        group by usage_date, measure
    ),

    unpriced as (
        select
            usage_date,
            'effective_cost_usd' as measure,
            cast(sum(unpriced_tokens) as double)
            / nullif(cast(sum(total_tokens) as double), 0) as unknown_ratio
        from costs
        where not is_self_hosted
        group by usage_date
    ),

    wrong_sums as (
        select usage_date, count(*) as wrong_sum_count
        from usage_hours
        where
            uncached_input_tokens > input_tokens
            or cache_read_input_tokens > input_tokens
            or cache_write_input_tokens > input_tokens
            or reasoning_output_tokens > output_tokens
            or coalesce(input_tokens, 0) + coalesce(output_tokens, 0) != coalesce(total_tokens, 0)
            or failed_request_count > request_count
        group by usage_date
    ),

    contents as (
        select
            usage_date,
            md5(
                string_agg(
                    concat_ws(
                        '|',
                        date_diff('hour', usage_date, hour_start_at),
                        provider_name,
                        model_name,
                        team_id,
                        total_tokens
                    ),
                    ','
                    order by hour_start_at, provider_name, model_name, team_id
                )
            ) as content
        from usage_hours
        where total_tokens > 0
        group by usage_date
    ),

    repeated as (
        select later.usage_date, max(earlier.usage_date) as repeated_date
        from contents as later
        inner join
            contents as earlier
            on later.content = earlier.content
            and earlier.usage_date < later.usage_date
            and earlier.usage_date >= later.usage_date - 28
        group by later.usage_date
    ),

    -- used on this weekday the week before and the week after, or the two weeks before and the
    -- day after
    expected_accounts as (
        select week_before.account_id, week_before.usage_date + 7 as usage_date
        from accounts as week_before
        inner join
            accounts as week_after
            on week_before.account_id = week_after.account_id
            and week_before.usage_date + 14 = week_after.usage_date
        union
        select last_week.account_id, last_week.usage_date + 7 as usage_date
        from accounts as last_week
        inner join
            accounts as earlier_week
            on last_week.account_id = earlier_week.account_id
            and last_week.usage_date - 7 = earlier_week.usage_date
        inner join
            accounts as next_day
            on last_week.account_id = next_day.account_id
            and last_week.usage_date + 8 = next_day.usage_date
    ),

    silent as (
        select
            expected_accounts.usage_date,
            count(*) as silent_account_count,
            min(expected_accounts.account_id) as account_id
        from expected_accounts
        left join
            accounts as that_day
            on expected_accounts.account_id = that_day.account_id
            and expected_accounts.usage_date = that_day.usage_date
        where that_day.account_id is null
        group by expected_accounts.usage_date
    ),

    measures as (select distinct measure from of_all)

select
    days.usage_date,
    measures.measure,
    coalesce(of_all.row_count, 0) as row_count,
    of_all.measured_value,
    compared.value_to_median_ratio,
    farthest_teams.farthest_team_ratio,
    farthest_teams.farthest_team_id,
    unpriced.unknown_ratio,
    coalesce(wrong_sums.wrong_sum_count, 0) as wrong_sum_count,
    repeated.repeated_date,
    coalesce(silent.silent_account_count, 0) as silent_account_count,
    silent.account_id as silent_account_id
from days
cross join measures
left join of_all using (usage_date, measure)
left join compared using (usage_date, measure)
left join farthest_teams using (usage_date, measure)
left join unpriced using (usage_date, measure)
left join wrong_sums using (usage_date)
left join repeated using (usage_date)
left join silent using (usage_date)
