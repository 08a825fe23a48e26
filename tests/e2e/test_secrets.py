"""The browser sends requests only to the app, whatever a reply contains."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from components.asgi.security import CONTENT_SECURITY_POLICY
from components.shell.navigation import PAGES, PageEntry
from tests.e2e.app_server import AppServer, running_app, serve_responses
from tests.e2e.pages import ChatPage, settle
from tests.servers import MODELS, by_path, chunk, event_stream, http_response

REMOTE_IMAGES = (
    "Look here: ![a](http://evil.example/a.png) <img src=http://evil.example/b.png> "
    "![c][c]\n\n[c]: //evil.example/c.png\n\n"
    "```mermaid\nflowchart LR\nA@{ img: 'http://evil.example/d.png' }\n```"
)


def third_party_requests(page: Page, home: str) -> list[str]:
    """A list to which each URL outside *home* is added that the page requests."""
    urls: list[str] = []

    def record(request: Request) -> None:
        if not request.url.startswith((home, home.replace("http", "ws"), "data:", "blob:")):
            urls.append(request.url)

    page.on("request", record)
    page.on("websocket", lambda socket: None if home[4:] in socket.url else urls.append(socket.url))
    return urls


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.file)
def test_sends_requests_only_to_the_app(page: Page, app: AppServer, entry: PageEntry) -> None:
    third_party = third_party_requests(page, app.url)

    page.goto(f"{app.url}/{'' if entry is PAGES[0] else entry.path.stem}")
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_be_visible()

    assert third_party == []


def test_does_not_fetch_images_of_a_reply(page: Page, tmp_path: Path) -> None:
    answers = {
        "/v1/models": http_response(MODELS),
        "/v1/chat/completions": event_stream(chunk(REMOTE_IMAGES), chunk(None, "stop")),
    }
    with (
        serve_responses(by_path(answers)) as upstream,
        running_app(tmp_path, {"OPENAI_BASE_URL": upstream.url}) as app,
    ):
        third_party = third_party_requests(page, app.url)

        chat = ChatPage(page, app.url).open().ask("Show me a picture").wait_for_end()
        expect(chat.text).to_contain_text("Look here")
        page.reload()
        expect(chat.text).to_contain_text("Look here")

        assert third_party == []
        expect(page.locator("article img")).to_have_count(0)


def test_enforces_the_content_security_policy(page: Page, app: AppServer) -> None:
    answer = page.goto(app.url)

    assert answer
    assert answer.header_value("content-security-policy") == CONTENT_SECURITY_POLICY
    assert page.evaluate(_LOAD_IMAGE) == "blocked"


_LOAD_IMAGE = """() => new Promise((resolve) => {
  document.addEventListener("securitypolicyviolation", () => resolve("blocked"));
  const image = document.createElement("img");
  image.onload = () => resolve("loaded");
  image.src = "http://evil.example/pixel.png";
})"""


def test_logs_no_console_errors(page: Page, app: AppServer) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)

    ChatPage(page, app.url).open().ask("Good morning").wait_for_end()

    assert [
        error for error in errors if "404" not in error
    ] == []  # Streamlit requests its health route below /chat
