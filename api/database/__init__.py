"""Connections, batches and streams; SQLSTATE → problem."""
