-- One row per provider that answered, charged or serves.
with
    named as (
        select provider_name
        from {{ ref("fct_usage_hourly") }}
        union all
        select provider_name
        from {{ ref("fct_charges_hourly") }}
        union all
        select provider_name
        from {{ ref("dim_models") }}
    )

select
    {{ star_key("provider_name") }} as provider_key,
    provider_name,
    provider_name = 'self_hosted' as is_self_hosted
from named
where provider_name != ''
group by provider_name
