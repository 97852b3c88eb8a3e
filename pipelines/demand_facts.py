"""What the marts know about demand: who asked, which tokens, what they cost, on which day."""

from typing import Final

import duckdb
import polars as pl

from pipelines.inflation.facts import Facts

# A request's input cost is spread over its classes by tokens times the class's price, its output
# cost likewise: what is billed in steps, with uplifts or as another class then still sums to it.
# Every sum is of decimals, which add up to the same in any order.
_USAGE: Final = """
with
    prices as (
        select distinct on (price_id) *
        from dim_prices
        order by price_id, believed_from desc
    ),
    unknown_hours as (
        select distinct hour_start_at, model_name, team_id, true as is_unknown
        from fct_charges_hourly
        where charge_kind = 'own_gpu_allocated' and pricing_status = 'unpriced'
    ),
    events as (
        select
            events.usage_date,
            events.team_id,
            events.provider_name,
            events.model_name,
            events.is_self_hosted,
            events.request_count,
            if(
                events.is_self_hosted, is_unknown is null, events.pricing_status != 'unpriced'
            ) as is_priced,
            coalesce(cache_read_input_tokens, 0) as cache_read,
            coalesce(cache_write_input_tokens, 0) as cache_write,
            coalesce(cache_write_1h_input_tokens, 0) as cache_write_1h,
            coalesce(input_tokens, 0) as input,
            coalesce(output_tokens, 0) as output,
            coalesce(reasoning_output_tokens, 0) as reasoning,
            input_cost_usd,
            output_cost_usd,
            prices.* exclude (price_id, provider_name, model_name)
        from fct_usage_events as events
        left join prices using (price_id)
        left join
            unknown_hours
            on date_trunc('hour', events.started_at) = unknown_hours.hour_start_at
            and events.model_name = unknown_hours.model_name
            and events.team_id = unknown_hours.team_id
            and events.is_self_hosted
        where events.usage_date between $first and $last
    ),
    classed as (
        select
            *,
            input - cache_read - cache_write as uncached,
            output - reasoning as other_output,
            uncached * coalesce(uncached_input_unit_price_usd, 0)::double as price_weight_0,
            cache_read * coalesce(cache_read_input_unit_price_usd, 0)::double as price_weight_1,
            (cache_write - cache_write_1h) * coalesce(cache_write_input_unit_price_usd, 0)::double
            + cache_write_1h
            * coalesce(cache_write_1h_input_unit_price_usd, 0)::double as price_weight_2,
            other_output * coalesce(output_unit_price_usd, 0)::double as price_weight_3,
            reasoning
            * coalesce(reasoning_output_unit_price_usd, output_unit_price_usd, 0)::double
            as price_weight_4,
            price_weight_0 + price_weight_1 + price_weight_2 > 0 as is_input_weighed,
            price_weight_3 + price_weight_4 > 0 as is_output_weighed
        from events
    ),
    weighed as (
        select
            *,
            if(is_input_weighed, price_weight_0, uncached) as weight_0,
            if(is_input_weighed, price_weight_1, cache_read) as weight_1,
            if(is_input_weighed, price_weight_2, cache_write) as weight_2,
            if(is_output_weighed, price_weight_3, other_output) as weight_3,
            if(is_output_weighed, price_weight_4, reasoning) as weight_4,
            input_cost_usd / nullif(weight_0 + weight_1 + weight_2, 0) as usd_per_input_weight,
            output_cost_usd / nullif(weight_3 + weight_4, 0) as usd_per_output_weight
        from classed
    )
select
    usage_date,
    team_id,
    provider_name,
    model_name,
    is_self_hosted,
    is_priced,
    bool_and(request_count is not null) as is_counted,
    coalesce(sum(request_count), 0)::bigint as request_count,
    sum(uncached)::bigint as uncached_input_tokens,
    sum(cache_read)::bigint as cache_read_input_tokens,
    sum(cache_write)::bigint as cache_write_input_tokens,
    sum(other_output)::bigint as other_output_tokens,
    sum(reasoning)::bigint as reasoning_output_tokens,
    coalesce(sum((usd_per_input_weight * weight_0)::decimal(38, 15)), 0) as uncached_input_cost,
    coalesce(sum((usd_per_input_weight * weight_1)::decimal(38, 15)), 0) as cache_read_input_cost,
    coalesce(sum((usd_per_input_weight * weight_2)::decimal(38, 15)), 0) as cache_write_input_cost,
    coalesce(sum((usd_per_output_weight * weight_3)::decimal(38, 15)), 0) as other_output_cost,
    coalesce(sum((usd_per_output_weight * weight_4)::decimal(38, 15)), 0) as reasoning_output_cost
from weighed
group by
    usage_date, team_id, provider_name, model_name, is_self_hosted, is_priced
order by all
"""

