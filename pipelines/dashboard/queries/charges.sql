-- One row for each charge of the period under the filters, dearest first; the first thousand, with
-- the number and sum of all of them.
with
    found as (
        select
            charge_id,
            hour_start_at,
            charge_kind,
            provider_name,
            model_name,
            team_id,
            pricing_status,
            total_tokens,
            effective_cost_usd
        from fct_charges_hourly
        where
            usage_date between $first and $last
            and ($team is null or team_id = $team)
            and ($model is null or model_name = $model)
            and ($provider is null or provider_name = $provider)
    ),
    whole as (select count(*) as charges, sum(effective_cost_usd) as sum_usd from found)
select *
from found
cross join whole
order by effective_cost_usd desc nulls last, hour_start_at, charge_id
limit 1000
