"""Statements: the only place that composes SQL."""
