"""The Embeddings page: inputs, analyses, requests and errors."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.embeddings.point_labels import WIDTHS
from components.embeddings.session import EmbeddingSession
from core.embeddings.inputs import InputWarning
from core.sandbox.server import SandboxServer
from tests.app.conftest import OpenPage, choose_models

SESSION_KEY = f"object.{EmbeddingSession.__module__}.{EmbeddingSession.__qualname__}"
PANELS = (
    "Similarity",
    "Nearest neighbours",
    "Query",
    "Map",
    "Duplicates and outliers",
    "Distribution",
    "Dimensions",
    "Compare models",
    "Export",
)


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def app(open_page: OpenPage, server: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The app, connected to a sandbox that only this module uses."""
    server.reset()
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("OPENAI_API_KEY", server.key)
    return open_page("embeddings")


def enter(app: AppTest, text: str) -> AppTest:
    return app.text_area(key="embeddings.text").set_value(text).run()


def embed(app: AppTest) -> AppTest:
    """Press the button and rerun the page until the job has ended."""
    app.button(key="embeddings.start").click().run()
    for _ in range(100):
        if not any(button.key == "embeddings.stop" for button in app.button):
            break
        app.run()
    assert not app.exception
    return app


def open_panel(app: AppTest, panel: str) -> AppTest:
    app.session_state["embeddings.panel"] = panel
    app.run()
    assert not app.exception
    return app


def page_text(app: AppTest) -> str:
    kinds = (app.caption, app.info, app.error, app.warning, app.markdown, app.text)
    return " ".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def first_table(app: AppTest) -> Any:
    return app.dataframe[0].value


def test_starts_with_an_example_and_an_estimate_of_its_cost(app: AppTest) -> None:
    assert "오늘 날씨가" in (app.text_area(key="embeddings.text").value or "")
    assert "14 texts · about" in page_text(app)
    assert "1 request · cost not available, $0.0000033 at OpenAI's list price" in page_text(app)
    assert not app.button(key="embeddings.start").disabled


def test_embeds_the_example_and_draws_the_similarity(app: AppTest) -> None:
    embed(app)
    assert "tokens billed" in page_text(app)
    assert "not a probability" in page_text(app)
    assert app.get("vega_lite_chart")


def chart_spec(app: AppTest) -> Any:
    return json.loads(app.get("vega_lite_chart")[0].proto.spec)


def test_shows_the_values_in_the_cells_of_a_small_heatmap(app: AppTest) -> None:
    assert [layer["mark"]["type"] for layer in chart_spec(embed(app))["layer"]] == ["rect", "text"]

    enter(app, "\n".join(f"Text number {number}" for number in range(21)))

    assert [layer["mark"]["type"] for layer in chart_spec(embed(app))["layer"]] == ["rect"]


def test_aligns_the_labels_of_the_heatmap_with_its_rows(app: AppTest) -> None:
    encoding = chart_spec(embed(app))["encoding"]

    assert [encoding[axis]["axis"]["labelFlush"] for axis in "xy"] == [False, False]


def test_has_the_heatmap_as_a_table_for_a_narrow_screen(app: AppTest) -> None:
    embed(app)

    narrow = app.dataframe[1].value
    assert [*narrow.columns][:1] == ["text"]
    assert all(column.isdecimal() for column in narrow.columns[1:])
    assert len(narrow) == len(narrow.columns) - 1 == 14


def test_labels_the_points_of_a_small_map(app: AppTest) -> None:
    layers = chart_spec(open_panel(embed(app), "Map"))["layer"]

    assert {layer["mark"]["type"] for layer in layers} == {"point", "text"}


def test_says_in_a_sentence_how_many_neighbours_fewer_dimensions_keep(app: AppTest) -> None:
    open_panel(embed(app), "Dimensions")

    assert re.search(r"256 dimensions keep \d+% of the nearest neighbours\.", page_text(app))


def test_finds_the_english_text_nearest_to_the_korean_one(app: AppTest) -> None:
    table = first_table(open_panel(embed(app), "Nearest neighbours"))
    assert table["text"][0] == "The weather is lovely today."


@pytest.mark.parametrize("panel", PANELS)
def test_draws_every_panel(app: AppTest, panel: str) -> None:
    open_panel(embed(app), panel)
    assert [tab.label for tab in app.tabs][: len(PANELS)] == list(PANELS)


@pytest.mark.parametrize("panel", PANELS)
def test_draws_every_panel_for_two_models(app: AppTest, panel: str) -> None:
    choose_models(app, "embeddings.models", ["text-embedding-3-small", "text-embedding-3-large"])

    open_panel(embed(app), panel)

    assert not app.exception
    assert app.session_state["embeddings.panel"] == panel


def test_ranks_the_texts_by_a_query(app: AppTest) -> None:
    open_panel(embed(app), "Query")
    app.text_input(key="embeddings.query.text").set_value("pasta for dinner")
    next(button for button in app.button if button.label == "Rank texts").click().run()
    assert first_table(app)["text"][0] == "This restaurant serves delicious noodles."


def test_accepts_a_query_that_starts_like_a_group(app: AppTest) -> None:
    open_panel(embed(app), "Query")
    app.text_input(key="embeddings.query.text").set_value("# pasta for dinner")
    next(button for button in app.button if button.label == "Rank texts").click().run()
    assert first_table(app)["text"][0] == "This restaurant serves delicious noodles."


