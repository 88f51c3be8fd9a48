"""Tests in which something fails: a database, a process, a network, or a client."""
