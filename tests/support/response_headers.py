"""The headers that every response must have."""

import httpx

EVERYWHERE = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
PAGE = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " frame-ancestors 'none'"
)
FILE = {"cache-control": "max-age=3600"}
# Files that come with a package, and the page that runs them, are no patient's.
ELSEWHERE = {
    "/docs": {"content-security-policy": PAGE},
    "/docs/swagger-ui.css": FILE,
    "/docs/swagger-ui-bundle.js": FILE,
}
BANNERS = {"server", "via", "x-powered-by"}
OTHERS = {"alt-svc"}  # there is no other place where this can be had


def assert_guarded(response: httpx.Response) -> None:
    """Check what browsers and caches are told, and that nobody is told what serves this."""
    if response.is_informational:
        return
    shown = response.request.method in ("GET", "HEAD") and response.status_code == httpx.codes.OK
    own = ELSEWHERE.get(response.request.url.path.rstrip("/"), {}) if shown else {}
    expected = {name: [value] for name, value in {**EVERYWHERE, **own}.items()}
    told = {name: response.headers.get_list(name) for name in expected}
    assert told == expected, (response.request.method, response.request.url, response.status_code)
    assert not (BANNERS | OTHERS) & response.headers.keys()
    assert "None" not in response.headers.values()


def assert_closed(response: httpx.Response) -> None:
    """Check that no page of another origin may read it."""
    assert [
        name for name in response.headers if name.startswith("access-control-") or name == "vary"
    ] == []