def test_compares_two_models(app: AppTest) -> None:
    choose_models(app, "embeddings.models", ["text-embedding-3-small", "text-embedding-ada-002"])
    open_panel(embed(app), "Compare models")
    assert [metric.label for metric in app.metric] == ["Overlap@5", "Spearman", "Same nearest neighbour"]
    assert "Pairs with the largest rank changes" in [header.value for header in app.subheader]


def test_truncates_dimensions_locally(app: AppTest) -> None:
    open_panel(embed(app), "Dimensions")
    before = app.metric[1].value
    app.slider(key="embeddings.truncate.1536").set_value(4).run()
    assert float(app.metric[1].value) < float(before)
    assert "0.02 GB" in page_text(app)


def test_warns_about_empty_and_duplicate_lines(app: AppTest) -> None:
    enter(app, "a\n\nb\na")
    assert "Line 2: Empty, skipped." in page_text(app)
    assert "Line 4: Duplicate of line 1, embedded once." in page_text(app)


def test_gives_duplicates_a_similarity_of_one(app: AppTest) -> None:
    table = first_table(open_panel(embed(enter(app, "a rose\nthe sea\na rose")), "Duplicates and outliers"))
    assert table["similarity"][0] == pytest.approx(1, abs=1e-5)


def test_disables_the_button_without_a_text(app: AppTest) -> None:
    enter(app, " \n")
    assert app.button(key="embeddings.start").disabled
    assert "Add at least one text" in page_text(app)


def test_requires_two_texts_to_compare(app: AppTest) -> None:
    assert "Add a second text" in page_text(embed(enter(app, "alone")))


def test_uses_cached_embeddings(app: AppTest) -> None:
    embed(app)
    assert "14 embeddings from the cache" in page_text(embed(app))


def test_shows_the_request_of_cached_embeddings(app: AppTest) -> None:
    embed(embed(app)).button(key="embeddings.inspect").click().run()

    assert "client.embeddings.create(" in " ".join(element.value for element in app.code)


def test_notes_that_the_texts_have_changed(app: AppTest) -> None:
    enter(embed(app), "one\ntwo")
    assert "have changed. Press Embed" in page_text(app)


def test_explains_an_error_and_can_be_retried(app: AppTest, server: SandboxServer) -> None:
    server.settings.update({"faults": ["401"]})
    embed(app)
    assert "key" in app.error[0].value.lower()
    assert "No embedding received" in page_text(app)
    assert "tokens billed" in page_text(embed(app))
    assert not app.error


def test_escapes_formulas_in_tables(app: AppTest) -> None:
    table = first_table(open_panel(embed(enter(app, "=1+1\nplain")), "Duplicates and outliers"))
    assert set(table["text"]) == {"'=1+1", "plain"}


def test_reads_the_columns_of_a_csv_file(app: AppTest) -> None:
    app.session_state["embeddings.source"] = "CSV file"
    app.run()
    data = b"label,text\nsky,rain\nsky,snow\n"
    app.file_uploader(key="embeddings.file").upload("texts.csv", data, "text/csv").run()
    app.selectbox(key="embeddings.column").set_value(1).run()
    app.selectbox(key="embeddings.group").set_value(0).run()
    table = first_table(open_panel(embed(app), "Nearest neighbours"))
    assert (table["text"][0], table["group"][0]) == ("snow", "sky")


def test_shows_code_request_and_response(app: AppTest) -> None:
    embed(app).button(key="embeddings.inspect").click().run()
    code = " ".join(element.value for element in app.code)
    assert "client.embeddings.create(" in code
    assert '"encoding_format": "base64"' in code
    assert "numbers)" in code


def test_rejects_dimensions_that_are_not_a_number(app: AppTest) -> None:
    app.multiselect(key="embeddings.dimensions").set_value(["default", "many"]).run()
    assert "Not a number of dimensions: many" in page_text(app)


def test_colours_only_the_largest_groups(app: AppTest) -> None:
    enter(app, "\n".join(f"# g{number}\ntext {number}\nand again {number}" for number in range(12)))
    chart = open_panel(embed(app), "Map").get("vega_lite_chart")[0]
    assert "other groups" in str(chart.proto)


def test_places_the_labels_of_the_map_for_each_width(app: AppTest) -> None:
    spec = chart_spec(open_panel(embed(app), "Map"))

    assert len(WIDTHS) == 3
    (label_filter, *_) = [layer["transform"][0]["filter"] for layer in spec["layer"] if "transform" in layer]
    fields = "(width < 300 ? datum.place200 : width < 520 ? datum.place300 : datum.place520)"
    assert label_filter == f"{fields} === 'right'"


def test_warns_about_texts_without_a_valid_vector(app: AppTest) -> None:
    embedding_session = embed(enter(app, "a rose\nthe sea\na sail")).session_state[SESSION_KEY]
    warning = InputWarning(2, "invalid vector", "Its vector is all zero: skipped.")
    result = embedding_session.job.result
    embedding_session.job.result = replace(result, warnings=(*result.warnings, warning))

    assert "Line 2: Its vector is all zero: skipped." in page_text(app.run())
