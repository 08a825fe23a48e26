"""The vendored scripts are the published files that their table says they are."""

import hashlib
import re
from pathlib import Path

import pytest

VENDOR = Path(__file__).parents[2] / "components" / "live" / "assets" / "vendor"
ROWS = dict(re.findall(r"^\| `(\S+\.js)` .* `([0-9a-f]{64})` \|$", (VENDOR / "README.md").read_text(), re.M))


@pytest.mark.parametrize("name", sorted(path.name for path in VENDOR.glob("*.js")))
def test_is_the_file_of_the_table(name: str) -> None:
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == ROWS[name]


@pytest.mark.parametrize("name", sorted(ROWS))
def test_has_its_licence_beside_it(name: str) -> None:
    assert (VENDOR / name).with_suffix(".LICENSE").stat().st_size > 0
