"""The list of models is searched by typing, and chosen from by the keyboard."""

from playwright.sync_api import expect

from tests.e2e.pages import ChatPage


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
