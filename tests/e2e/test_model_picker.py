"""The list of models is searched by typing, and chosen from by the keyboard."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.app_server import AppServer
from tests.e2e.pages import ChatPage, settle
from tests.e2e.test_themes import serious_violations


def test_is_searched_and_chosen_from_by_keyboard(chat: ChatPage) -> None:
    page = chat.page
    field = page.get_by_role("button", name="Model:")
    field.press("ArrowDown")
    search = page.get_by_role("combobox", name="Search models")
    expect(search).to_be_focused()

    search.fill("4o mini")
    option = page.get_by_role("option", name="gpt-4o-mini, $0.15 input, $0.60 output per 1M tokens")
    expect(option).to_contain_text("Shuts down")
    search.press("Enter")

    expect(search).to_be_hidden()
    expect(field).to_be_focused()
    expect(page.locator(".composer .model")).to_contain_text("gpt-4o-mini")


def test_takes_the_id_of_a_model_that_is_not_listed(chat: ChatPage) -> None:
    page = chat.page
    page.get_by_role("button", name="Model:").click()
    page.get_by_role("combobox", name="Search models").fill("my-own-model")
    page.get_by_role("option", name="my-own-model, Use this model ID").click()

    expect(page.locator(".composer .model")).to_contain_text("my-own-model")
    expect(page.get_by_role("button", name="Model: my-own-model")).to_be_visible()


def test_selects_several_embedding_models_until_it_is_closed(page: Page, app: AppServer) -> None:
    page.goto(f"{app.url}/embeddings")
    settle(page)
    field = page.get_by_role("button", name="Models: text-embedding-3-small")
    field.press("ArrowDown")
    large = page.get_by_role("option", name="text-embedding-3-large, $0.13 per 1M tokens, 3,072 Dimensions")
    search = page.get_by_role("combobox", name="Search models")
    search.fill("large")
    expect(large).to_have_attribute("aria-selected", "false")

    search.press("Enter")
    expect(large).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("status").filter(has_text="2 of at most 4 selected")).to_be_visible()
    search.press("Escape")

    expect(
        page.get_by_role("button", name="Models: text-embedding-3-small, text-embedding-3-large")
    ).to_be_focused()
    expect(page.get_by_text("2 requests · ")).to_be_visible()


def test_stops_at_the_limit_and_unselects_a_model_that_is_not_listed(page: Page, app: AppServer) -> None:
    page.goto(f"{app.url}/embeddings")
    settle(page)
    page.get_by_role("button", name="Models:").click()
    search = page.get_by_role("combobox", name="Search models")
    for model in ("my-embed-1", "my-embed-2", "my-embed-3"):
        search.fill(model)
        search.press("Enter")
    search.fill("")
    ada = page.get_by_role("option", name="text-embedding-ada-002")
    expect(ada).to_be_disabled()
    ada.click(force=True)
    expect(ada).to_have_attribute("aria-selected", "false")

    page.get_by_role("option", name="my-embed-2, Not in the list of the server").click()
    ada.click()
    search.press("Escape")

    models = "text-embedding-3-small, my-embed-1, my-embed-3, text-embedding-ada-002"
    expect(page.get_by_role("button", name=f"Models: {models}")).to_be_visible()


def test_offers_no_model_and_says_which_cannot_be_chosen(page: Page, app: AppServer) -> None:
    page.goto(f"{app.url}/tools")
    settle(page)
    page.get_by_role("button", name="Settings", exact=True).click()
    field = page.get_by_role("button", name="The same loop on another model: None")
    field.click()
    expect(page.get_by_role("option", name="gpt-6-luna").filter(has_text="Already selected")).to_be_disabled()
    search = page.get_by_role("combobox", name="Search models")
    search.fill("4o mini")
    search.press("Enter")
    chosen = page.get_by_role("button", name="The same loop on another model: gpt-4o-mini")
    expect(chosen).to_be_focused()

    chosen.click()
    page.get_by_role("option", name="None", exact=True).click()

    expect(field).to_be_focused()


def test_is_searched_by_capability_and_end(chat: ChatPage) -> None:
    page = chat.page
    page.get_by_role("button", name="Model:").click()
    search = page.get_by_role("combobox", name="Search models")
    options = page.get_by_role("option")
    expect(options).not_to_have_count(1)

    search.fill("shuts down")
    expect(options.first).to_contain_text("Shuts down on")
    search.fill("responses api")
    expect(options.first).to_contain_text("Tools (Responses API)")


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_has_no_serious_accessibility_problem(chat: ChatPage, color_scheme: str) -> None:
    page = chat.page
    page.emulate_media(color_scheme="dark" if color_scheme == "dark" else "light")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{chat.url}/embeddings")
    settle(page)
    page.get_by_role("button", name="Models:").click()
    expect(page.get_by_role("option")).not_to_have_count(0)

    assert serious_violations(page) == []
