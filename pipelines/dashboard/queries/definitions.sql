-- One row for each column of the snapshot, with what the marts say about it.
select
    columns.table_name,
    columns.column_name,
    columns.data_type,
    columns.comment,
    tables.comment as table_comment
from duckdb_columns() as columns
join duckdb_tables() as tables using (database_name, schema_name, table_name)
where database_name = current_database() and schema_name = 'main'
order by all
