-- One row per account, day, source and grouping of a report that does not count, since another
-- grouping of the same usage does; where it came in several widths, of the fullest one.
with
    buckets as (select * from {{ ref("int_usage_buckets_grouped") }} where is_left_out),

    costs as (select * from {{ ref("int_provider_costs_grouped") }} where is_left_out),

    usage_of_one_width as (
        select
            usage_date,
            account_id,
            source,
            source_role,
            dimensions,
            cast(sum(input_tokens) as bigint) as input_tokens,
            cast(sum(output_tokens) as bigint) as output_tokens
        from buckets
        group by usage_date, account_id, source, source_role, dimensions, grain
        qualify
            row_number() over (
                partition by usage_date, account_id, source, source_role, dimensions
                order by coalesce(sum(total_tokens), -1) desc, grain desc
            )
            = 1
    ),

    unioned as (
        select *
        from usage_of_one_width
        union all by name
        select
            usage_date,
            account_id,
            source,
            'bill' as source_role,
            dimensions,
            bool_or(cost_usd is null) as has_other_currency,
            cast(sum(cost_usd) as decimal(38, 12)) as cost_usd
        from costs
        group by usage_date, account_id, source, dimensions
    )

select
    * exclude (dimensions),
    case when dimensions = '' then 'total' else dimensions end as left_out_grouping
from unioned
