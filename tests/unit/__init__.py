"""Tests that need neither a database nor a server."""
