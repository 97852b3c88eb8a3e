select usage_date, account_id, count(*) filter (is_counted) as counting_sources
from {{ ref("int_usage_daily_by_source") }}
group by usage_date, account_id
having count(*) filter (is_counted) != 1
