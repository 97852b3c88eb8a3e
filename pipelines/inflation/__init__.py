"""AI quota inflation: price indexes and the causes of growth. No Dagster, no database."""
