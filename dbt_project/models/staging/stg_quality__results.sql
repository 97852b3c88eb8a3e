-- One row per expectation checked by a run.
with source as (select * from {{ source("quality", "results") }}) select * from source
