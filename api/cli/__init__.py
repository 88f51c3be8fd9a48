"""The commands of the program; migrations; the development Postgres."""
