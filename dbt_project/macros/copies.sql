-- Which copy of a request holds: the fullest, then the one that ended last, then the one that was
-- delivered last, since it corrects the others.
{% macro fullest_request_copy() -%}
    coalesce(total_tokens, -1) desc,
    coalesce(ended_at, started_at) desc,
    delivered_at desc,
    line_number desc,
    file_sha256 asc
{%- endmacro %}

-- Which copy of a client's event holds: the fullest, then the one that tells how it ended, then
-- the first, so that a fork does not take an event from the session it copied it from.
{% macro fullest_client_copy(started_at) -%}
    coalesce(total_tokens, -1) desc,
    status = 'unknown' asc,
    {{ started_at }} asc,
    file_sha256 asc,
    line_number asc
{%- endmacro %}
