"""The OpenAPI document, and the validators made of its schemas."""
