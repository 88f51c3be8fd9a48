"""What helm and helmfile make of the charts: rendered in every environment, and read without a cluster."""
