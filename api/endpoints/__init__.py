"""What answers each kind of operation."""
