-- One row per day, account and source that saw the same usage as the source that counts: how far
-- they differ in tokens and in money, and why.
{%- set ratio = var("agreement_ratio") %}
with
    summed as (
        select
            *,
            {{ total_of(["counted_input_tokens", "counted_output_tokens"]) }} as counted_tokens,
            {{ total_of(["reconciling_input_tokens", "reconciling_output_tokens"]) }}
            as reconciling_tokens
        from {{ ref("int_usage_compared_daily") }}
    ),

    compared as (
        select
            *,
            case
                when left_out_grouping = '' then reconciling_cost_usd - counted_cost_usd
            end as difference_usd,
            case
                when left_out_grouping = ''
                then
                    reconciling_tokens
                    - case when counted_source is null then 0 else counted_tokens end
            end as difference_tokens
        from summed
    ),

    judged as (
        select
            *,
            abs(difference_tokens) > counted_tokens * {{ ratio }} as has_other_tokens,
            coalesce(
                abs(difference_usd) > abs(counted_cost_usd) * {{ ratio }},
                reconciling_cost_usd is not null and counted_unpriced_tokens > 0
            ) as has_other_money
        from compared
    )

select
    usage_date,
    account_id,
    counted_source,
    reconciling_source,
    reconciling_role,
    left_out_grouping,
    counted_input_tokens,
    counted_output_tokens,
    reconciling_input_tokens,
    reconciling_output_tokens,
    difference_tokens,
    cast(difference_tokens as double) / nullif(counted_tokens, 0) as difference_ratio,
    counted_unpriced_tokens,
    counted_cost_usd,
    reconciling_cost_usd,
    difference_usd,
    case
        when left_out_grouping != ''
        then 'other_grouping'
        when is_missing
        then 'reconciling_source_missing_day'
        when counted_source is null
        then 'counted_source_missing_day'
        when has_other_currency
        then 'currency_not_usd'
        when has_other_tokens and difference_tokens > 0
        then 'unlogged_traffic'
        when has_other_tokens and reconciling_role = 'provider_usage'
        then 'not_in_provider_report'
        when has_other_tokens
        then 'not_in_reconciling_source'
        -- tokens without a price cannot be why the other source names less money
        when has_other_money and counted_unpriced_tokens > 0 and coalesce(difference_usd, 1) > 0
        then 'counted_cost_incomplete'
        when has_other_money and difference_tokens is null
        then 'no_token_split'
        when has_other_money
        then 'price_differs'
        when difference_tokens is null and difference_usd is null
        then 'not_comparable'
        else 'agrees'
    end as reason
from judged
