"""What several tests import: servers, databases, documents, values, assertions."""
