-- One row per GPU, MIG instance, hour and pod or job that telemetry saw on it, with its part of the
-- GPU's hour; and one of weight 0 for every GPU hour that an exporter watched which names pods or
-- jobs on that day.
-- At each moment a MIG slice takes its part of the GPU; of a GPU without slices a pod takes what
-- the ledger states for its deployment, and the others share the rest. Moments count the same.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates() }}",
    )
}}
with
    attributions as (
        select *
        from {{ ref("stg_landing__gpu_attributions") }}
        where {{ is_rebuilt("usage_date") }}
    ),

    readings as (
        select * from {{ ref("stg_landing__gpu_partitions") }} where {{ is_rebuilt("usage_date") }}
    ),

    slices as (
        select *, count(*) over (partition by exporter_name, gpu_uuid, sampled_at) as slice_count
        from readings
        where mig_instance_id is not null
    ),

    gpus as (select * from {{ ref("int_gpus_in_service") }}),

    deployments as (
        select * from {{ ref("stg_ledger__deployments") }} where pod_name_prefix is not null
    ),

    watched as (
        select
            readings.usage_date,
            {{ hour_of("readings.sampled_at") }} as hour_start_at,
            readings.gpu_uuid,
            readings.exporter_name,
            count(distinct readings.sampled_at) as moment_count
        from readings
        semi join
            attributions
            on readings.usage_date = attributions.usage_date
            and readings.exporter_name = attributions.exporter_name
        group by
            readings.usage_date,
            {{ hour_of("readings.sampled_at") }},
            readings.gpu_uuid,
            readings.exporter_name
    ),

    best_exporters as (
        select *
        from watched
        qualify
            row_number() over (
                partition by gpu_uuid, hour_start_at order by moment_count desc, exporter_name asc
            )
            = 1
    ),

    seen as (
        select
            best_exporters.usage_date,
            best_exporters.hour_start_at,
            attributions.gpu_uuid,
            attributions.sampled_at,
            attributions.mig_instance_id,
            case
                when attributions.pod_name is not null
                then concat_ws('/', nullif(attributions.namespace_name, ''), attributions.pod_name)
            end as pod_id,
            attributions.job_id,
            gpus.host_name,
            attributions.pod_name,
            {{ mig_parts("slices.mig_profile", "gpus.memory_gib", "slices.slice_count") }}
            as slice_parts
        from best_exporters
        inner join gpus on best_exporters.gpu_uuid = gpus.gpu_uuid
        inner join
            attributions
            on best_exporters.gpu_uuid = attributions.gpu_uuid
            and best_exporters.exporter_name = attributions.exporter_name
            and best_exporters.hour_start_at = {{ hour_of("attributions.sampled_at") }}
        left join
            slices
            on attributions.exporter_name = slices.exporter_name
            and attributions.gpu_uuid = slices.gpu_uuid
            and attributions.sampled_at = slices.sampled_at
            and attributions.mig_instance_id = slices.mig_instance_id
    ),

    -- the longest prefix that fits, then the deployment that began last
    named as (
        select
            seen.*,
            deployments.deployment_id,
            cast(deployments.gpu_share_ratio * {{ whole_gpu_parts() }} as bigint) as stated_parts
        from seen
        left join
            deployments
            on seen.host_name = deployments.host_name
            and starts_with(seen.pod_name, deployments.pod_name_prefix)
            and seen.sampled_at >= deployments.started_at
            and (seen.sampled_at < deployments.ended_at or deployments.ended_at is null)
        qualify
            row_number() over (
                partition by
                    seen.gpu_uuid, seen.sampled_at, seen.mig_instance_id, seen.pod_id, seen.job_id
                order by
                    length(deployments.pod_name_prefix) desc nulls last,
                    deployments.started_at desc,
                    deployments.deployment_id asc
            )
            = 1
    ),

    -- holders that divide the same parts among them
    grouped as (
        select
            *,
            case
                when slice_parts is not null
                then 'slice ' || mig_instance_id
                when stated_parts is not null
                then 'stated ' || deployment_id
                else 'rest'
            end as sharing
        from named
    ),

    ranked as (
        select
            *,
            row_number() over (same_parts order by pod_id, job_id) - 1 as position,
            count(*) over (partition by gpu_uuid, sampled_at, sharing) as sharing_count
        from grouped
        window same_parts as (partition by gpu_uuid, sampled_at, sharing)
    ),

    taken as (
        select
            *,
            {{ equal_part("coalesce(slice_parts, stated_parts)", "position", "sharing_count") }}
            as taken_parts
        from ranked
    ),

    shared as (
        select
            *,
            coalesce(
                taken_parts,
                {{
                    equal_part(
                        "greatest("
                        ~ whole_gpu_parts()
                        ~ " - coalesce(sum(taken_parts) over same_moment, 0), 0)",
                        "position",
                        "sharing_count",
                    )
                }}
            ) as gpu_parts
        from taken
        window same_moment as (partition by gpu_uuid, sampled_at)
    ),

    -- never more than the GPU
    fitted as (
        select
            *,
            {{
                whole_quotient(
                    "gpu_parts * " ~ whole_gpu_parts(),
                    "greatest(sum(gpu_parts) over (partition by gpu_uuid, sampled_at), "
                    ~ whole_gpu_parts()
                    ~ ")",
                )
            }} as fitted_parts
        from shared
    ),

    summed as (
        select
            fitted.usage_date,
            fitted.hour_start_at,
            fitted.gpu_uuid,
            fitted.mig_instance_id,
            fitted.deployment_id,
            if(fitted.deployment_id is null, fitted.pod_id, null) as pod_id,
            if(
                fitted.deployment_id is null and fitted.pod_id is null, fitted.job_id, null
            ) as job_id,
            {{
                whole_quotient(
                    "sum(fitted.fitted_parts) * 3600000000",
                    "any_value(best_exporters.moment_count)",
                )
            }} as weight
        from fitted
        inner join
            best_exporters
            on fitted.gpu_uuid = best_exporters.gpu_uuid
            and fitted.hour_start_at = best_exporters.hour_start_at
        group by all
    )

select usage_date, hour_start_at, gpu_uuid, mig_instance_id, deployment_id, pod_id, job_id, weight
from summed
union all
select
    usage_date,
    hour_start_at,
    gpu_uuid,
    null as mig_instance_id,
    null as deployment_id,
    null as pod_id,
    null as job_id,
    0 as weight
from best_exporters
