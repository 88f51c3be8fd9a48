"""Generic plans of lists: an index serves each, without a sort and without discarded rows."""

from collections.abc import Iterator
from typing import Any

from api.operations.operation import Operation
from api.sql.clauses import Shape

# The planner expects a million rows, and avoids sorts and scans of tables where it can: those that
# are left are what no index serves.
SETTINGS = (
    "SET enable_seqscan = off; SET enable_sort = off; SET enable_incremental_sort = off; "
    "SET enable_bitmapscan = off"
)
MILLION = (
    "SELECT pg_restore_relation_stats('schemaname', '{0}', 'relname', relname::text,"
    " 'relpages', 1, 'reltuples', 1000000::real) FROM pg_class"
    " WHERE relnamespace = '{0}'::regnamespace AND relkind IN ('r', 'i')"
)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give every node of a plan, without those that look something up for a row of the page."""
    yield plan
    for part in plan.get("Plans", []):
        if part.get("Parent Relationship") not in ("SubPlan", "InitPlan"):
            yield from nodes(part)


def whole_reads(plan: dict[str, Any]) -> Iterator[str]:
    """Name the tables that a plan reads as a whole."""
    for node in nodes(plan):
        if node["Node Type"] == "Seq Scan":
            yield f"Seq Scan on {node['Relation Name']}"


def faults(plan: dict[str, Any], operation: Operation, shape: Shape) -> Iterator[str]:
    """Say what is wrong with a plan: a sort, a whole table, or rows that are read and discarded."""
    # Each key of `in` has one row at most, whatever the other filters are.
    few = any(
        f.operator == "in" and (f.column.name,) == operation.relation.key for f in shape.filters
    )
    unordered = any(f.operator in ("contains", "on") for f in shape.filters)
    yield from whole_reads(plan)
    for node in nodes(plan):
        kind = node["Node Type"]
        if kind in ("Sort", "Incremental Sort") and not (unordered or shape.order.sorts):
            yield kind
        # The view's own condition is no filter of the request.
        condition = node.get("Filter", "")
        own = "hidden" in condition or "<= '1000'" in condition
        if condition and not own and not unordered and not few:
            yield f"Filter {condition}"
