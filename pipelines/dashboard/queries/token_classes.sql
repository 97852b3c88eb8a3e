-- One row for each day or week and class of tokens. Input that no log splits has a class of its
-- own.
with
    sums as (
        select
            date_trunc($grain, usage_date)::date as begin,
            sum(uncached_input_tokens)::bigint as uncached_tokens,
            sum(cache_read_input_tokens)::bigint as read_tokens,
            sum(cache_write_input_tokens)::bigint as written_tokens,
            sum(input_tokens) - sum(
                coalesce(uncached_input_tokens, 0)
                + coalesce(cache_read_input_tokens, 0)
                + coalesce(cache_write_input_tokens, 0)
            ) as unsplit_tokens,
            sum(reasoning_output_tokens)::bigint as reasoning_tokens,
            sum(output_tokens - coalesce(reasoning_output_tokens, 0))::bigint as output_tokens
        from fct_usage_hourly
        where
            usage_date between $chart_first and $last
            and ($team is null or team_id = $team)
            and ($model is null or model_name = $model)
            and ($provider is null or provider_name = $provider)
        group by all
    ),
    classes as (
        select begin, 1 as place, 'uncached input' as series, uncached_tokens as tokens
        from sums
        union all
        select begin, 2, 'cache read', read_tokens
        from sums
        union all
        select begin, 3, 'cache write', written_tokens
        from sums
        union all
        select begin, 4, 'input, not told apart', unsplit_tokens::bigint
        from sums
        union all
        select begin, 5, 'output', output_tokens
        from sums
        union all
        select begin, 6, 'reasoning', reasoning_tokens
        from sums
    )
select begin, series, place, tokens
from classes
where tokens > 0
order by begin, place
