"""Exports: what other tools read, written from the published snapshot."""
