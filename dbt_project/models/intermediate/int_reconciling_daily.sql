-- One row per account, day and source that saw the same usage in another way: another source of
-- usage, what the counting source itself says it cost, engine counters, cost reports and bills; and
-- per grouping of a report that was left out.
with
    usage as (select * from {{ ref("int_usage_daily_by_source") }}),

    engines as (
        select
            usage_date,
            source,
            source_instance,
            'self_hosted' as provider_name,
            null as project_id,
            prompt_tokens,
            generation_tokens
        from {{ ref("int_engine_activity_by_source") }}
    ),

    engine_accounts as (select *, {{ account_id_of("engines") }} as account_id from engines),

    unioned as (
        select
            usage_date,
            account_id,
            source,
            source_role,
            input_tokens,
            output_tokens,
            reported_cost_usd as cost_usd
        from usage
        where not is_counted or (reported_cost_usd is not null and not is_self_hosted)
        union all by name
        select
            usage_date,
            account_id,
            source,
            'server_counter' as source_role,
            cast(sum(prompt_tokens) as bigint) as input_tokens,
            cast(sum(generation_tokens) as bigint) as output_tokens
        from engine_accounts
        group by usage_date, account_id, source
        union all by name
        select
            usage_date,
            account_id,
            source,
            'bill' as source_role,
            bool_or(cost_usd is null) as has_other_currency,
            sum(cost_usd) as cost_usd
        from {{ ref("fct_provider_costs_daily") }}
        group by usage_date, account_id, source
        union all by name
        select * exclude (is_spread, billed_tokens)
        from {{ ref("int_bill_costs_daily") }}
        union all by name
        select *
        from {{ ref("int_groupings_left_out_daily") }}
    )

select
    * replace (
        coalesce(has_other_currency, false) as has_other_currency,
        coalesce(left_out_grouping, '') as left_out_grouping
    )
from unioned
