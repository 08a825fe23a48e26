"""The Embeddings app: from texts to views, and what it says when something is odd."""

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.sandbox.server import SandboxServer
from tests.app.conftest import OpenPage

VIEWS = (
    "Similarity",
    "Neighbours",
    "Query",
    "Map",
    "Duplicates and outliers",
    "Spread",
    "Dimensions",
    "Model against model",
    "Export",
)


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def app(open_page: OpenPage, server: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The app, sending to a sandbox of the test's own."""
    server.reset()
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("OPENAI_API_KEY", server.key)
    return open_page("embeddings")


def write(app: AppTest, text: str) -> AppTest:
    return app.text_area(key="embeddings.text").set_value(text).run()


def embed(app: AppTest) -> AppTest:
    """Press the button, and let the page follow the work to its end."""
    app.button(key="embeddings.start").click().run()
    for _ in range(100):
        if not any(button.key == "embeddings.stop" for button in app.button):
            break
        app.run()
    assert not app.exception
    return app


def look_at(app: AppTest, view: str) -> AppTest:
    app.session_state["embeddings.panel"] = view
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    kinds = (app.caption, app.info, app.error, app.warning, app.markdown, app.text)
    return " ".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def first_table(app: AppTest) -> Any:
    return app.dataframe[0].value


def test_begins_with_an_example_and_what_it_will_take(app: AppTest) -> None:
    assert "오늘 날씨가" in (app.text_area(key="embeddings.text").value or "")
    assert "14 texts · about" in said(app)
    assert "1 request · cost unknown, $0.0000033 at OpenAI's list price" in said(app)
    assert not app.button(key="embeddings.start").disabled


def test_embeds_the_example_and_shows_what_is_alike(app: AppTest) -> None:
    embed(app)
    assert "tokens billed" in said(app)
    assert "no probability" in said(app)
    assert app.get("vega_lite_chart")


def test_finds_the_english_weather_nearest_to_the_korean(app: AppTest) -> None:
    table = first_table(look_at(embed(app), "Neighbours"))
    assert table["text"][0] == "The weather is lovely today."


@pytest.mark.parametrize("view", VIEWS)
def test_draws_every_view(app: AppTest, view: str) -> None:
    look_at(embed(app), view)
    assert [tab.label for tab in app.tabs][: len(VIEWS)] == list(VIEWS)


def test_ranks_the_texts_by_a_query(app: AppTest) -> None:
    look_at(embed(app), "Query")
    app.text_input(key="embeddings.query.text").set_value("pasta for dinner")
    next(button for button in app.button if button.label == "Rank the texts").click().run()
    assert first_table(app)["text"][0] == "This restaurant serves delicious noodles."


def test_takes_a_query_that_begins_like_a_group(app: AppTest) -> None:
    look_at(embed(app), "Query")
    app.text_input(key="embeddings.query.text").set_value("# pasta for dinner")
    next(button for button in app.button if button.label == "Rank the texts").click().run()
    assert first_table(app)["text"][0] == "This restaurant serves delicious noodles."


def test_compares_two_models(app: AppTest) -> None:
    app.multiselect(key="embeddings.models").set_value(
        ["text-embedding-3-small", "text-embedding-ada-002"]
    ).run()
    look_at(embed(app), "Model against model")
    assert [metric.label for metric in app.metric] == ["Overlap@5", "Spearman", "Same nearest"]
    assert "Pairs that changed most" in [header.value for header in app.subheader]


def test_shortens_vectors_here(app: AppTest) -> None:
    look_at(embed(app), "Dimensions")
    before = app.metric[1].value
    app.slider(key="embeddings.length.1536").set_value(4).run()
    assert float(app.metric[1].value) < float(before)
    assert "0.02 GB" in said(app)


def test_names_the_lines_that_are_empty_or_the_same(app: AppTest) -> None:
    write(app, "a\n\nb\na")
    assert "Line 2: Empty: left out." in said(app)
    assert "Line 4: The same text as line 1: embedded once." in said(app)


def test_gives_duplicates_a_similarity_of_one(app: AppTest) -> None:
    table = first_table(look_at(embed(write(app, "a rose\nthe sea\na rose")), "Duplicates and outliers"))
    assert table["similarity"][0] == pytest.approx(1, abs=1e-5)


def test_blocks_the_button_without_a_text(app: AppTest) -> None:
    write(app, " \n")
    assert app.button(key="embeddings.start").disabled
    assert "Give at least one text" in said(app)


def test_wants_two_texts_to_compare(app: AppTest) -> None:
    assert "two texts or more" in said(embed(write(app, "alone")))


def test_takes_vectors_it_has_from_the_cache(app: AppTest) -> None:
    embed(app)
    assert "14 vectors from the cache" in said(embed(app))


def test_says_when_the_texts_have_changed_since(app: AppTest) -> None:
    write(embed(app), "one\ntwo")
    assert "have changed since" in said(app)


def test_explains_a_refusal_and_goes_on_from_there(app: AppTest, server: SandboxServer) -> None:
    server.settings.update({"faults": ["401"]})
    embed(app)
    assert "key" in app.error[0].value.lower()
    assert "No vector has arrived" in said(app)
    assert "tokens billed" in said(embed(app))
    assert not app.error


def test_keeps_a_text_from_running_as_a_formula(app: AppTest) -> None:
    table = first_table(look_at(embed(write(app, "=1+1\nplain")), "Duplicates and outliers"))
    assert set(table["text"]) == {"'=1+1", "plain"}


def test_reads_a_column_of_a_file(app: AppTest) -> None:
    app.session_state["embeddings.origin"] = "CSV file"
    app.run()
    data = b"label,text\nsky,rain\nsky,snow\n"
    app.file_uploader(key="embeddings.file").upload("texts.csv", data, "text/csv").run()
    app.selectbox(key="embeddings.column").set_value(1).run()
    app.selectbox(key="embeddings.group").set_value(0).run()
    table = first_table(look_at(embed(app), "Neighbours"))
    assert (table["text"][0], table["group"][0]) == ("snow", "sky")


def test_offers_what_went_over_the_wire(app: AppTest) -> None:
    embed(app).button(key="embeddings.inspect").click().run()
    code = " ".join(element.value for element in app.code)
    assert "client.embeddings.create(" in code
    assert '"encoding_format": "base64"' in code
    assert "numbers)" in code


def test_refuses_a_length_that_is_no_number(app: AppTest) -> None:
    app.multiselect(key="embeddings.lengths").set_value(["model's own", "many"]).run()
    assert "Not a number of dimensions: many" in said(app)


def test_colours_the_largest_groups_of_many(app: AppTest) -> None:
    write(app, "\n".join(f"# g{number}\ntext {number}\nand again {number}" for number in range(12)))
    chart = look_at(embed(app), "Map").get("vega_lite_chart")[0]
    assert "other groups" in str(chart.proto)
