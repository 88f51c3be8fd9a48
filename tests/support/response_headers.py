"""The headers that every response must have."""

import re

import httpx

EVERYWHERE = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
# A page is made of a row: it runs nothing, and has no styles but its own.
REPRESENTED = re.compile(
    r"default-src 'none'; style-src ('none'|'sha256-[\w+/=]+'( 'sha256-[\w+/=]+')*);"
    r" img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
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
    media = response.headers.get("content-type", "")
    is_page = media == "text/html; charset=utf-8" and (shown or response.is_error)
    if is_page and not response.url.path.startswith("/docs"):
        policy = response.headers["content-security-policy"]
        assert REPRESENTED.fullmatch(policy), policy
        assert response.headers["referrer-policy"] == "no-referrer"
    else:
        policy = EVERYWHERE["content-security-policy"]
    own = ELSEWHERE.get(response.request.url.path.rstrip("/"), {}) if shown else {}
    usual = {**EVERYWHERE, "content-security-policy": policy}
    expected = {name: [value] for name, value in {**usual, **own}.items()}
    told = {name: response.headers.get_list(name) for name in expected}
    assert told == expected, (response.request.method, response.request.url, response.status_code)
    assert response.headers["vary"] in ("accept", "accept, origin")
    assert not (BANNERS | OTHERS) & response.headers.keys()
    assert "None" not in response.headers.values()


def assert_closed(response: httpx.Response) -> None:
    """Check that no page of another origin may read it."""
    assert [name for name in response.headers if name.startswith("access-control-")] == []
    assert response.is_informational or response.headers["vary"] == "accept"
