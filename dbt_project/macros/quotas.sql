-- Rows of `facts` for the quotas they count for. Each scope is an equality, so that it is a hash
-- join. A scope is (its kind, the facts' column for its id, kind of consumer, id of consumer); the
-- last two say who is named as having used the quota.
{% macro quota_uses(facts, quotas, scopes) -%}
    {% for scope_kind, scope_id, consumer_kind, consumer_id in scopes -%}
        select
            quotas.quota_id,
            quotas.measure,
            quotas.time_zone,
            quotas.valid_from,
            quotas.valid_to,
            {{ consumer_kind }} as consumer_kind,
            coalesce({{ consumer_id }}, '') as consumer_id,
            facts.*
        from {{ facts }} as facts
        inner join
            {{ quotas }} as quotas
            on quotas.scope_kind = '{{ scope_kind }}'
            and quotas.scope_id = {{ scope_id }}
            and coalesce(quotas.only_provider_name = facts.provider_name, true)
            and coalesce(quotas.only_model_name = facts.model_name, true)
            {{ "union all by name" if not loop.last }}
    {% endfor %}
{%- endmacro %}
