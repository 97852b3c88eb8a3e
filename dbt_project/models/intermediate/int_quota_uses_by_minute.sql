-- One row per quota, moment and consumer: what was used of it then. Requests are counted by the
-- minute, money and GPUs by the hour. A moment belongs to the day of the quota's own time zone.
-- GPU hours count while allocated. Those of a shared inference service belong to its model and,
-- where the deployment names one, to its team; they are not split among the teams that call it.
{{ config(materialized="table") }}
with
    quotas as (select * from {{ ref("stg_ledger__quotas") }}),

    request_quotas as (
        select *
        from quotas
        where measure not in ('usd', 'gpu_hours', 'gpus') or scope_kind in ('user', 'api_key')
    ),

    charge_quotas as (
        select * from quotas where measure = 'usd' and scope_kind not in ('user', 'api_key')
    ),

    gpu_quotas as (select * from quotas where measure in ('gpu_hours', 'gpus')),

    requests as (
        select
            event_id,
            date_trunc('minute', started_at) as used_at,
            provider_name,
            model_name,
            team_id,
            user_id,
            api_key_id,
            total_tokens,
            input_tokens,
            output_tokens,
            request_count,
            is_throttled,
            contracted_cost_usd,
            grain in ('request', 'bucket_1m') as is_minute_known
        from {{ ref("fct_usage_events") }}
    ),

    charges as (
        select hour_start_at as used_at, provider_name, model_name, team_id, effective_cost_usd
        from {{ ref("fct_charges_hourly") }}
    ),

    gpus as (
        select
            allocations.hour_start_at as used_at,
            'self_hosted' as provider_name,
            allocations.model_name,
            coalesce(allocations.team_id, 'unattributed') as team_id,
            allocations.deployment_id,
            allocations.holder_kind,
            allocations.holder_id,
            allocations.host_name,
            dim_gpus.gpu_model,
            allocations.gpu_hours
        from {{ ref("fct_gpu_allocations_hourly") }} as allocations
        left join {{ ref("dim_gpus") }} as dim_gpus using (gpu_uuid)
        where allocations.allocation_status = 'allocated'
    ),

    used_by_requests as (
        {{
            quota_uses(
                "requests",
                "request_quotas",
                [
                    ("organization", "''", "'team'", "facts.team_id"),
                    ("provider", "facts.provider_name", "'team'", "facts.team_id"),
                    ("model", "facts.model_name", "'team'", "facts.team_id"),
                    (
                        "team",
                        "facts.team_id",
                        "if(facts.user_id is null, 'api_key', 'user')",
                        "coalesce(facts.user_id, facts.api_key_id)",
                    ),
                    ("user", "facts.user_id", "'model'", "facts.model_name"),
                    ("api_key", "facts.api_key_id", "'model'", "facts.model_name"),
                ],
            )
        }}
    ),

    used_by_charges as (
        {{
            quota_uses(
                "charges",
                "charge_quotas",
                [
                    ("organization", "''", "'team'", "facts.team_id"),
                    ("provider", "facts.provider_name", "'team'", "facts.team_id"),
                    ("model", "facts.model_name", "'team'", "facts.team_id"),
                    ("team", "facts.team_id", "'model'", "facts.model_name"),
                ],
            )
        }}
    ),

    used_by_gpus as (
        {{
            quota_uses(
                "gpus",
                "gpu_quotas",
                [
                    ("organization", "''", "'team'", "facts.team_id"),
                    ("model", "facts.model_name", "'team'", "facts.team_id"),
                    ("team", "facts.team_id", "facts.holder_kind", "facts.holder_id"),
                    ("deployment", "facts.deployment_id", "'team'", "facts.team_id"),
                    ("gpu_pool", "facts.host_name", "facts.holder_kind", "facts.holder_id"),
                    ("gpu_pool", "facts.gpu_model", "facts.holder_kind", "facts.holder_id"),
                ],
            )
        }}
    ),

    priced_requests as (
        select
            used.*,
            case
                when used.measure = 'usd'
                then coalesce(used.contracted_cost_usd, own.effective_cost_usd)
            end as cost_usd
        from used_by_requests as used
        left join
            {{ ref("fct_request_costs") }} as own
            on case when used.measure = 'usd' then used.event_id end = own.event_id
    ),

    unioned as (
        select
            quota_id,
            time_zone,
            valid_from,
            valid_to,
            used_at,
            is_minute_known as is_moment_known,
            consumer_kind,
            consumer_id,
            case
                measure
                when 'tokens'
                then total_tokens
                when 'input_tokens'
                then input_tokens
                when 'output_tokens'
                then output_tokens
                when 'requests'
                then request_count
                when 'usd'
                then cost_usd
            end as used_value,
            if(is_throttled, request_count, 0) as throttled_request_count
        from priced_requests
        union all by name
        select
            quota_id,
            time_zone,
            valid_from,
            valid_to,
            used_at,
            true as is_moment_known,
            consumer_kind,
            consumer_id,
            effective_cost_usd as used_value,
            0 as throttled_request_count
        from used_by_charges
        union all by name
        select
            quota_id,
            time_zone,
            valid_from,
            valid_to,
            used_at,
            true as is_moment_known,
            consumer_kind,
            consumer_id,
            gpu_hours as used_value,
            0 as throttled_request_count
        from used_by_gpus
    ),

    dated as (select *, {{ local_date("used_at", "time_zone") }} as usage_date from unioned)

select
    quota_id,
    usage_date,
    used_at,
    consumer_kind,
    consumer_id,
    bool_and(is_moment_known) as is_moment_known,
    cast(coalesce(sum(used_value), 0) as decimal(38, 12)) as used_value,
    cast(sum(throttled_request_count) as bigint) as throttled_request_count
from dated
where usage_date >= valid_from and usage_date < valid_to
group by quota_id, usage_date, used_at, consumer_kind, consumer_id
