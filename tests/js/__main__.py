"""Run the JavaScript tests on the node that Playwright contains, so that nothing else has to be installed."""

import subprocess
import sys
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

ROOT = Path(__file__).parents[2]
# No package.json says that the scripts are modules: node finds out, and warns that this takes time.
OPTIONS = ("--test", "--test-reporter=spec", "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON")


def main() -> int:
    node, _ = compute_driver_executable()
    return subprocess.run([node, *OPTIONS, "tests/js/**/*.test.js"], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
