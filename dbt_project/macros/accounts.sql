-- The account of a row with provider_name, source, source_instance and project_id: the ledger's,
-- else the provider, 'unknown' where the log names none. One row of the ledger fits: the most
-- specific, then the first.
{% macro account_id_of(row) -%}
    coalesce(
        (
            select arg_min(accounts.account_id, accounts.preference)
            from {{ ref("stg_ledger__provider_accounts") }} as accounts
            where
                accounts.provider_name = coalesce(nullif({{ row }}.provider_name, ''), 'unknown')
                and (accounts.source is null or accounts.source = {{ row }}.source)
                and (
                    accounts.source_instance is null
                    or accounts.source_instance = {{ row }}.source_instance
                )
                and (accounts.project_id is null or accounts.project_id = {{ row }}.project_id)
        ),
        nullif({{ row }}.provider_name, ''),
        'unknown'
    )
{%- endmacro %}
