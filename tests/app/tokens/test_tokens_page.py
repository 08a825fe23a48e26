"""The Tokens page shows the counts of its input, and every panel draws."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.session.live_session import live_sessions
from components.session.token_session import AnalysisError, TokenSession
from components.tokens.chunking import to_jsonl
from core.tokens.chunking import split_into_chunks
from core.tokens.tokenizer import tokenise
from tests.app.conftest import select_model

PANELS = ["Statistics", "Breakdown", "Fit and cost", "Truncate", "Chunk", "Code"]


@pytest.fixture
def page() -> AppTest:
    app = AppTest.from_file("../../../components/frame.py", default_timeout=60).run()
    return app.switch_page("../pages/tokens.py").run()


def token_session() -> TokenSession:
    """Return the token session of the browser session that was opened last."""
    return list(live_sessions._sessions.values())[-1].token_session


def find(widgets: Any, label: str) -> Any:
    return next(widget for widget in widgets if widget.label == label)


def enter(page: AppTest, text: str, kind: Any = "text") -> AppTest:
    """Store *text* as the route of the token view does, and rerun the page."""
    find(page.segmented_control, "Input").set_value(kind)
    page.run()
    token_session().set_text(kind, text)
    return page.run()


def open_panel(page: AppTest, name: str) -> AppTest:
    page.session_state["tokens.panel"] = name
    page.run()
    assert not page.exception
    return page


def page_text(page: AppTest) -> str:
    kinds = (page.markdown, page.caption, page.info, page.success, page.error, page.warning)
    return " ".join(element.value for kind in kinds for element in kind)


def test_starts_with_the_count_of_an_example(page: AppTest) -> None:
    assert not page.exception
    assert "**73** tokens" in page_text(page)


@pytest.mark.parametrize("name", PANELS)
@pytest.mark.parametrize("kind", ["text", "request", "ids"])
def test_draws_every_panel_for_every_kind(page: AppTest, kind: Any, name: str) -> None:
    enter(page, token_session().texts[kind], kind)

    open_panel(page, name)

    assert not page.error


@pytest.mark.parametrize(
    ("kind", "text"),
    [("request", "[{]"), ("ids", "1 x"), ("text", ""), ("request", '[{"role": "user", "content": [3]}]')],
)
@pytest.mark.parametrize("name", PANELS)
def test_accepts_invalid_and_empty_inputs(page: AppTest, kind: Any, text: str, name: str) -> None:
    enter(page, text, kind)

    open_panel(page, name)

    assert not page.exception


def test_counts_in_the_encoding_of_the_selected_model(page: AppTest) -> None:
    enter(page, "안녕하세요")

    select_model(page, "gpt-4")

    assert "**5** tokens" in page_text(page)


def test_counts_special_tokens_as_text_unless_allowed(page: AppTest) -> None:
    enter(page, "<|endoftext|>")
    assert "**7** tokens" in page_text(page)

    find(page.toggle, "Special tokens").set_value(True).run()

    assert "**1** token ·" in page_text(page)


def test_compares_the_exact_count_to_the_estimate(page: AppTest) -> None:
    open_panel(enter(page, "Hello!"), "Breakdown")

    find(page.button, "Count exactly on the server").click().run()

    assert "exactly as estimated" in page.success[0].value


def test_converts_a_request_with_tools_and_counts_it_on_the_server(page: AppTest) -> None:
    open_panel(enter(page, token_session().texts["request"], "request"), "Breakdown")
    before = page.dataframe[0].value["Total"].sum()

    find(page.segmented_control, "API").set_value("responses").run()

    assert '"instructions": ' in token_session().texts["request"]
    table = page.dataframe[0].value
    assert list(table["Part"])[:2] == ["instructions", "1. user"]
    # Without the names of three messages.
    assert before - table["Total"].sum() == 3 * 2
    find(page.button, "Count exactly on the server").click().run()
    assert "tokens" in page.success[0].value


def test_disables_the_choice_of_the_api_for_an_invalid_request(page: AppTest) -> None:
    enter(page, '{"input": ', "request")

    assert find(page.segmented_control, "API").disabled


def test_explains_why_a_server_did_not_count(page: AppTest) -> None:
    open_panel(enter(page, '[{"role": "nobody", "content": "hello"}]', "request"), "Breakdown")

    find(page.button, "Count exactly on the server").click().run()

    assert "This server did not count" in page.info[0].value


def test_explains_an_invalid_overlap(page: AppTest) -> None:
    open_panel(enter(page, "word " * 100), "Chunk")

    find(page.number_input, "Overlap").set_value(400).run()

    assert "overlap by at most half" in page.error[0].value


def test_compares_costs_and_suggests_savings(page: AppTest) -> None:
    open_panel(enter(page, "word " * 3_000), "Fit and cost")

    assert "Use the Batch API" in page_text(page)
    assert {"gpt-6-luna", "gpt-4o"} <= set(page.dataframe[1].value["Model"])


def test_truncates_a_text_to_the_limit(page: AppTest) -> None:
    open_panel(enter(page, "one two three four five six"), "Truncate")

    find(page.number_input, "Max tokens").set_value(2).run()

    assert page.code[0].value == "one two"


def test_shows_which_messages_would_be_dropped(page: AppTest) -> None:
    open_panel(enter(page, token_session().texts["request"], "request"), "Truncate")

    find(page.number_input, "Max tokens").set_value(110).run()

    assert "messages are dropped" in page_text(page)


def test_splits_into_chunks(page: AppTest) -> None:
    open_panel(enter(page, "word " * 1_000), "Chunk")

    assert page.dataframe[0].value["Tokens"].max() <= 500


@pytest.mark.parametrize(
    ("kind", "name", "result"),
    [
        ("text", "Statistics", "statistics"),
        ("request", "Breakdown", "breakdown"),
        ("text", "Fit and cost", "counts"),
        ("text", "Truncate", "truncate"),
        ("request", "Truncate", "trim"),
        ("text", "Chunk", "chunk"),
    ],
)
def test_computes_a_panel_once_for_the_same_input(page: AppTest, kind: Any, name: str, result: str) -> None:
    open_panel(enter(page, token_session().texts[kind], kind), name)
    computed = token_session().panel_cache._results[result]

    page.run()

    assert token_session().panel_cache._results[result] is computed


def test_returns_all_chunks_for_every_download() -> None:
    chunks = split_into_chunks(tokenise("word " * 40, "o200k_base"), 16)

    assert to_jsonl(chunks) == to_jsonl(chunks)
    assert to_jsonl(chunks).count(b"\n") == len(chunks) - 1 == 2


def test_explains_why_a_request_cannot_be_parsed(page: AppTest) -> None:
    enter(page, '[{"role"', "request")

    analysis = token_session().analysis()

    assert isinstance(analysis, AnalysisError)
    assert "Invalid JSON" in analysis.title
