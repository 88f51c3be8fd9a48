"""The names of the document's components, and references to them."""

from api.operations.operation import Operation

CREATED = "many.created"  # the schema of the answer to a body of many rows


def schema_name(schema: str, relation: str) -> str:
    """Name the schema of a relation's row as it is read."""
    name = relation if schema == "api" else f"{schema}.{relation}"
    return "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)


def body_name(operation: Operation) -> str:
    """Name the schema of an operation's body: one for each set of columns that it may hold."""
    name = schema_name("api", operation.relation.name)
    # A PATCH has no parents: its path gives the key alone.
    columns = "".join(f".without.{schema_name('api', column)}" for column in operation.fixed)
    return f"{name}.{operation.kind.body}{columns}"


def reference(section: str, name: str) -> dict[str, str]:
    """Refer to a component; `section` is `schemas`, `headers` or `responses`."""
    return {"$ref": f"#/components/{section}/{name}"}
