"""The HTTP application: routes, the protocol, headers, limits, and what the service says about itself."""
