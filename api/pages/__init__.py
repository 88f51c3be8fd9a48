"""Pages for people: rows, reports and problems as HTML, made of the catalog and the operations."""
