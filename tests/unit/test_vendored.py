"""The vendored scripts are the published files that the README beside them lists."""

import hashlib
import re
from pathlib import Path

import pytest

VENDOR = Path(__file__).parents[2] / "components" / "live" / "assets" / "vendor"
ROWS = dict(re.findall(r"^\| `(\S+\.js)` .* `([0-9a-f]{64})` \|$", (VENDOR / "README.md").read_text(), re.M))


@pytest.mark.parametrize("name", sorted(path.name for path in VENDOR.glob("*.js")))
def test_has_the_hash_that_the_readme_lists(name: str) -> None:
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == ROWS[name]


@pytest.mark.parametrize("name", sorted(ROWS))
def test_has_a_licence_file(name: str) -> None:
    assert (VENDOR / name).with_suffix(".LICENSE").stat().st_size > 0
