"""The commands; migrations; the development Postgres."""
