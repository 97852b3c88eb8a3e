-- One row per provider bucket that is believed now, and whether its window counts in another
-- grouping.
with
    believed as (select * from {{ ref("int_usage_bucket_versions") }} where believed_to_at is null),

    {{
        one_grouping(
            "believed",
            "source, source_instance, operation_name, grain, usage_date, started_at",
            "total_tokens",
        )
    }}

select *
from grouped
