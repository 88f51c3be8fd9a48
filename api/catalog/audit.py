"""The schema `audit`: what the server asks of it, where a database has it.

The function `audit.record_reads` records reads. KEEPER may execute it, and nobody else.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from api.catalog.jobs import KEEPER

# Values: arrays with an element for each caller, operation, list of filters and status. The last
# one has a line for each of its rows, of four parts with tabs between them: seconds since 1970, the
# request's id, the ids of its repeats, and the record.
RECORD_READS = "SELECT audit.record_reads($1, $2, $3, $4, $5, $6, $7)"


def faults(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield why reads could not be recorded; `document`: catalog.sql's on the schema."""
    if document["records_reads"] and not document["may_record"]:
        yield f"the login may not act for {KEEPER}, as which it has to record reads"
