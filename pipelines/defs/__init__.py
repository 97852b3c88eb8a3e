"""Wiring only: every asset calls a function that works, and is tested, without Dagster."""
