with
    shares as (
        select hour_start_at, model_name, team_id, input_cost_usd, output_cost_usd
        from {{ ref("fct_inference_shares_hourly") }}
    ),

    requests as (
        select
            hour_start_at,
            model_name,
            team_id,
            sum(input_cost_usd) as input_cost_usd,
            sum(output_cost_usd) as output_cost_usd
        from {{ ref("fct_request_costs") }}
        group by hour_start_at, model_name, team_id
    )

select hour_start_at, model_name, team_id, shares.input_cost_usd, requests.input_cost_usd as sum_usd
from requests
left join shares using (hour_start_at, model_name, team_id)
where
    requests.input_cost_usd is distinct from shares.input_cost_usd
    or requests.output_cost_usd is distinct from shares.output_cost_usd
