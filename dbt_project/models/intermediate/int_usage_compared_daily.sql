-- One row per account, day and reconciling source, beside what was counted. From a source's first
-- to its last day it has a row for every day with counted usage, so that a missing day is seen.
with
    usage as (select * from {{ ref("int_usage_daily_by_source") }} where is_counted),

    costs as (select * from {{ ref("int_account_costs_daily") }}),

    reconciling as (select * from {{ ref("int_reconciling_daily") }}),

    counted as (
        select usage.*, costs.cost_usd, costs.unpriced_tokens
        from usage
        left join
            costs on usage.usage_date = costs.usage_date and usage.account_id = costs.account_id
    ),

    spans as (
        select
            account_id,
            source,
            source_role,
            min(usage_date) as first_date,
            max(usage_date) as last_date
        from reconciling
        where left_out_grouping = ''
        group by account_id, source, source_role
    ),

    days as (
        select usage_date, account_id, source, source_role, left_out_grouping
        from reconciling
        union
        select
            counted.usage_date,
            spans.account_id,
            spans.source,
            spans.source_role,
            '' as left_out_grouping
        from spans
        inner join
            counted
            on spans.account_id = counted.account_id
            and counted.usage_date between spans.first_date and spans.last_date
            and spans.source != counted.source
    ),

    compared as (
        select
            days.usage_date,
            days.account_id,
            counted.source as counted_source,
            days.source as reconciling_source,
            days.source_role as reconciling_role,
            days.left_out_grouping,
            reconciling.source is null as is_missing,
            counted.input_tokens as counted_input_tokens,
            counted.output_tokens as counted_output_tokens,
            counted.unpriced_tokens as counted_unpriced_tokens,
            counted.cost_usd as counted_cost_usd,
            reconciling.input_tokens as reconciling_input_tokens,
            reconciling.output_tokens as reconciling_output_tokens,
            reconciling.cost_usd as reconciling_cost_usd,
            coalesce(reconciling.has_other_currency, false) as has_other_currency
        from days
        left join
            counted on days.usage_date = counted.usage_date and days.account_id = counted.account_id
        left join
            reconciling
            on days.usage_date = reconciling.usage_date
            and days.account_id = reconciling.account_id
            and days.source = reconciling.source
            and days.source_role = reconciling.source_role
            and days.left_out_grouping = reconciling.left_out_grouping
    )

select *
from compared
