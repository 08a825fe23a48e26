"""The Extractor page: corrections of a reply, and schemas from a description or a sample."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.conftest import OpenPage
from tests.app.extractor.conftest import code, finish, press, server_with, state_of, text

NEWS = {"title": "T", "summary": "S", "sentiment": "positive", "keywords": ["k"]}


def test_asks_again_with_the_problems(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    with server_with(monkeypatch, {**NEWS, "sentiment": "great"}, NEWS) as server:
        app = finish(press(open_page("extractor"), "Extract"))
        assert "Schema mismatch" in text(app)
        assert "`sentiment`" in text(app)

        finish(press(app, "Ask again"))
        request = [request for request in server.requests if "completions" in request.path][-1]

    assert "Valid" in text(app)
    assert "correction 1" in text(app)
    assert "great" in request.json()["messages"][-2]["content"]


def test_generates_the_schema_of_a_description(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    field = {
        "field": "salary",
        "type": "number",
        "list": False,
        "nullable": True,
        "values": [],
        "description": "",
    }
    with server_with(monkeypatch, {"name": "JobOffer", "fields": [field]}):
        app = open_page("extractor")
        app.text_area(key="extractor.description").set_value("A job offer").run()

        press(app, "Generate schema")

    assert "class JobOffer(BaseModel):\n    salary: float | None" in code(app).value


def test_says_that_the_reply_is_no_schema(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    with server_with(monkeypatch, {"name": "JobOffer"}):
        app = open_page("extractor")
        app.text_area(key="extractor.description").set_value("A job offer").run()
        before = state_of(app).document

        press(app, "Generate schema")

    assert state_of(app).document == before
    assert "not a list of fields" in text(app)


def test_infers_the_schema_of_a_sample(app: AppTest) -> None:
    app.text_area(key="extractor.sample").set_value('{"city": "Ulm", "people": 126000}').run()

    press(app, "Infer schema")

    assert "people: int" in code(app).value


def test_saves_the_edited_schema_and_opens_it_again(app: AppTest) -> None:
    assert "Not saved" not in text(app)
    code(app).set_value("from pydantic import BaseModel\n\n\nclass City(BaseModel):\n    name: str\n").run()
    assert "Not saved" in text(app)
    press(app, "Save schema")
    assert "Not saved" not in text(app)
    app.selectbox(key="extractor.preset").set_value("invoice").run()

    version = state_of(app).version
    app.session_state[f"extractor.saved_schemas.{version}"] = True
    app.run()
    app.selectbox(key=f"extractor.saved_schema.{version}").set_value(0).run()

    assert state_of(app).document.name == "City"
    assert "class City" in code(app).value
