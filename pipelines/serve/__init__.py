"""The pages of the dashboard as a local web server, with filters answered by the snapshot."""

from pipelines.serve.server import serve_dashboard

__all__ = ["serve_dashboard"]
