"""The Extractor page after a reload: the draft, and the extractions that were started last."""

from streamlit.testing.v1 import AppTest

from components.extractor.drafts import Draft
from components.extractor.session import EditedSchema
from components.session.drafts import Drafts
from core.extractor.schemas.presets import presets
from tests.app.conftest import OpenPage
from tests.app.extractor.conftest import code, finish, press, query, show, state_of, table, text

CITY = "from pydantic import BaseModel\n\n\n# Comment\nclass City(BaseModel):\n    name: str\n"


def reopened(app: AppTest, open_page: OpenPage) -> AppTest:
    """Open the URL of *app* in a new session."""
    return open_page("extractor", **query(app))


def test_shows_the_edited_schema_and_choices_again(app: AppTest, open_page: OpenPage) -> None:
    app.segmented_control(key="extractor.language").set_value("en").run()
    app.number_input(key="extractor.max_tokens").set_value(77).run()
    code(app).set_value(CITY).run()
    show(app, "JSON Schema")
    code(app).set_value("{").run()
    app.segmented_control(key="extractor.input").set_value("Documents").run()
    app.run()

    again = reopened(app, open_page)

    assert state_of(again).document.name == "City"
    assert code(again).value == "{"
    assert "not valid" in text(again) or "Line 1" in text(again)
    assert "# Comment" in code(show(again, "Pydantic")).value
    assert again.segmented_control(key="extractor.language").value == "en"
    assert again.number_input(key="extractor.max_tokens").value == 77
    assert again.segmented_control(key="extractor.input").value == "Documents"
    assert not again.warning


def test_copies_a_draft_that_two_tabs_have_opened(app: AppTest, open_page: OpenPage) -> None:
    code(app).set_value(CITY).run()
    app.run()
    other = reopened(app, open_page)
    assert query(other)["draft"] == query(app)["draft"]

    code(other).set_value(CITY.replace("City", "Town")).run()
    other.run()

    assert query(other)["draft"] != query(app)["draft"]
    assert state_of(reopened(app, open_page)).document.name == "City"
    assert state_of(reopened(other, open_page)).document.name == "Town"


def test_writes_nothing_into_the_url_before_something_was_edited(app: AppTest) -> None:
    assert not query(app)


def test_starts_with_the_example_if_the_draft_is_gone(open_page: OpenPage) -> None:
    app = open_page("extractor", draft="0" * 32)

    assert state_of(app).document == presets()["news"].document
    assert "draft" not in query(app)


def test_limits_the_number_and_the_size_of_drafts() -> None:
    drafts: Drafts[Draft] = Drafts()
    document = presets()["news"].document
    ids = [drafts.save(Draft(EditedSchema(document), {"a": "x" * 1_000_000}), None) for _ in range(30)]
    assert [*drafts.by_id] == ids[-20:]

    for _ in range(250):
        drafts.save(Draft(EditedSchema(document), {}), None)
    assert len(drafts.by_id) == 200


def test_shows_the_last_extraction_again_after_a_reload(app: AppTest, open_page: OpenPage) -> None:
    code(app).set_value("from pydantic import BaseModel\n\n\nclass City(BaseModel):\n    name: str\n").run()
    app.text_area(key="extractor.text").set_value("Ulm is a city.").run()
    finish(press(app, "Extract"))
    app.run()

    again = reopened(app, open_page)

    assert "class City" in code(again).value
    assert again.text_area(key="extractor.text").value == "Ulm is a city."
    assert "Valid" in text(again)
    assert table(again) == table(app)


def test_ignores_extractions_in_the_url_that_do_not_exist(open_page: OpenPage) -> None:
    app = open_page("extractor", schema="0" * 64, runs="1.2")

    assert not app.exception
    assert "schema" not in app.query_params
