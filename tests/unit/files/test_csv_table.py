"""Tables as CSV files."""

import csv
import io

from core.files.csv_table import table_csv


def test_writes_a_table_without_formulas() -> None:
    content = table_csv([{"text": "@SUM(A1)", "score": -0.5}]).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(content, newline=""))) == [["text", "score"], ["'@SUM(A1)", "-0.5"]]
