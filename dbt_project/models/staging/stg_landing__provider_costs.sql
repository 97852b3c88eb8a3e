-- One row per delivered line of a provider's cost report.
with
    source as (select * from {{ source("landing", "provider_costs") }}),

    renamed as (
        select
            cost_id,
            date as usage_date,
            window_start_at,
            window_end_at,
            coalesce(provider_name, '') as provider_name,
            project_id,
            workspace_id,
            line_item,
            cost_kind,
            token_class,
            request_model as model_name,
            quantity,
            quantity_unit,
            cost_amount,
            upper(cost_currency) as cost_currency,
            source,
            source_role,
            source_instance,
            {{ folder_of("file_name") }} as folder,
            file_name,
            file_sha256,
            line_number,
            coalesce(delivered_at, timestamp '1970-01-01') as delivered_at
        from source
    )

select *
from renamed
