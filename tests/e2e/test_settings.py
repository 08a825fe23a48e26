"""The Settings page: connect to a server without revealing its key, and correct a wrong URL."""

from playwright.sync_api import Page, expect

from core.sandbox.server import SandboxServer
from tests.e2e.app_server import AppServer
from tests.servers import slow_model_server

KEY = "sk-proj-Ab3dEf6hIj9kLm2nOp5q"
_BROWSER_STORAGE = (
    "() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])"
)


def connect(page: Page, url: str, key: str) -> None:
    page.get_by_text("Another server").click()
    page.get_by_role("textbox", name="Base URL").fill(url)
    page.get_by_role("textbox", name="API key").fill(key)
    page.get_by_role("button", name="Connect").click()


def test_does_not_reveal_an_entered_key_in_page_browser_log_or_disk(
    keyless_app: AppServer, page: Page
) -> None:
    with SandboxServer(key=KEY) as server:
        page.goto(f"{keyless_app.url}/settings")
        connect(page, server.url, KEY)
        expect(page.get_by_text("Connected to").first).to_be_visible()
        expect(page.get_by_role("textbox", name="API key")).to_have_value("")

        # The attribute of the cleared input follows its value with the next drawing.
        page.wait_for_function("key => !document.documentElement.outerHTML.includes(key)", arg=KEY)
        assert KEY not in page.evaluate(_BROWSER_STORAGE)
        page.reload()
        expect(page.get_by_role("radio").first).to_be_visible()
        assert KEY not in page.content()

    assert KEY not in keyless_app.log
    assert not any(
        KEY.encode() in path.read_bytes() for path in keyless_app.data.rglob("*") if path.is_file()
    )


def test_explains_a_wrong_url_and_corrects_it_with_one_click(keyless_app: AppServer, page: Page) -> None:
    with SandboxServer(key=KEY) as server:
        page.goto(f"{keyless_app.url}/settings")
        connect(page, server.url.removesuffix("/v1"), KEY)
        expect(page.get_by_text("/v1 is missing from the base URL").first).to_be_visible()

        page.get_by_role("button", name=f"Use {server.url}").click()

        expect(page.get_by_text("Connected to").first).to_be_visible()


def test_stays_on_the_old_server_until_a_slow_one_answers(keyless_app: AppServer, page: Page) -> None:
    with slow_model_server("my-own-model") as (url, may_respond):
        page.goto(f"{keyless_app.url}/settings")
        expect(page.get_by_text("Connected to Sandbox")).to_be_visible()
        connect(page, url, "")
        expect(page.get_by_text("Connecting to http")).to_be_visible()
        expect(page.get_by_test_id("stSidebar").get_by_text("Sandbox").first).to_be_visible()

        may_respond.set()

        expect(page.get_by_text("Connected to 127.0.0.1")).to_be_visible()
        expect(page.get_by_test_id("stSidebar").get_by_text("Connected · 1 model ·")).to_be_visible()
