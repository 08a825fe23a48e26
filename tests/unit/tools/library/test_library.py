"""The tools of the library: results, and the limits of what a model can make them do."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tools.library.catalog import LIBRARY
from core.tools.library.clock import add_to_date, count_days, get_current_time
from core.tools.library.csv_database import CsvDatabase
from core.tools.library.dice import roll_dice
from core.tools.library.notes import search_notes
from core.tools.library.stock_prices import get_stock_price
from core.tools.library.text_statistics import analyse_text
from core.tools.library.units import convert_units
from core.tools.library.weather import get_weather

SALES = CsvDatabase("region,amount,지역\nnorth,10,북\nsouth,2.5,남\nnorth,5,북\n")


@pytest.mark.parametrize("entry", LIBRARY, ids=lambda entry: entry.name)
def test_has_a_strict_schema_and_a_description(entry: object) -> None:
    definition = entry.tool.definition  # type: ignore[attr-defined]
    schema, is_strict = definition.parameters_for(strict=True)

    assert is_strict
    assert sorted(schema["required"]) == sorted(schema["properties"])
    assert definition.description.endswith(".")
    assert len(json.dumps(schema)) < 1_500


@pytest.mark.parametrize(
    ("value", "units", "result"),
    [
        (100, ("°C", "°F"), 212),
        (0, ("kelvin", "celsius"), -273.15),
        (10, ("miles", "km"), 16.09344),
        (32, ("평", "m2"), 105.78512),
        (1, ("inches", "cm"), 2.54),
        (5, ("feet", "m"), 1.524),
        (2, ("GiB", "MB"), 2147.483648),
    ],
)
def test_converts_units(value: float, units: tuple[str, str], result: float) -> None:
    assert convert_units(value, *units)["result"] == pytest.approx(result)


@pytest.mark.parametrize(
    ("value", "units", "reason"),
    [
        (1, ("km", "kg"), "km is a unit of length, kg of mass"),
        (1, ("parsec", "km"), "Unknown unit 'parsec'"),
        (1e308, ("km", "mm"), "The result is too large"),
    ],
)
def test_refuses_to_convert(value: float, units: tuple[str, str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        convert_units(value, *units)


@given(st.dates(date(1000, 1, 1), date(3000, 1, 1)), st.integers(-5_000, 5_000))
def test_counts_the_days_that_it_adds(start: date, days: int) -> None:
    end = date.fromisoformat(add_to_date(start, days=days)["result"])

    assert count_days(start, end)["days"] == days


def test_adds_a_month_to_the_last_day_of_one() -> None:
    assert add_to_date(date(2027, 1, 31), months=1)["result"] == "2027-02-28"
    assert count_days(date(2026, 12, 1), date(2026, 12, 31))["working_days"] == 22


def test_tells_the_time_of_a_time_zone() -> None:
    assert get_current_time("Asia/Seoul")["utc_offset"] == "+09:00"
    for name in ("Seoul", "../etc/passwd", ""):
        with pytest.raises(ValueError, match="Unknown time zone"):
            get_current_time(name)


def test_repeats_dice_with_a_seed() -> None:
    assert roll_dice("3d20", 7) == roll_dice("3d20", 7)
    with pytest.raises(ValueError, match="number and sides"):
        roll_dice("999999d6")


def test_labels_sample_data() -> None:
    assert get_stock_price(" aapl ")["source"] == "sample data, not real prices"
    assert get_weather("서울")["city"] == "Seoul"
    assert "sample data" in get_weather("Paris, France", "fahrenheit")["source"]
    with pytest.raises(ValueError, match="AAPL, MSFT"):
        get_stock_price("ZZZ")


def test_finds_notes_in_both_languages() -> None:
    assert search_notes("환불은 며칠 걸려?")["notes"][0]["id"] == "n2"
    assert search_notes("Who owns project Orion?")["notes"][0]["id"] == "n3"
    assert search_notes("zzz")["notes"] == []


def test_counts_what_a_text_has() -> None:
    statistics = analyse_text("Hello world. 안녕 세상!\nBye.")

    assert (statistics["words"], statistics["sentences"], statistics["lines"]) == (5, 3, 2)
    # As JSON, True would not be a number.
    assert json.dumps([analyse_text(text)["sentences"] for text in ("No full stop", "")]) == "[1, 0]"


def test_queries_a_csv_file() -> None:
    result = SALES.query_csv("SELECT region, SUM(amount) FROM data GROUP BY region ORDER BY 2 DESC")

    assert result["rows"] == [["north", 15], ["south", 2.5]]
    assert SALES.query_csv("SELECT 지역 FROM data LIMIT 1")["rows"] == [["북"]]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("DELETE FROM data", "only SELECT"),
        ("INSERT INTO data VALUES (1, 2, 3)", "only SELECT"),
        ("ATTACH '/tmp/x.db' AS other", "only SELECT"),
        ("PRAGMA table_info(data)", "only SELECT"),
        ("CREATE TABLE other (a)", "only SELECT"),
        ("SELECT load_extension('x')", "not authorized"),
        ("SELECT zeroblob(1000000000)", "too big"),
        ("SELECT 1; SELECT 2", "one statement"),
        ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT COUNT(*) FROM n", "2 seconds"),
        ("SELECT missing FROM data", "no such column"),
    ],
)  # fmt: skip
def test_refuses_to_change_a_csv_file_or_to_run_forever(sql: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        SALES.query_csv(sql)

    assert SALES.query_csv("SELECT COUNT(*) FROM data")["rows"] == [[3]]


def test_limits_the_rows_of_a_result() -> None:
    database = CsvDatabase("a\n" + "1\n" * 500)

    result = database.query_csv("SELECT a FROM data")

    assert len(result["rows"]) == 100
    assert result["note"] == "Only the first 100 rows."


@given(st.text(max_size=300))
def test_reads_or_refuses_any_csv_file(text: str) -> None:
    try:
        database = CsvDatabase(text)
    except ValueError:
        return
    assert database.query_csv("SELECT COUNT(*) FROM data")["rows"] == [[database.row_count]]
