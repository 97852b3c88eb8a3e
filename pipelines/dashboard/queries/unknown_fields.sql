-- One row for each source and account.
select
    source,
    account_id as account,
    sum(event_count)::bigint as events,
    max(usage_date) as last_day,
    min(example_row) as example
from fct_unknown_token_fields
group by source, account
order by events desc, source, account
