-- One row per event of the source that counts for its account on that day; the events of all other
-- sources are the same requests, seen again.
with
    events as (select * from {{ ref("int_usage_events_deduplicated") }}),

    counted_sources as (select * from {{ ref("int_usage_daily_by_source") }} where is_counted)

select events.*
from events
inner join
    counted_sources
    on events.usage_date = counted_sources.usage_date
    and events.account_id = counted_sources.account_id
    and events.source = counted_sources.source
    and events.source_role = counted_sources.source_role
