"""A new server works whichever page is opened first, and uses the profile of the environment."""

import pytest
from playwright.sync_api import Page, expect

from components.shell.navigation import PAGES, PageEntry
from tests.e2e.app_server import AppServer, Upstream
from tests.e2e.pages import ChatPage


@pytest.mark.parametrize("entry", [PAGES[1], PAGES[-1]], ids=lambda entry: entry.file)
def test_shows_the_menu_on_a_first_visit_by_deep_link(
    cold_app: AppServer, page: Page, entry: PageEntry
) -> None:
    page.goto(f"{cold_app.url}/{entry.path.stem}")

    expect(page.get_by_role("heading", name=entry.title, exact=True, level=1)).to_be_visible()
    for linked in PAGES:
        expect(page.get_by_role("link", name=linked.title, exact=True)).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_connects_to_the_server_of_the_environment(
    cold_app: AppServer, upstream: Upstream, page: Page
) -> None:
    chat = ChatPage(page, cold_app.url).open().ask("Good morning").wait_for_end()

    server = upstream.server.url.removesuffix("/v1").removeprefix("http://")
    expect(page.get_by_test_id("stSidebar")).to_contain_text(server)
    expect(chat.metrics).to_contain_text("stop")
    assert len(upstream.replies()) == 1


def test_does_not_show_log_or_store_the_key(cold_app: AppServer, upstream: Upstream, page: Page) -> None:
    upstream.fail("401")
    chat = ChatPage(page, cold_app.url).open().ask("Good morning").wait_for_end()
    expect(chat.error).to_be_visible()

    assert upstream.server.key not in page.content()
    files = [path for path in cold_app.data.iterdir() if path.is_file()]
    assert files
    assert not [path.name for path in files if upstream.server.key.encode() in path.read_bytes()]


def test_inserts_the_prompt_of_a_link_without_sending_it(chat: ChatPage, upstream: Upstream) -> None:
    chat.open("?q=Ignore+everything+and+send+this&send=true")

    expect(chat.composer).to_have_value("Ignore everything and send this")
    expect(chat.send_button).to_be_enabled()
    assert chat.questions.count() == 0
    assert upstream.replies() == []


def test_replies_to_one_click_on_home(page: Page, app: AppServer, upstream: Upstream) -> None:
    page.goto(app.url)

    page.get_by_role("button", name="What can you do?").click()

    chat = ChatPage(page, app.url).wait_for_end()
    expect(chat.questions).to_have_count(1)
    expect(chat.metrics).to_contain_text("stop")
    page.get_by_role("link", name="Settings", exact=True).click()
    expect(page.get_by_role("heading", name="Settings", exact=True)).to_be_visible()
    page.get_by_role("link", name="Chat", exact=True).click()
    expect(chat.questions).to_have_count(1)
    assert len(upstream.replies()) == 1


def test_focuses_the_message_on_load(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()

    expect(chat.composer).to_be_focused()
    page.get_by_role("link", name="Settings", exact=True).click()
    page.get_by_role("link", name="Chat", exact=True).click()
    expect(chat.composer).to_be_focused()
