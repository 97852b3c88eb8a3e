-- One row per hour, self-hosted model and team: what weighed how much when the GPUs' cost was
-- split. The way from a GPU hour to a team, and with fct_request_costs to a request.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates(days_before=1, with_holes=true, follow_events=true, follow_gpus=true) }}",
    )
}}
{%- set rebuilt = is_rebuilt(
    "usage_date", days_before=1, with_holes=true, follow_events=true, follow_gpus=true
) %}
with
    phased as (select * from {{ ref("int_inference_costs_phased") }} where {{ rebuilt }}),

    split as (select * from {{ ref("int_inference_costs_split") }} where has_gpus)

select
    split.hour_start_at,
    split.usage_date,
    split.model_name,
    split.team_id,
    phased.phase_basis,
    cast(phased.input_weight as bigint) as model_input_phase_weight,
    cast(phased.output_weight as bigint) as model_output_phase_weight,
    {{ usd("phased.allocated_picousd") }} as model_allocated_cost_usd,
    split.input_basis,
    split.output_basis,
    cast(split.input_weight as bigint) as team_input_weight,
    cast(split.output_weight as bigint) as team_output_weight,
    {{ usd("split.input_picousd") }} as input_cost_usd,
    {{ usd("split.output_picousd") }} as output_cost_usd
from split
inner join
    phased
    on split.usage_date = phased.usage_date
    and split.hour_start_at = phased.hour_start_at
    and split.model_name = phased.model_name
