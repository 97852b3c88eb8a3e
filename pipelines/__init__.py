"""Audit, forecast, publication and the command line around the dbt project."""
