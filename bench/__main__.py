"""Run the measures named, or all, and print the table."""

import argparse
import sys
import time
from collections.abc import Sequence

from bench.measures import MEASURES
from bench.report import MeasureResult, markdown, save
from bench.stage import Harness, start_harness


def main() -> None:
    arguments = _arguments()
    outcomes: dict[str, MeasureResult] = {}
    try:
        with start_harness() as shared:
            for name in arguments.measures or MEASURES:
                outcomes[name] = _measured(shared, name, arguments.runs)
    finally:  # also of an interrupted run: what has been measured by then is worth having
        _report(outcomes, arguments.runs)


def _report(outcomes: dict[str, MeasureResult], runs: int) -> None:
    print(markdown([row for outcome in outcomes.values() for row in outcome.rows]))
    print(f"\nMedians of {runs} interleaved runs; samples in {save(outcomes, runs)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("measures", nargs="*", metavar="measure", help=f"one of {', '.join(MEASURES)}")
    parser.add_argument("--runs", type=int, default=3, help="how often each is measured (default 3)")
    arguments = parser.parse_args()
    _check(parser, arguments.measures)
    return arguments


def _check(parser: argparse.ArgumentParser, names: Sequence[str]) -> None:
    if unknown := set(names) - MEASURES.keys():
        parser.error(f"there is no measure {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")


def _measured(shared: Harness, name: str, runs: int) -> MeasureResult:
    began = time.monotonic()
    outcome = MEASURES[name](shared, runs)
    print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    return outcome


if __name__ == "__main__":
    main()
