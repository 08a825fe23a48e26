"""Tables of Arrow that are made without pandas."""

import subprocess
import sys

from components.ui.arrow import arrow_table
from tests.app.conftest import ROOT

TABLE = """
import sys
from components.ui.arrow import arrow_table
arrow_table({"number": [1], "text": ["a"]})
print("pandas" in sys.modules)
"""


def test_has_the_values_of_its_columns() -> None:
    columns: dict[str, list[str] | list[int]] = {"case": [1, 2, 3], "reply": ["안녕", "", "a\nb"]}

    assert arrow_table(columns).to_pydict() == columns


def test_may_have_no_rows() -> None:
    assert arrow_table({"case": [], "reply": []}).num_rows == 0


def test_does_not_import_pandas() -> None:
    result = subprocess.run([sys.executable, "-c", TABLE], cwd=ROOT, capture_output=True, check=True)

    assert result.stdout.strip() == b"False"