# Both bases sum to the same total; this is the one that spreads idle and overhead over the users.
_COSTS: Final = """
with
    charges as (
        select
            usage_date,
            provider_name,
            model_name,
            team_id,
            sum(effective_cost_usd) filter (charge_kind = 'cloud_tokens') as cloud_cost,
            sum(effective_cost_usd) filter (charge_kind = 'cloud_idle') as reserved_idle_cost,
            sum(input_cost_usd) filter (charge_kind = 'own_gpu_allocated') as served_input_cost,
            sum(output_cost_usd) filter (charge_kind = 'own_gpu_allocated') as served_output_cost,
            sum(effective_cost_usd) filter (charge_kind = 'own_gpu_allocated') as allocated_cost,
            sum(effective_cost_usd) filter (charge_kind = 'own_gpu_idle') as idle_cost,
            sum(effective_cost_usd) filter (charge_kind = 'own_gpu_overhead') as overhead_cost
        from fct_charges_hourly
        where usage_date between $first and $last
        group by usage_date, provider_name, model_name, team_id
    )
select
    usage_date,
    team_id,
    provider_name,
    model_name,
    coalesce(total_tokens, 0) as total_tokens,
    unpriced_tokens,
    coalesce(allocation_cost_usd, 0)::decimal(38, 12) as allocation_cost,
    coalesce(cloud_cost, 0)::decimal(38, 12) as cloud_cost,
    coalesce(reserved_idle_cost, 0)::decimal(38, 12) as reserved_idle_cost,
    coalesce(served_input_cost, 0)::decimal(38, 12) as served_input_cost,
    coalesce(served_output_cost, 0)::decimal(38, 12) as served_output_cost,
    coalesce(allocated_cost, 0)::decimal(38, 12) as allocated_cost,
    shared_idle_cost_usd::decimal(38, 12) as idle_share_cost,
    shared_overhead_cost_usd::decimal(38, 12) as overhead_share_cost,
    coalesce(idle_cost, 0)::decimal(38, 12) as idle_cost,
    coalesce(overhead_cost, 0)::decimal(38, 12) as overhead_cost
from fct_token_costs_daily
left join charges using (usage_date, provider_name, model_name, team_id)
where usage_date between $first and $last
order by all
"""

# Who is not named is counted by API key, else by team: a bucket of a provider is one user.
_USERS: Final = """
select distinct
    usage_date,
    team_id,
    coalesce('user ' || user_id, 'key ' || api_key_id, 'team ' || team_id) as user_key
from fct_usage_events
where usage_date between $first and $last and request_count is not null
order by all
"""

_GPUS: Final = """
select
    usage_date,
    model_name,
    sum(gpu_hours)::decimal(38, 12) as gpu_hours,
    sum(direct_cost_usd)::decimal(38, 12) as direct_cost
from fct_gpu_allocations_hourly
where
    usage_date between $first and $last
    and allocation_status = 'allocated'
    and workload = 'inference'
group by usage_date, model_name
order by all
"""

_DAYS: Final = "select min(usage_date), max(usage_date) from fct_token_costs_daily"


def read_facts(connection: duckdb.DuckDBPyConnection) -> Facts | None:
    """Every day of the marts, in one reading.

    Args:
        connection: Open on the warehouse or on a published snapshot.

    Returns:
        None where no day has usage or cost.
    """
    ((first, last),) = connection.sql(_DAYS).fetchall()
    if first is None:
        return None
    days = {"first": first, "last": last}

    def ask(query: str) -> pl.DataFrame:
        frame: pl.DataFrame = connection.sql(query, params=days).pl()
        return frame

    return Facts.from_marts(
        first_day=first,
        last_day=last,
        usage=ask(_USAGE),
        costs=ask(_COSTS),
        users=ask(_USERS),
        gpus=ask(_GPUS),
    )
