"""Native logs to canonical tables, with Polars; knows nothing of what happens after."""
