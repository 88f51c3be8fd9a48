"""The HTTP application: routes, the protocol, header fields, limits, health and metrics."""
