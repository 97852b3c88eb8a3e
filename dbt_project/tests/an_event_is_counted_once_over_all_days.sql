with events as (select * from {{ ref("fct_usage_events") }})

select event_id, count(*) as times_counted
from events
group by event_id
having count(*) > 1
