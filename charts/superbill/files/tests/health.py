"""Check that the process answers."""

import sys
from urllib.request import urlopen

with urlopen(sys.argv[1] + "/health/", timeout=10) as answer:
    print(answer.status, answer.read().decode())
    assert answer.status == 200
