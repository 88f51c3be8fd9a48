"""The objects that helm and helmfile render from the charts, read without a cluster."""
