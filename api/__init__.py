"""Superbill: a billing API that is nothing but its Postgres schema.

The files, in the order in which a request meets what they make; each imports only from those of a lower floor:

   11  __main__       the front door, open for SIGTERM from the start
   10  commands       serve, run, migrate, rollback, load, openapi, routes, psql
    9  embedded       the development Postgres
       migrate        migrations and sample rows
       app            a route per operation, error handlers
    8  wire           what HTTP/1.1 asks for and Sanic does not
       health         what the service says of itself: health, readiness, metrics, its document
       answers        what answers each kind of operation
    7  uploads        the rows of a body into one relation, all or nothing
    6  rows           bodies of many rows → rows
       streaming      many rows in one transaction, in bounded memory
       validation     a request's path and body → input, or a problem with every fault
       paging         a list's query string → which page of it
       batching       calls that wait for each other share a statement
    5  openapi        operations + components → the OpenAPI document
       database       held connections; one statement a call
       statements     operation + filters, order and page → SQL
    4  components     relation → JSON Schemas
       links          where an answer leads
       contents       what bodies and answers can be sent as, as the document tells it
       failures       what can go wrong, as the document tells it
       expressions    the pieces that statements share
       conditions     filters, order and cursor → conditions and the order of rows
       sqlstate       what Postgres refused → a problem
    3  operations     which operations exist
    2  access         which filters and orders an index serves
       acceptance     a quick yes to most bodies and values
       introspection  Postgres → the catalog, through catalog.sql
       checks         a CHECK → JSON Schema keywords
    1  supervisor     several workers on one port, and who keeps them
       catalog        what the schema says, as values
       bodies         a request's body, as it comes
       clients        who is connected, and who gives way
       hosts          which hosts requests may be for
       decoding       JSON text → what it means
       comparisons    one comparison of a CHECK → JSON Schema keywords
       dialect        the JSON Schema that bodies and URLs are checked in
       cursor         where the next page starts
    0  config         the environment
       problem        what went wrong, as a value
       patterns       Postgres's regular expressions → JSON Schema's
       parameters     values and identifiers in SQL
       rules          a view's rewrite rule → the stored columns that it shows
       origins        pages of other origins: which of them may read answers
       heads          what every answer's head tells browsers and caches
       docs           the documentation page
       media          media types, and which of them a client wants
       pace           how fast the other side of a stream is
       signals        how a process ends that has something to wind up
       metrics        what the process counts, for Prometheus
       draining       how a server ends
       waiting        for a database that can't be reached yet
"""

__version__ = "0.1.0"
