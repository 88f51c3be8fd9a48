"""Origins of pages, and requests as a browser makes them for a page."""

PORTAL, LOCALHOST, UNKNOWN_ORIGIN = (
    "https://portal.example",
    "http://localhost:5173",
    "https://elsewhere.example",
)
# Gives what a page can read of an answer: its status and its headers, or the name of the error.
FETCH = """async ([path, options]) => {
    try {
        const answer = await fetch(path, options);
        return [answer.status, answer.headers.get("location"), (await answer.text()).length > 0];
    } catch (error) {
        return error.name;
    }
}"""


def preflight_headers(origin: str, method: str = "PATCH") -> dict[str, str]:
    """Give the headers of a preflight."""
    return {
        "origin": origin,
        "access-control-request-method": method,
        "access-control-request-headers": "content-type",
    }
