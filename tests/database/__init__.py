"""Tests that need Postgres and send no HTTP request."""
