-- The classes of tokens that the books tell apart, each with its direction and cache action as the
-- FOCUS 1.5 draft names them. Sound, pictures and tool use are in the class of text.
{% macro token_classes() -%}
    {{
        return(
            {
                "uncached_input": ["Input", "Uncached"],
                "cache_read_input": ["Input", "Read"],
                "cache_write_input": ["Input", "Write"],
                "cache_write_1h_input": ["Input", "Write"],
                "output": ["Output", ""],
                "reasoning_output": ["Output", ""],
            }
        )
    }}
{%- endmacro %}

-- The tokens of each class, of rows of fct_usage_events: every token in one class.
{% macro token_class_sums() -%}
    sum(coalesce(uncached_input_tokens, 0)) as uncached_input,
    sum(coalesce(cache_read_input_tokens, 0)) as cache_read_input,
    sum(
        coalesce(cache_write_input_tokens, 0) - coalesce(cache_write_1h_input_tokens, 0)
    ) as cache_write_input,
    sum(coalesce(cache_write_1h_input_tokens, 0)) as cache_write_1h_input,
    sum(coalesce(output_tokens, 0) - coalesce(reasoning_output_tokens, 0)) as output,
    sum(coalesce(reasoning_output_tokens, 0)) as reasoning_output
{%- endmacro %}
