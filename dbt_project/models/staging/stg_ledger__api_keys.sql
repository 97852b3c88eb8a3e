-- One row per API key and period of one owner; a later row ends the earlier one.
with
    source as (select * from {{ source("ledger", "api_keys") }}),

    opened as (
        select
            api_key_id,
            team_id,
            row_number,
            coalesce(valid_from, date '1900-01-01') as valid_from,
            coalesce(valid_to, date '9999-12-31') as valid_to
        from source
    ),

    ended as (
        select
            api_key_id,
            team_id,
            valid_from,
            least(
                valid_to,
                coalesce(
                    lead(valid_from) over (partition by api_key_id order by valid_from, row_number),
                    valid_to
                )
            ) as valid_to
        from opened
    )

select *
from ended
where valid_from < valid_to
