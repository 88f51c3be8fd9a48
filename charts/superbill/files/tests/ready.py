"""Check that all migrations are applied, that the document matches, and that a token is needed."""

import json
import os
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

ADDRESS, ISSUER, TOKEN = sys.argv[1], os.environ["ISSUER"], os.environ.get("TOKEN")
HEADERS = {"Authorization": f"Bearer {TOKEN}"} if TOKEN else {}


def get(path: str, headers: dict[str, str]) -> tuple[int, str]:
    """Return status and text."""
    try:
        with urlopen(Request(ADDRESS + path, headers=headers), timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


status, text = get("/ready/", {})
assert status == 200, text
print("/ready/", text)
if ISSUER:
    status, text = get("/cpt_codes/?limit=1", {})
    assert status == 401, f"without a token: {status} {text}"
    print("without a token:", status)
if TOKEN or not ISSUER:
    for path in ("/openapi.json", "/cpt_codes/?limit=1"):
        status, text = get(path, HEADERS)
        assert status == 200, f"{path}: {status} {text}"
        print(path, len(json.loads(text)))
