-- One row per metric of the metrics layer.
select
    metric_name,
    title,
    description,
    unit,
    better,
    mart,
    numerator_sql,
    denominator_sql,
    filter_sql,
    date_column,
    dimensions,
    required_dimensions
from {{ ref("metrics") }}
