"""Links that are drawn as HTML open a page like Streamlit's own: in the same document and session."""

from playwright.sync_api import Page, expect

from tests.e2e.app_server import AppServer


def _heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name, exact=True, level=1)).to_be_visible()


def test_opens_the_page_of_a_card_without_a_new_document(app: AppServer, page: Page) -> None:
    page.goto(app.url)
    page.evaluate("window.isSameDocument = true")

    page.get_by_role("link", name="Tokens See how text is split").click()

    _heading(page, "Tokens")
    assert page.url == f"{app.url}/tokens"
    page.go_back()
    _heading(page, "OpenAI SDK Playground")
    assert page.evaluate("window.isSameDocument")


def test_opens_a_new_tab_with_a_modifier_key(app: AppServer, page: Page) -> None:
    page.goto(app.url)

    with page.context.expect_page() as tab:
        page.get_by_role("link", name="Tokens See how text is split").click(modifiers=["ControlOrMeta"])

    _heading(tab.value, "Tokens")
    _heading(page, "OpenAI SDK Playground")


def test_opens_a_page_with_the_keyboard(app: AppServer, page: Page) -> None:
    page.goto(app.url)

    page.get_by_role("link", name="Settings Choose the server").press("Enter")

    _heading(page, "Settings")
    expect(page.get_by_role("link", name="Settings", exact=True)).to_have_attribute("aria-current", "page")
