"""A generated schema: tables that refer to each other, with an index on each foreign key."""

from random import Random

_START = """
CREATE SCHEMA stock; CREATE SCHEMA api; CREATE SCHEMA reporting;
GRANT USAGE ON SCHEMA stock, api, reporting TO superbill_api;
COMMENT ON SCHEMA api IS 'Stock';
GRANT SELECT ON public._yoyo_migration TO superbill_api;
"""
_COLUMNS = ("id", "code", "name", "day", "price", "amount", "state", "note", "changed_at")


def migration(tables: int) -> str:
    """Return a migration that makes so many tables, with twice as many foreign keys."""
    random = Random(tables)
    parents = {
        number: random.sample([other for other in range(1, tables + 1) if other != number], 2)
        for number in range(1, tables + 1)
    }
    parts = ["-- depends:", _START, *map(_table, parents)]
    parts += [_reference(number, parent) for number, two in parents.items() for parent in two]
    parts += [_view(number, two) for number, two in parents.items()]
    return "\n".join(parts)


def _table(number: int) -> str:
    name = f"thing{number}"
    return f"""
CREATE TABLE stock.{name} (
    id uuid DEFAULT uuidv7() NOT NULL,
    code text NOT NULL,
    name varchar(80) NOT NULL,
    day date NOT NULL DEFAULT current_date,
    price numeric(12, 2),
    amount bigint DEFAULT 1 NOT NULL,
    state text DEFAULT 'open' NOT NULL,
    note text,
    changed_at timestamptz,
    CONSTRAINT {name}_pkey PRIMARY KEY (id),
    CONSTRAINT {name}_code_key UNIQUE (code),
    CONSTRAINT {name}_code_has_a_shape CHECK (code ~ '^[A-Z]{{2}}[0-9]{{4}}$'),
    CONSTRAINT {name}_amount_is_positive CHECK (amount > 0),
    CONSTRAINT {name}_state_is_known CHECK (state IN ('open', 'closed', 'lost'))
);
CREATE INDEX {name}_day_id_idx ON stock.{name} (day, id);
COMMENT ON TABLE stock.{name} IS 'The things of kind {number}.';
COMMENT ON COLUMN stock.{name}.day IS 'The day of the thing.';
COMMENT ON CONSTRAINT {name}_amount_is_positive ON stock.{name} IS
'The amount of a thing must be positive.';
"""


def _reference(number: int, parent: int) -> str:
    name, column = f"thing{number}", f"thing{parent}_id"
    return f"""
ALTER TABLE stock.{name} ADD COLUMN {column} uuid REFERENCES stock.thing{parent} (id);
CREATE INDEX {name}_{column}_id_idx ON stock.{name} ({column}, id);
"""


def _view(number: int, parents: list[int]) -> str:
    name = f"thing{number}"
    columns = ", ".join(f"t.{each}" for each in (*_COLUMNS, *(f"thing{p}_id" for p in parents)))
    written = ", ".join((*_COLUMNS[1:-1], *(f"thing{p}_id" for p in parents)))
    return f"""
CREATE VIEW api.{name}s WITH (security_invoker = true) AS SELECT {columns} FROM stock.{name} AS t;
GRANT SELECT, INSERT ({written}), UPDATE ({written}), DELETE ON stock.{name}, api.{name}s
TO superbill_api;
"""
