"""Extracted rows: invalid cells are marked, and single values are edited in their cells."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.extractor.cells import edited_value, flat_type
from components.runtime import resources
from core.extractor.documents import TextDocument
from core.extractor.results.outcome import Outcome, OutcomeKind
from core.extractor.results.repository import ExtractionRepository
from core.extractor.schemas.presets import presets
from core.json_schema.schema import SchemaDocument
from core.json_schema.validation import validate
from tests.app.conftest import OpenPage
from tests.app.extractor.conftest import press, text

NEWS = presets()["news"].document
VALUE = {"title": "=1+1", "summary": 5, "sentiment": "great", "keywords": ["k"]}


@pytest.fixture
def app(open_page: OpenPage) -> AppTest:
    problems = tuple(validate(VALUE, NEWS.schema))
    outcome = Outcome(OutcomeKind.MISMATCH, VALUE, problems)
    rows().save_row(("job", "1"), NEWS.digest, TextDocument("a.txt", "The text"), (outcome, "run"))
    app = open_page("extractor")
    return app.segmented_control(key="extractor.input").set_value("Documents").run()


def rows() -> ExtractionRepository:
    return ExtractionRepository(resources.store())


def test_marks_the_cells_that_do_not_match_the_schema(app: AppTest) -> None:
    styles = app.dataframe[0].proto.arrow_data.styler.styles

    # Columns: document, outcome, title, summary, sentiment, keywords, problems
    assert "row0_col3" in styles
    assert "row0_col4" in styles
    assert "row0_col2" not in styles


def test_edits_cells_and_validates_them(app: AppTest) -> None:
    app.toggle(key="extractor.rows.edit").set_value(True).run()
    edit_cell(app, {"summary": "S", "sentiment": "positive", "title": "'=2+2"})

    (row,) = rows().rows(NEWS.digest)
    assert row.value == {"title": "=2+2", "summary": "S", "sentiment": "positive", "keywords": ["k"]}
    assert row.outcome is OutcomeKind.VALID
    assert row.is_edited
    assert not app.exception


def edit_cell(app: AppTest, changes: dict[str, Any], index: int = 0) -> AppTest:
    """Edit cells of the editor as it is drawn, which AppTest cannot do."""
    key = app.dataframe[0].proto.id.split("-", 2)[2]
    app.session_state[key] = {"edited_rows": {index: changes}, "added_rows": [], "deleted_rows": []}
    return app.run()


@pytest.mark.parametrize("added", [1, 40])
def test_edits_the_row_that_is_shown_though_rows_were_added(app: AppTest, added: int) -> None:
    app.toggle(key="extractor.rows.edit").set_value(True).run()
    for number in range(added):
        result = Outcome(OutcomeKind.VALID, VALUE), "run"
        rows().save_row(("later", str(number)), NEWS.digest, TextDocument("new.txt", "The text"), result)
    editor = app.dataframe[0].proto.id
    app.run()
    assert app.dataframe[0].proto.id == editor  # with another id, the browser drops what is being typed

    edit_cell(app, {"summary": "S"})

    assert [row.document for row in rows().rows(NEWS.digest) if row.is_edited] == ["a.txt"]
    assert len(app.dataframe[0].value) == 1 + added


def test_leaves_cells_alone_that_were_edited_elsewhere(app: AppTest) -> None:
    app.toggle(key="extractor.rows.edit").set_value(True).run()
    (row,) = rows().rows(NEWS.digest)
    rows().edit(row.id, {**VALUE, "title": "Elsewhere"}, NEWS.schema)

    edit_cell(app, {"summary": "S"})

    (row,) = rows().rows(NEWS.digest)
    assert (row.value["title"], row.value["summary"]) == ("Elsewhere", "S")


def test_shows_new_rows_in_the_editor_when_asked(app: AppTest) -> None:
    app.toggle(key="extractor.rows.edit").set_value(True).run()
    add_row("b.txt")
    app.run()
    assert len(app.dataframe[0].value) == 1

    press(app, "Refresh")

    assert len(app.dataframe[0].value) == 2
    assert not [button for button in app.button if button.label == "Refresh"]


@pytest.mark.parametrize("remaining", [0, 3])
def test_reports_an_edit_of_a_row_that_was_deleted(app: AppTest, remaining: int) -> None:
    app.toggle(key="extractor.rows.edit").set_value(True).run()
    (row,) = rows().rows(NEWS.digest)
    for number in range(remaining):
        add_row(f"{number}.txt")
    rows().delete([row.id])

    edit_cell(app, {"summary": "S"})

    assert [warning.value for warning in app.warning] == [
        "An edit was not saved, because its row was deleted."
    ]
    assert not [row for row in rows().rows(NEWS.digest) if row.is_edited]
    assert not app.exception


def test_names_the_invalid_fields_beside_the_cells_that_are_edited(app: AppTest) -> None:
    app.toggle(key="extractor.rows.edit").set_value(True).run()

    frame = app.dataframe[0].value
    assert [list(fields) for fields in frame["invalid fields"]] == [["summary", "sentiment"]]
    assert not app.exception


def select_rows(app: AppTest, *indexes: int) -> AppTest:
    """Select rows of the table, which AppTest cannot click."""
    key = app.dataframe[0].proto.id.split("-", 2)[2]
    app.session_state[key] = {"selection": {"rows": list(indexes), "columns": [], "cells": []}}
    return app.run()


def add_row(document: str) -> None:
    outcome = Outcome(OutcomeKind.VALID, VALUE)
    rows().save_row(("job", document), NEWS.digest, TextDocument(document, "The text"), (outcome, "run"))


def test_deletes_the_selected_rows_and_undoes_it(app: AppTest) -> None:
    add_row("b.txt")
    before = rows().rows(NEWS.digest)
    select_rows(app.run(), 0, 1)

    press(app, "Delete 2 rows")
    assert rows().count(NEWS.digest) == 0
    assert "No rows yet" in text(app)
    assert "Deleted 2 rows" in text(app)

    press(app, "Undo")
    assert rows().rows(NEWS.digest) == before
    assert not [button for button in app.button if button.label == "Undo"]


@pytest.mark.parametrize("count", [2, 30])
def test_selects_no_other_row_after_a_deletion(app: AppTest, count: int) -> None:
    for number in range(1, count):
        add_row(f"{number}.txt")
    select_rows(app.run(), 0)

    press(app, "Delete row")

    assert rows().count(NEWS.digest) == count - 1
    assert not [button for button in app.button if button.label.startswith("Delete")]


def test_selects_no_other_row_after_a_search(app: AppTest) -> None:
    add_row("b.txt")
    select_rows(app.run(), 0)

    app.text_input(key="extractor.rows.search").set_value("b.txt").run()

    assert not [button for button in app.button if button.label.startswith("Delete")]


@pytest.mark.usefixtures("app")
def test_does_not_restore_the_row_of_a_document_that_was_extracted_again() -> None:
    deleted = rows().delete([row.id for row in rows().rows(NEWS.digest)])
    outcome = Outcome(OutcomeKind.VALID, VALUE)
    rows().save_row(("job", "1"), NEWS.digest, TextDocument("new.txt", "The text"), (outcome, "run"))

    rows().restore(deleted)

    assert [row.document for row in rows().rows(NEWS.digest)] == ["new.txt"]


def test_marks_the_cells_that_differ_from_the_expected_values(open_page: OpenPage) -> None:
    value = {"title": "T", "summary": "S", "sentiment": "positive", "keywords": []}
    document = TextDocument("a.txt", "The text", {"title": "t", "sentiment": "negative"})
    rows().save_row(("job", "1"), NEWS.digest, document, (Outcome(OutcomeKind.VALID, value), "run"))
    app = open_page("extractor")
    app.segmented_control(key="extractor.input").set_value("Documents").run()

    styles = app.dataframe[0].proto.arrow_data.styler.styles

    # Columns: document, outcome, title, summary, sentiment, keywords, problems, expected
    assert "row0_col4" in styles
    assert "row0_col2" not in styles
    assert "**1 of 1** title · **0 of 1** sentiment" in text(app)


def test_explains_orange_cells_only_if_there_are_some(open_page: OpenPage) -> None:
    value = {"title": "T", "summary": "S", "sentiment": "positive", "keywords": []}
    document = TextDocument("a.txt", "The text", {"title": "T"})
    rows().save_row(("job", "1"), NEWS.digest, document, (Outcome(OutcomeKind.VALID, value), "run"))
    app = open_page("extractor")
    app.segmented_control(key="extractor.input").set_value("Documents").run()
    assert "Orange" not in text(app)

    (row,) = rows().rows(NEWS.digest)
    rows().edit(row.id, {**value, "title": "Other"}, NEWS.schema)

    assert "Orange cells differ" in text(app.run())


def test_opens_saved_rows_without_an_extraction(open_page: OpenPage) -> None:
    assert not [item for item in open_page("extractor").expander if item.label == "Rows of this schema"]
    rows().save_schema(NEWS)
    add_row("a.txt")
    app = open_page("extractor")
    assert [item.label for item in app.expander].count("Rows of this schema") == 1
    assert not app.dataframe

    app.session_state["extractor.saved"] = True
    app.run()

    assert len(app.dataframe[0].value) == 1
    assert not app.exception


@pytest.mark.parametrize("is_editable", [False, True])
def test_shows_integers_above_64_bits(open_page: OpenPage, is_editable: bool) -> None:
    properties = {"number": {"type": "integer"}, "any": {}}
    document = SchemaDocument("Payment", {"type": "object", "properties": properties})
    rows().save_schema(document)
    for number in (2**70, 5, None):
        outcome = Outcome(OutcomeKind.VALID, {"number": number, "any": number})
        result = TextDocument(f"{number}.txt", "The text"), (outcome, "run")
        rows().save_row(("job", str(number)), document.digest, *result)
    app = open_page("extractor", schema=document.digest)
    app.segmented_control(key="extractor.input").set_value("Documents").run()

    app.toggle(key="extractor.rows.edit").set_value(is_editable).run()

    assert not app.exception
    frame = app.dataframe[0].value
    assert list(frame["any"].dropna()) == [str(2**70), "5"]
    # An editable cell has a number or is empty.
    assert list(frame["number"].dropna()) == ([5] if is_editable else [str(2**70), "5"])


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, "string"),
        ({"type": ["integer", "null"]}, "integer"),
        ({"type": ["integer", "string"]}, ""),
        ({"type": "array"}, ""),
        ({"anyOf": []}, ""),
        (True, ""),
    ],
)
def test_knows_which_fields_fit_into_a_cell(schema: Any, expected: str) -> None:
    assert flat_type(schema) == expected


@pytest.mark.parametrize(
    ("cell", "json_type", "before", "expected"),
    [
        (5.0, "integer", 4, 5),
        (5.5, "number", 4, 5.5),
        (None, "string", "a", None),
        ("'=1", "string", "=0", "=1"),
        ("'a", "string", "b", "'a"),
    ],
)
def test_reads_the_value_of_an_edited_cell(cell: Any, json_type: str, before: Any, expected: Any) -> None:
    assert edited_value(cell, json_type, before) == expected
