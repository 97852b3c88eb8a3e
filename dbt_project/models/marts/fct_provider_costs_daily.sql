-- One row per day, account and line item of providers' own cost reports, as last delivered.
with costs as (select * from {{ ref("int_provider_costs_grouped") }} where not is_left_out)

select
    usage_date,
    account_id,
    provider_name,
    coalesce(project_id, '') as project_id,
    coalesce(workspace_id, '') as workspace_id,
    coalesce(line_item, '') as line_item,
    coalesce(cost_kind, '') as cost_kind,
    coalesce(model_name, '') as model_name,
    coalesce(token_class, '') as token_class,
    coalesce(cost_currency, '') as cost_currency,
    cast(sum(cost_amount) as decimal(38, 12)) as cost_amount,
    cast(sum(costs.cost_usd) as decimal(38, 12)) as cost_usd,
    source
from costs
group by all
