"""Which operations exist, and which index serves which filter and order."""
