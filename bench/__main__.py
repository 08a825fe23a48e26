"""Run the given measures, or all of them, and print the results."""

import argparse
import sys
import time

from bench.harness import start_harness
from bench.measures import MEASURES
from bench.report import MeasureResult, markdown, save


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("measures", nargs="*", metavar="measure", help=f"one of {', '.join(MEASURES)}")
    parser.add_argument("--runs", type=int, default=3, help="number of runs of each measure (default 3)")
    options = parser.parse_args()
    if unknown := set(options.measures) - MEASURES.keys():
        parser.error(f"unknown measure {', '.join(sorted(unknown))}; choose from {', '.join(MEASURES)}")
    results: dict[str, MeasureResult] = {}
    try:
        with start_harness() as harness:
            for name in options.measures or MEASURES:
                started = time.monotonic()
                results[name] = MEASURES[name](harness, options.runs)
                print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    finally:
        # An interrupted run also reports what it has measured.
        print(markdown([row for result in results.values() for row in result.rows]))
        path = save(results, options.runs)
        print(f"\nMedians of {options.runs} interleaved runs; samples in {path}")


if __name__ == "__main__":
    main()
