-- One row for each complete week and series of the whole organization, 1 in the first week shown.
with
    prices as (
        select
            period_start_date as day,
            base_period_start_date,
            index_ratio,
            unit_value_index_ratio,
            annualized_inflation_ratio
        from fct_price_index
        where
            period_kind = 'week'
            and scope_kind = 'organization'
            and contributor_kind = 'total'
            and formula = 'tornqvist_chained'
            and is_current
    ),
    demand as (
        select period_start_date as day, measure, index_ratio, annualized_inflation_ratio
        from fct_quota_inflation_index
        where
            period_kind = 'week'
            and scope_kind = 'organization'
            and contributor_kind = 'total'
            and is_current
    ),
    series as (
        select
            day,
            'prices' as chart,
            1 as place,
            'price index' as series,
            index_ratio as level,
            annualized_inflation_ratio as annual
        from prices
        union all
        select day, 'prices', 2, 'unit value', unit_value_index_ratio, null
        from prices
        union all
        select
            day,
            'demand',
            if(measure = 'total_tokens', 3, 4),
            if(measure = 'total_tokens', 'tokens', 'cost'),
            index_ratio,
            annualized_inflation_ratio
        from demand
    )
select series.*
from series
where day between $chart_first::date - 6 and $last
order by place, day
