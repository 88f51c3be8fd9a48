"""Postgres → values: relations, constraints, view rules, CHECK → JSON Schema keywords."""
