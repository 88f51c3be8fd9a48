"""Tests of what holds for every operation, constraint, grant, index or value of a schema."""
