"""Superbill: a billing API that is nothing but its Postgres schema.

The packages, from the top down. A package imports only from those below it; inside a package the
imports go one way, too.

    cli              the commands; migrations; the development Postgres
    process          worker processes, signals, waiting for a database
    http             the application and its routes; the protocol; limits, headers, health, metrics
    endpoints        one for each operation: answers its requests
    pages            what a browser is shown: rows, reports and problems as HTML
    representations  other forms of rows than JSON: the templates beside the schema
    request          reads a request: body, path, query string, cursor, rows, media types
    database         connections, batching, streams; SQLSTATE → problem
    sql              statements, clauses, fragments, binding: the only place that composes SQL
    document         the OpenAPI document; the validators made of its schemas; the fast path
    operations       which operations exist, and which index serves which filter and order
    catalog          Postgres → values: relations, constraints, view rules, CHECK → JSON Schema

Below all of them: `config` (the settings) and `setting_checks`, `identity` (the caller, as a value)
and `problem` (the error answers of RFC 9457, as values).

The project's own words; `.github/CONTRIBUTING.md` has the others:

- batch: calls of one statement and role that wait together and are sent as one over arrays;
- car: the calls of a batch for one caller or tenant; train: all cars, in one round trip;
- lane: the permission to run a statement; each statement has few, so that calls gather;
- given column: a column of a body's relation whose value the path gives, or a policy.
"""

__version__ = "0.1.0"
