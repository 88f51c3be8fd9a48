"""The service's own paths in the document."""

from typing import Any

from api.document import problems
from api.document.component_names import SERVICE
from api.document.components import Components
from api.document.media_types import JSON
from api.document.validators import Schema
from api.operations.service_paths import SERVICE_PATHS, ServicePath

TAG = {"name": SERVICE, "description": "About the service itself."}
_STATUS: Schema = {
    "type": "object",
    "properties": {"status": {"type": "string"}},
    "required": ["status"],
}


def paths(components: Components) -> dict[str, Any]:
    """Return the path items of the service's own paths that have a summary."""
    return {own.path: {"get": _operation(own, components)} for own in SERVICE_PATHS if own.summary}


def _operation(own: ServicePath, components: Components) -> dict[str, Any]:
    schema = _STATUS if "status" in own.answer else {"type": "object"}
    content = {JSON: {"schema": schema, "example": own.answer}}
    return {
        "operationId": own.id,
        "tags": [TAG["name"]],
        "summary": own.summary,
        "security": [{}, {"bearer": []}] if own.is_own_to_roles else [],
        "responses": {
            "200": {"description": own.summary, "content": content},
            **problems.responses(own.problems, components, query="service"),
        },
    }
