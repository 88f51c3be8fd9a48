"""The documentation page: Swagger UI from its package, for this service's own document.

Nothing comes from another origin.
"""

from importlib.util import find_spec
from pathlib import Path

PREFIX = "{prefix}"  # stands for what is before the paths
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API documentation</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{prefix}/docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="{prefix}/docs/swagger-ui-bundle.js"></script>
<script src="{prefix}/docs/start.js"></script>
</body>
</html>
"""
# With a token, the document is that of the token's role: so it is read again.
START = """let token = "";
const use = given => system => {
    token = given?.bearer?.value ?? "";
    system.specActions.download();
};
window.ui = SwaggerUIBundle({
    url: "{prefix}/openapi.json", dom_id: "#page", deepLinking: true, tryItOutEnabled: true,
    docExpansion: "none", defaultModelsExpandDepth: -1,  // it can't draw two hundred at once
    validatorUrl: null,
    requestInterceptor: request => {
        if (token) request.headers.Authorization = `Bearer ${token}`;
        return request;
    },
    plugins: [{statePlugins: {auth: {wrapActions: {
        authorize: (original, system) => given => {
            original(given);
            use(given)(system);
        },
        logout: (original, system) => names => {
            original(names);
            use({})(system);
        },
    }}}}],
});
"""
# The page runs scripts of its own origin only, and connects to no other.
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " frame-ancestors 'none'"
)
FILES = {
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
}
PAGE_HEADERS = {"content-security-policy": POLICY, "referrer-policy": "no-referrer"}
FILE_HEADERS = {"cache-control": "max-age=3600"}


def folder() -> Path:
    """Find the folder of Swagger UI's files, without importing its package, which needs Flask."""
    spec = find_spec("flask_swagger_ui")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "dist"
