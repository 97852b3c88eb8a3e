-- One row per day and source with counted usage that has token fields which the reader does not
-- know: a new kind of token, counted nowhere.
with events as (select * from {{ ref("int_usage_events_counted") }} where has_unknown_token_field)

select
    usage_date,
    account_id,
    source,
    count(*) as event_count,
    min(file_name || ':' || line_number) as example_row
from events
group by usage_date, account_id, source
