"""The page: one self-contained HTML file drawn from the published snapshot."""

from pipelines.dashboard.page import write_dashboard

__all__ = ["write_dashboard"]
