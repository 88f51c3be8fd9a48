"""Superbill: a billing API that is nothing but its Postgres schema.

The files, in the order in which a request meets what they make; each imports only from those of a lower floor:

   10  __main__       the front door, open for SIGTERM from the start
    9  commands       serve, run, migrate, rollback, load, openapi, routes, psql
    8  embedded       the development Postgres
       migrate        migrations and sample rows
       app            a route per operation, error handlers
    7  wire           what HTTP/1.1 asks for and Sanic does not
       health         what the service says of itself: health, readiness, metrics, its document
    6  validation     a request's path and body → input, or a problem with every fault
       paging         a list's query string → which page of it
    5  openapi        operations + components → the OpenAPI document
       database       held connections; one statement a call
    4  components     relation → JSON Schemas
       failures       what can go wrong, as the document tells it
       statements     operation + filters, order and page → SQL
       sqlstate       what Postgres refused → a problem
    3  operations     which operations exist
    2  access         which filters and orders an index serves
       introspection  Postgres → the catalog, through catalog.sql
       checks         a CHECK → JSON Schema keywords
    1  catalog        what the schema says, as values
       comparisons    one comparison of a CHECK → JSON Schema keywords
       dialect        the JSON Schema that bodies and URLs are checked in
       cursor         where the next page starts
    0  config         the environment
       problem        what went wrong, as a value
       patterns       Postgres's regular expressions → JSON Schema's
       rules          a view's rewrite rule → the stored columns that it shows
       docs           the documentation page
       signals        how a process ends that has something to wind up
       metrics        what the process counts, for Prometheus
       draining       how a server ends
       waiting        for a database that can't be reached yet
"""

__version__ = "0.1.0"
