"""The Tokens page: its figures are those of what is on the sheet, and every panel draws."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.session.live_session import live_sessions
from components.session.token_session import AnalysisError, TokenSession
from components.tokens.chunking import to_jsonl
from core.tokens.chunking import split_into_chunks
from core.tokens.tokenizer import tokenise

PANELS = ["Statistics", "Overhead", "Fit and cost", "Trim", "Split", "Code"]


@pytest.fixture
def page() -> AppTest:
    app = AppTest.from_file("../../../components/frame.py", default_timeout=60).run()
    return app.switch_page("../pages/tokens.py").run()


def sheet() -> TokenSession:
    """The sheet of the session opened last."""
    return list(live_sessions._sessions.values())[-1].token_session


def find(widgets: Any, label: str) -> Any:
    return next(widget for widget in widgets if widget.label == label)


def write(page: AppTest, text: str, kind: Any = "text") -> AppTest:
    """Type *text*, as the view's route would take it over."""
    find(page.segmented_control, "Count").set_value(kind)
    page.run()
    sheet().set_text(kind, text)
    return page.run()


def open_panel(page: AppTest, name: str) -> AppTest:
    page.session_state["tokens.panel"] = name
    page.run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    kinds = (page.markdown, page.caption, page.info, page.success, page.error, page.warning)
    return " ".join(element.value for kind in kinds for element in kind)


def test_begins_with_an_example_counted(page: AppTest) -> None:
    assert not page.exception
    assert "**73** tokens" in said(page)


@pytest.mark.parametrize("name", PANELS)
@pytest.mark.parametrize("kind", ["text", "request", "ids"])
def test_draws_every_panel_for_every_kind(page: AppTest, kind: Any, name: str) -> None:
    write(page, sheet().texts[kind], kind)

    open_panel(page, name)

    assert not page.error


@pytest.mark.parametrize(
    ("kind", "text"),
    [("request", "[{]"), ("ids", "1 x"), ("text", ""), ("request", '[{"role": "user", "content": [3]}]')],
)
@pytest.mark.parametrize("name", PANELS)
def test_breaks_on_nothing_typed(page: AppTest, kind: Any, text: str, name: str) -> None:
    write(page, text, kind)

    open_panel(page, name)

    assert not page.exception


def test_counts_by_the_encoding_of_the_chosen_model(page: AppTest) -> None:
    write(page, "안녕하세요")

    find(page.selectbox, "Model").set_value("gpt-4").run()

    assert "**5** tokens" in said(page)


def test_keeps_special_tokens_text_until_asked(page: AppTest) -> None:
    write(page, "<|endoftext|>")
    assert "**7** tokens" in said(page)

    find(page.toggle, "Special tokens").set_value(True).run()

    assert "**1** tokens" in said(page)


def test_shows_the_exact_count_beside_the_estimate(page: AppTest) -> None:
    open_panel(write(page, "Hello!"), "Overhead")

    find(page.button, "Count exactly on the server").click().run()

    assert "exactly as estimated" in page.success[0].value


def test_counts_the_messages_where_the_server_counts_no_tools(page: AppTest) -> None:
    open_panel(write(page, sheet().texts["request"], "request"), "Overhead")

    find(page.button, "Count exactly on the server").click().run()

    assert "tokens" in page.success[0].value


def test_says_why_a_server_did_not_count(page: AppTest) -> None:
    open_panel(write(page, '[{"role": "nobody", "content": "hello"}]', "request"), "Overhead")

    find(page.button, "Count exactly on the server").click().run()

    assert "This server did not count" in page.info[0].value


def test_says_which_chunks_cannot_be(page: AppTest) -> None:
    open_panel(write(page, "word " * 100), "Split")

    find(page.number_input, "Overlap").set_value(400).run()

    assert "share at most half" in page.error[0].value


def test_compares_costs_and_advises(page: AppTest) -> None:
    open_panel(write(page, "word " * 3_000), "Fit and cost")

    assert "Send them as a batch" in said(page)
    assert {"gpt-6-luna", "gpt-4o"} <= set(page.dataframe[1].value["Model"])


def test_trims_to_what_was_asked_for(page: AppTest) -> None:
    open_panel(write(page, "one two three four five six"), "Trim")

    find(page.number_input, "At most so many tokens").set_value(2).run()

    assert page.code[0].value == "one two"


def test_shows_which_messages_would_be_left_out(page: AppTest) -> None:
    open_panel(write(page, sheet().texts["request"], "request"), "Trim")

    find(page.number_input, "At most so many tokens").set_value(110).run()

    assert "messages are left out" in said(page)


def test_splits_into_chunks(page: AppTest) -> None:
    open_panel(write(page, "word " * 1_000), "Split")

    assert page.dataframe[0].value["Tokens"].max() <= 500


def test_has_all_chunks_in_every_download() -> None:
    chunks = list(split_into_chunks(tokenise("word " * 40, "o200k_base"), 16))

    assert to_jsonl(chunks) == to_jsonl(chunks)
    assert to_jsonl(chunks).count(b"\n") == len(chunks) - 1 == 2


def test_says_why_a_request_cannot_be_read(page: AppTest) -> None:
    write(page, '[{"role"', "request")

    reading = sheet().analysis()

    assert isinstance(reading, AnalysisError)
    assert "Invalid JSON" in reading.title
