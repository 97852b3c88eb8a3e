-- One row per account, day and source: what it saw, and whether it is the one that counts.
-- What the user's ledger names comes first, then who reports tokens at all, then the precedence.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates(follow_events=true) }}",
    )
}}
with
    events as (
        select *
        from {{ ref("int_usage_events_deduplicated") }}
        where {{ is_rebuilt("usage_date", follow_events=true) }}
    ),

    precedences as (select * from {{ ref("source_precedence") }}),

    choices as (select * from {{ ref("stg_ledger__volume_sources") }}),

    -- answers from a gateway's own cache show that the gateway was there, and consumed nothing
    summed as (
        select
            usage_date,
            account_id,
            source,
            source_role,
            bool_and(is_self_hosted) as is_self_hosted,
            bool_or(total_tokens is not null) as has_tokens,
            {% for column in ["input_tokens", "output_tokens"] -%}
                cast(sum({{ column }}) filter (not is_gateway_cache_hit) as bigint) as {{ column }},
            {% endfor -%}
            sum(reported_cost_usd) filter (not is_gateway_cache_hit) as reported_cost_usd
        from events
        group by usage_date, account_id, source, source_role
    ),

    ranked as (
        select
            summed.*,
            row_number() over (
                partition by summed.usage_date, summed.account_id
                order by
                    choices.source is null,
                    not summed.has_tokens,
                    coalesce(listed.precedence, others.precedence),
                    summed.source
            )
            = 1 as is_counted
        from summed
        left join
            precedences as listed
            on summed.source = listed.source
            and summed.source_role = listed.source_role
        left join
            precedences as others on summed.source_role = others.source_role and others.source = '*'
        left join
            choices
            on summed.account_id = choices.account_id
            and summed.source = choices.source
            and {{ is_valid_at("summed.usage_date", "choices") }}
    )

select *
from ranked
