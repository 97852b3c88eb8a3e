-- Tokens and requests by day; a class that nothing reports is NULL.
select
    usage_date,
    team_id,
    provider_name,
    model_name,
    sum(total_tokens)::double as total_tokens,
    sum(input_tokens)::double as input_tokens,
    sum(uncached_input_tokens)::double as uncached_input_tokens,
    sum(cache_read_input_tokens)::double as cache_read_input_tokens,
    sum(cache_write_input_tokens)::double as cache_write_input_tokens,
    sum(output_tokens)::double as output_tokens,
    sum(reasoning_output_tokens)::double as reasoning_output_tokens,
    sum(output_tokens - coalesce(reasoning_output_tokens, 0))::double as other_output_tokens,
    sum(request_count)::double as request_count
from fct_usage_hourly
where usage_date > (select max(usage_date) from fct_usage_hourly) - $days
group by all
