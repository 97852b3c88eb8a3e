-- One row per landed copy of a request or provider bucket.
{%- set uncached = [
    "uncached_input_tokens",
    "uncached_audio_input_tokens",
    "uncached_image_input_tokens",
    "uncached_video_input_tokens",
    "tool_use_input_tokens",
] %}
{%- set cache_read = [
    "cache_read_input_tokens",
    "cache_read_audio_input_tokens",
    "cache_read_image_input_tokens",
    "cache_read_video_input_tokens",
] %}
{%- set cache_write_short = [
    "cache_write_5m_input_tokens",
    "cache_write_30m_input_tokens",
    "cache_write_other_input_tokens",
] %}
{%- set cache_write_long = ["cache_write_1h_input_tokens", "cache_write_12h_input_tokens"] %}
{%- set cache_write = cache_write_short + cache_write_long %}
{%- set output = [
    "other_output_tokens",
    "reasoning_output_tokens",
    "audio_output_tokens",
    "image_output_tokens",
    "rejected_prediction_output_tokens",
] %}
{%- set rare_units = [
    "uncached_audio_input_tokens",
    "uncached_image_input_tokens",
    "uncached_video_input_tokens",
    "tool_use_input_tokens",
    "cache_read_audio_input_tokens",
    "cache_read_image_input_tokens",
    "cache_read_video_input_tokens",
    "audio_output_tokens",
    "image_output_tokens",
    "web_search_requests",
] %}
with
    source as (select * from {{ source("landing", "usage_events") }}),

    renamed as (
        select
            event_id,
            source,
            source_role,
            source_instance,
            grain,
            file_name,
            file_sha256,
            line_number,
            coalesce(delivered_at, timestamp '1970-01-01') as delivered_at,
            date as usage_date,
            started_at,
            ended_at,
            coalesce(provider_name, '') as provider_name,
            coalesce(provider_name, '') = 'self_hosted' as is_self_hosted,
            coalesce(nullif(response_model, ''), request_model, '') as reported_model_name,
            operation_name,
            deployment_name,
            request_id,
            coalesce(is_sidechain, false) as is_sidechain,
            project_id,
            api_key_id,
            team_id as logged_team_id,
            user_id,
            coalesce(request_count, case when grain = 'request' then 1 end) as request_count,
            coalesce(status, 'unknown') as status,
            -- refused because too much was asked: HTTP 429, whatever the producer calls it
            coalesce(
                status = 'failure'
                and regexp_matches(
                    error_type,
                    '(^|\D)429($|\D)|rate.?limit|throttl|too.?many|resource.?exhausted|quota',
                    'i'
                ),
                false
            ) as is_throttled,
            service_tier,
            context_tier,
            coalesce(is_batch, false) as is_batch,
            {{ price_service_tier("service_tier", "coalesce(is_batch, false)") }}
            as price_service_tier,
            coalesce(region_name, '') as region_name,
            coalesce(is_gateway_cache_hit, false) as is_gateway_cache_hit,
            reported_cost_usd,
            reported_cost_kind,
            coalesce(
                list_contains(quality_flags, 'unknown_token_field'), false
            ) as has_unknown_token_field,
            coalesce(list_contains(quality_flags, 'inferred_model'), false) as is_model_inferred,
            {{ total_of(uncached) }} as uncached_input_tokens,
            {{ total_of(cache_read) }} as cache_read_input_tokens,
            {{ total_of(cache_write) }} as cache_write_input_tokens,
            -- what is kept for an hour or more has a price of its own
            {{ total_of(cache_write_short) }} as cache_write_short_input_tokens,
            {{ total_of(cache_write_long) }} as cache_write_long_input_tokens,
            {{ total_of(uncached + cache_read + cache_write) }} as input_tokens,
            {{ total_of(output) }} as output_tokens,
            {{ total_of(uncached + cache_read + cache_write + output) }} as total_tokens,
            -- classes with prices of their own, beside the cache writes above
            uncached_input_tokens as uncached_text_input_tokens,
            uncached_audio_input_tokens,
            uncached_image_input_tokens,
            uncached_video_input_tokens,
            tool_use_input_tokens,
            cache_read_input_tokens as cache_read_text_input_tokens,
            cache_read_audio_input_tokens,
            cache_read_image_input_tokens,
            cache_read_video_input_tokens,
            {{ total_of(["other_output_tokens", "rejected_prediction_output_tokens"]) }}
            as plain_output_tokens,
            reasoning_output_tokens,
            audio_output_tokens,
            image_output_tokens,
            -- Anthropic tells how often it searched the web; most logs do not
            case
                when contains(reported_details, 'web_search_requests')
                then
                    try_cast(
                        json_extract_string(
                            reported_details, '$."server_tool_use.web_search_requests"'
                        ) as bigint
                    )
            end as web_search_requests
        from source
    ),

    named as (
        select
            * exclude (reported_model_name),
            {{ total_of(rare_units) }} > 0 as has_rare_units,
            -- "hosted_vllm/qwen3-32b" is the model qwen3-32b: a route is no part of a name
            substr(reported_model_name, strpos(reported_model_name, '/') + 1) as model_name
        from renamed
    )

select *
from named
