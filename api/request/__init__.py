"""What a request says: its body, its path, its query string, its media types."""
