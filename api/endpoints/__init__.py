"""One class for each kind of operation: it answers the requests."""
