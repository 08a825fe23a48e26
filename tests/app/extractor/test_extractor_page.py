"""The Extractor page: one click extracts, the views stay in step, and strict mode is corrected."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from components.runtime import resources
from core.json_schema.schema import SchemaDocument
from core.storage.run_repository import RunRepository
from tests.app.conftest import OpenPage
from tests.app.extractor.conftest import code, finish, press, show, state_of, table, text

NEWS = {"title": "T", "summary": "S", "sentiment": "positive", "keywords": ["k"]}


def test_extracts_the_korean_news_item_with_one_click(app: AppTest) -> None:
    finish(press(app, "Extract"))

    assert "Valid" in text(app)
    assert {"`title`", "`summary`", "`sentiment`", "`keywords[0]`"} <= table(app).keys()
    sources = app.table[0].value["In the text"]
    assert any("하버시티" in source for source in sources)


def test_extracts_the_english_twin_one_click_away(app: AppTest) -> None:
    app.segmented_control(key="extractor.language").set_value("en").run()

    finish(press(app, "Extract"))

    assert "Harbour City" in str(app.text_area(key="extractor.text").value)
    assert table(app)["`sentiment`"] == "positive"


def test_compares_the_methods_side_by_side_by_the_responses_api(app: AppTest) -> None:
    app.segmented_control(key="extractor.api").set_value("responses").run()
    finish(press(app, "Compare methods"))

    assert list(app.table[0].value)[1:4] == ["parse", "json_schema", "json_object"]
    assert text(app).count("Valid]") == 3
    ids = [attempt.run_id for attempt in state_of(app).attempts]
    runs = RunRepository(resources.store()).get_many(ids)
    endpoints = ["responses.parse", "responses.create", "responses.create"]
    assert [runs[run_id].endpoint for run_id in ids] == endpoints


def test_shows_an_edit_of_the_code_in_the_other_views(app: AppTest) -> None:
    code(app).set_value(
        "from pydantic import BaseModel\n\n# Comment\nclass City(BaseModel):\n    people: int"
    ).run()

    assert state_of(app).document.name == "City"
    assert '"people"' in code(show(app, "JSON Schema")).value
    assert "# Comment" in code(show(app, "Pydantic")).value


def test_shows_an_edit_of_the_json_schema_in_the_code(app: AppTest) -> None:
    show(app, "JSON Schema")
    schema = json.loads(code(app).value)
    schema["properties"]["score"] = {"type": ["number", "null"], "minimum": 0}
    schema["required"].append("score")
    code(app).set_value(json.dumps(schema)).run()

    assert "score: Annotated[float, Field(ge=0)] | None" in code(show(app, "Pydantic")).value


def test_shows_an_edit_of_the_table_in_the_code(app: AppTest) -> None:
    show(app, "Fields")
    key = f"extractor.fields.{state_of(app).version}"
    app.session_state[key] = {
        "edited_rows": {0: {"field": "headline"}},
        "added_rows": [{"field": "words", "type": "integer", "required": True}],
        "deleted_rows": [1],
    }
    app.run()

    assert list(state_of(app).document.schema["properties"]) == [
        "headline",
        "sentiment",
        "keywords",
        "words",
    ]
    assert "words: int" in code(show(app, "Pydantic")).value


def test_keeps_the_schema_if_the_code_is_invalid(app: AppTest) -> None:
    before = state_of(app).document

    code(app).set_value("class City(BaseModel)\n    people: int").run()

    assert state_of(app).document == before
    assert "Line 1" in text(app)
    assert "people" in code(app).value


def test_applies_a_text_that_is_sent_twice_once(app: AppTest) -> None:
    text_of_city = "from pydantic import BaseModel\n\n\nclass City(BaseModel):\n    name: str\n"
    code(app).set_value(text_of_city).run()
    version = state_of(app).version

    code(app).set_value(f"{text_of_city}\n").run()

    assert state_of(app).version == version
    assert state_of(app).document.name == "City"


def test_keeps_an_invalid_text_while_another_view_is_shown(app: AppTest) -> None:
    code(app).set_value("class City(BaseModel)\n    people: int").run()

    show(app, "JSON Schema")
    show(app, "Pydantic")

    assert code(app).value == "class City(BaseModel)\n    people: int"
    assert "Line 1" in text(app)


def test_saves_an_extraction_as_a_row(app: AppTest) -> None:
    finish(press(app, "Extract"))
    app.run()

    press(app, "Save row")

    assert any(button.label == "Saved" and button.disabled for button in app.button)
    assert "1 row." in text(app)


def test_shows_a_schema_that_a_view_cannot_represent_without_changing_it(app: AppTest) -> None:
    union = {"anyOf": [{"type": "string"}, {"type": "integer"}]}
    schema = {"type": "object", "properties": {"a": union}, "required": ["a"], "additionalProperties": False}
    show(app, "JSON Schema")
    code(app).set_value(json.dumps(schema)).run()

    show(app, "Fields")

    assert "cannot represent a" in text(app)
    assert state_of(app).document.schema == schema


def test_offers_the_method_that_can_send_a_pasted_schema(app: AppTest) -> None:
    union = {"title": "Mixed", "type": ["string", "integer", "null"]}
    schema = {"title": "Measured", "type": "object", "properties": {"a": union}, "required": ["a"]}
    show(app, "JSON Schema")
    code(app).set_value(json.dumps(schema)).run()
    assert state_of(app).document.name == "Measured"
    assert "a has several types" in text(app)

    press(app, "Use json_schema")

    assert app.segmented_control(key="extractor.method").value == "json_schema"
    assert not next(button for button in app.button if button.label == "Extract").disabled


def test_corrects_the_schema_and_undoes_it(app: AppTest) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "format": "uri"}}}
    state_of(app).replace(SchemaDocument("Link", schema))
    app.run()
    assert any(expander.label == "Strict mode: 3 problems" for expander in app.expander)

    press(app, "Fix all")
    assert any(expander.label == "Strict mode: ready" for expander in app.expander)
    assert any('+  "additionalProperties": false' in block.value for block in app.code)

    press(app, "Undo")
    assert state_of(app).document.schema == schema


def test_explains_how_a_truncated_reply_ends(app: AppTest) -> None:
    app.number_input(key="extractor.max_tokens").set_value(8).run()

    finish(press(app, "Extract"))

    assert "reached the token limit" in text(app)


@pytest.mark.parametrize("kind", ["One text", "Documents"])
def test_says_that_there_is_no_model(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "key-for-tests")
    app = open_page("extractor")
    app.segmented_control(key="extractor.input").set_value(kind).run()

    assert ["There is no model to ask" in warning.value for warning in app.warning] == [True]
    labels = ("Extract", "Compare methods", "Send ")
    buttons = [button for button in app.button if button.label.startswith(labels)]
    assert len(buttons) == (3 if kind == "One text" else 1)
    assert all(button.disabled for button in buttons)
    assert "Press Extract" not in text(app)


def test_says_that_a_text_is_missing(app: AppTest) -> None:
    app.text_area(key="extractor.text").set_value(" ").run()

    assert [info.value for info in app.info] == ["Enter a text to extract from."]
    assert app.button(key="extractor.start").disabled


def test_uses_the_sandbox(app: AppTest) -> None:
    finish(press(app, "Extract"))
    app.run()
    press(app, "Request details")

    sources = [block.value for block in app.code if "OpenAI(" in block.value]
    assert any("class NewsItem(BaseModel):" in source for source in sources)
    assert all(resources.sandbox().url in source for source in sources)
