"""Worker processes, signals, and waiting for a database."""
