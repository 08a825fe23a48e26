"""Every page draws, on the first visit and after a visit to the others."""

import pytest
from streamlit.testing.v1 import AppTest

from components.shell.navigation import PAGES, PageEntry
from tests.app.conftest import OpenPage, picker_models, select_model

every_page = pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.file)


def is_complete(app: AppTest, entry: PageEntry) -> bool:
    """Whether the page has its title, a model picker in the sidebar if it needs one, and no exception."""
    has_model = any(picker_models(app))
    titles = [element for element in app.get("html") if "<h1>" in element.proto.body]
    return not app.exception and len(titles) == 1 and has_model is entry.uses_chat_model


@every_page
def test_draws(open_page: OpenPage, entry: PageEntry) -> None:
    assert is_complete(open_page(entry.path.stem), entry)


@every_page
def test_draws_when_the_server_is_down(
    open_page: OpenPage, entry: PageEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")

    page = open_page(entry.path.stem)

    assert not page.exception
    assert "no server at this address" in page.sidebar.error[0].value


def test_draws_each_page_after_the_others(open_page: OpenPage) -> None:
    app = open_page(PAGES[0].path.stem)

    for entry in (*PAGES, *PAGES):
        assert is_complete(app.switch_page(f"../pages/{entry.file}").run(), entry)


def test_keeps_the_selected_model_on_every_page(open_page: OpenPage) -> None:
    app = open_page("chat")
    select_model(app, "gpt-4o")

    for page in ("settings", "embeddings", "chat"):
        app.switch_page(f"../pages/{page}.py").run()

    assert picker_models(app) == ["gpt-4o"]


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.title)
def test_shows_the_chat_model_and_its_price_only_where_it_is_used(
    open_page: OpenPage, entry: PageEntry
) -> None:
    page = open_page(entry.path.stem)

    is_shown = entry.title not in ("Compare", "Embeddings", "History")
    assert bool(picker_models(page)) is is_shown
    # Home leaves out the price, so that it need not wait for the price table.
    shows_price = any("per 1M" in element.proto.body for element in page.sidebar.get("html"))
    assert shows_price is (is_shown and entry.title != "Home")
