-- One row per event of the logs that clients keep: its fullest copy, at the time of its first.
-- An event that was only seen on a side chain, while the main chain holds the same answer of the
-- provider as another event, is a replay: nothing was asked again.
with
    copies as (select * from {{ ref("int_client_log_copies") }}),

    fullest_copies as (
        select
            *,
            min(started_at) over same_event as first_started_at,
            bool_and(is_on_sidechain_only) over same_event as is_side_event,
            bool_or(not is_on_sidechain_only) over (partition by family_id) as has_main_event
        from copies
        window same_event as (partition by event_id)
        qualify
            row_number() over (
                partition by event_id order by {{ fullest_client_copy("copies.started_at") }}
            )
            = 1
    )

select
    * exclude (
        family_id, is_on_sidechain_only, is_side_event, has_main_event, first_started_at
    ) replace (first_started_at as started_at, cast(first_started_at as date) as usage_date)
from fullest_copies
where not (is_side_event and has_main_event)
