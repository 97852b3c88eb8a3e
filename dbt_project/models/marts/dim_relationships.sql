-- One row per way from a fact to a dimension, for tools that draw the star.
select fact_table, fact_column, dimension_table, dimension_column from {{ ref("relationships") }}
