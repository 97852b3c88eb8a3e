-- One row per account and day: what the counted usage cost, and how many tokens have no price.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates(follow_events=true) }}",
    )
}}
{%- set rebuilt = is_rebuilt("usage_date", follow_events=true) %}
with
    priced as (select * from {{ ref("fct_usage_events") }} where {{ rebuilt }}),

    accounts as (
        select event_id, usage_date, account_id
        from {{ ref("int_usage_events_deduplicated") }}
        where {{ rebuilt }}
    ),

    summed as (
        select
            priced.usage_date,
            accounts.account_id,
            {{ known_sum("contracted_cost_usd") }} as cost_usd,
            cast(
                coalesce(sum(total_tokens) filter (pricing_status = 'unpriced'), 0) as bigint
            ) as unpriced_tokens
        from priced
        inner join
            accounts
            on priced.event_id = accounts.event_id
            and priced.usage_date = accounts.usage_date
        group by priced.usage_date, accounts.account_id
    )

select *
from summed
