"""Check that all migrations are applied and that the database matches the document."""

import json
import sys
from urllib.request import urlopen

for path in ("/ready/", "/openapi.json", "/cpt_codes/?limit=1"):
    with urlopen(sys.argv[1] + path, timeout=10) as answer:
        assert answer.status == 200, path
        body = json.load(answer)
        print(path, body if path == "/ready/" else len(body))
