"""Reads and checks a request: its body, its path, its query string, its media types."""
