-- One row per quota and quota that binds it too: of the organization, of its key's or user's team,
-- of its model's provider, of what its deployment serves; and itself.
with
    quotas as (
        select distinct quota_id, scope_kind, scope_id, only_provider_name, only_model_name
        from {{ ref("stg_ledger__quotas") }}
    ),

    members as (
        {% for kind, id in {"user": "user_id", "api_key": "api_key_id"}.items() -%}
            select distinct
                '{{ kind }}' as scope_kind,
                {{ id }} as scope_id,
                'team' as outer_kind,
                team_id as outer_id
            from {{ ref("fct_usage_events") }}
            where {{ id }} in (select scope_id from quotas where scope_kind = '{{ kind }}')
            union all
        {% endfor %}
        select distinct
            'model' as scope_kind,
            model_name as scope_id,
            'provider' as outer_kind,
            provider_name as outer_id
        from {{ ref("fct_usage_hourly") }}
        union all
        select distinct
            'deployment' as scope_kind,
            deployment_id as scope_id,
            'model' as outer_kind,
            model_name as outer_id
        from {{ ref("dim_deployments") }}
        union all
        select distinct
            'deployment' as scope_kind,
            deployment_id as scope_id,
            'team' as outer_kind,
            team_id as outer_id
        from {{ ref("dim_deployments") }}
    ),

    outer_scopes as (
        select quotas.*, scope_kind as outer_kind, scope_id as outer_id
        from quotas
        union all
        select quotas.*, 'organization' as outer_kind, '' as outer_id
        from quotas
        where scope_kind != 'organization'
        union all
        select quotas.*, members.outer_kind, members.outer_id
        from quotas
        inner join members using (scope_kind, scope_id)
    )

select distinct inner_quotas.quota_id, outer_quotas.quota_id as outer_quota_id
from outer_scopes as inner_quotas
inner join
    quotas as outer_quotas
    on inner_quotas.outer_kind = outer_quotas.scope_kind
    and inner_quotas.outer_id = outer_quotas.scope_id
-- a limit on one provider or model alone binds only what is of that provider or model
where
    coalesce(
        outer_quotas.only_provider_name = coalesce(
            inner_quotas.only_provider_name,
            if(inner_quotas.scope_kind = 'provider', inner_quotas.scope_id, '')
        ),
        true
    )
    and coalesce(
        outer_quotas.only_model_name = coalesce(
            inner_quotas.only_model_name,
            if(inner_quotas.scope_kind = 'model', inner_quotas.scope_id, '')
        ),
        true
    )
