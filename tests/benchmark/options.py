"""The options of the benchmarks that repeat their runs."""

import argparse


def parser(name: str, description: str | None) -> argparse.ArgumentParser:
    """Return the parser of `python -m tests.benchmark.NAME`, with `--seconds` and `--rounds`."""
    made = argparse.ArgumentParser(
        prog=f"python -m tests.benchmark.{name}", description=description
    )
    made.add_argument(
        "--seconds", type=int, default=2, help="length of one run in seconds (default: 2)"
    )
    made.add_argument(
        "--rounds", type=int, default=5, help="how often each case is measured (default: 5)"
    )
    return made
