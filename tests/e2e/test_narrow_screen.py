"""On a phone, the pages leave the screen to what a user came for."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.app_server import AppServer
from tests.e2e.pages import ChatPage, settle

PHONE = {"width": 390, "height": 844}
IS_TABLE_ABOVE_SCHEMA = """() => {
  const table = document.querySelector("table");
  const schema = document.querySelector('[aria-label="Pydantic of the schema"]');
  return table && schema && table.getBoundingClientRect().bottom < schema.getBoundingClientRect().top;
}"""


@pytest.fixture
def phone(page: Page) -> Page:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    return page


def test_keeps_the_header_of_chat_in_one_row(phone: Page, app: AppServer) -> None:
    chat = ChatPage(phone, app.url).open()
    settle(phone)

    title = phone.get_by_role("heading", name="Chat", exact=True).bounding_box()
    toolbar = phone.locator(".st-key-toolbar").bounding_box()

    assert title
    assert toolbar
    assert abs(title["y"] + title["height"] / 2 - toolbar["y"] - toolbar["height"] / 2) < 20
    assert toolbar["y"] + toolbar["height"] < 120
    expect(chat.composer).to_be_in_viewport()


@pytest.mark.parametrize("width", [360, 390, 560])
def test_labels_every_button_of_the_toolbar_of_chat(page: Page, app: AppServer, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    ChatPage(page, app.url).open()
    settle(page)
    toolbar = page.locator(".st-key-toolbar")

    for label in ("More", "Stream", "Parameters", "Context"):
        expect(toolbar.get_by_text(label, exact=True)).to_be_in_viewport(ratio=1)

    boxes = [button.bounding_box() for button in toolbar.get_by_role("button").all() if button.is_visible()]
    assert len({round(box["y"]) for box in boxes if box}) == 1


def test_shows_the_similarity_of_texts_as_a_table(phone: Page, app: AppServer) -> None:
    phone.goto(f"{app.url}/embeddings")
    phone.locator(".st-key-embeddings-start button").click()

    expect(phone.locator(".st-key-embeddings-matrix-narrow [data-testid=stDataFrame]")).to_be_visible()
    expect(phone.locator(".st-key-embeddings-matrix-wide")).to_be_hidden()


def test_shows_all_latencies_of_the_sandbox_without_scrolling(phone: Page, keyless_app: AppServer) -> None:
    phone.goto(f"{keyless_app.url}/settings")
    latencies = phone.get_by_role("radiogroup", name="Latency")

    expect(latencies).to_be_visible()

    settle(phone)
    assert latencies.evaluate("group => group.scrollWidth <= group.clientWidth")


def test_shows_the_whole_composer_when_zoomed_to_200_percent(page: Page, app: AppServer) -> None:
    page.set_viewport_size({"width": 640, "height": 450})  # 1280 by 900 pixels
    chat = ChatPage(page, app.url).open()
    settle(page)

    expect(chat.send_button).to_be_in_viewport(ratio=1)


def test_extracts_above_the_schema_without_scrolling(phone: Page, app: AppServer) -> None:
    phone.goto(f"{app.url}/extractor")
    extract = phone.locator(".st-key-extractor-start button")
    expect(extract).to_be_in_viewport(ratio=1)
    extract.click()

    expect(phone.get_by_text("Valid").first).to_be_in_viewport()
    # At the end of the reply, the page draws the table once more. Measured at once, since it may scroll.
    expect(phone.get_by_role("button", name="Save row")).to_be_visible()
    phone.wait_for_function(IS_TABLE_ABOVE_SCHEMA)
