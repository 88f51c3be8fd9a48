"""Which endpoint answers which kind of operation."""

from collections.abc import Mapping

from api.endpoints.change import Change
from api.endpoints.create import Create
from api.endpoints.delete import Delete
from api.endpoints.endpoint import Endpoint
from api.endpoints.filtered_write import FilteredChange, FilteredDelete
from api.endpoints.list import List
from api.endpoints.read import Read
from api.endpoints.replace import Replace
from api.endpoints.report import Report
from api.endpoints.service import Service
from api.operations import kinds
from api.operations.kinds import Kind
from api.operations.operation import Operation

_BY_KIND: Mapping[Kind, type[Endpoint]] = {
    kinds.LIST: List,
    kinds.REPORT: Report,
    kinds.READ: Read,
    kinds.CREATE: Create,
    kinds.UPDATE: Change,
    kinds.REPLACE: Replace,
    kinds.DELETE: Delete,
    kinds.UPDATE_MANY: FilteredChange,
    kinds.DELETE_MANY: FilteredDelete,
}


def endpoint(operation: Operation, service: Service) -> Endpoint:
    """Compile the endpoint of an operation."""
    return _BY_KIND[operation.kind](operation, service)
