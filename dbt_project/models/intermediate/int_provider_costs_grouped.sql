-- One row per line of a provider's cost report that is believed now, and whether its window counts
-- in another grouping.
with
    believed as (
        select * from {{ ref("int_provider_cost_versions") }} where believed_to_at is null
    ),

    {{
        one_grouping(
            "believed",
            "source, source_instance, provider_name, cost_currency, usage_date, window_start_at",
            "cost_amount",
        )
    }}

select *, {{ in_usd("cost_amount", "grouped.cost_currency", "grouped.usage_date") }} as cost_usd
from grouped
