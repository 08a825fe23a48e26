"""Images and a model that does not support them: they are not sent, and the page says why."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.live.actions import attach, composer, thumbnails, wait_for_end
from tests.e2e.live.stub import LiveStub

REASON = "o3-mini does not support images."
# Dispatches the event with a file, and with text if any; returns whether the default action is allowed.
TRANSFER_FILE = """(node, [type, text]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File(["x"], "dot.png", { type: "image/png" }));
  if (text) transfer.items.add(text, "text/plain");
  const init = { bubbles: true, composed: true, cancelable: true };
  const event = type === "paste" ? new ClipboardEvent(type, { ...init, clipboardData: transfer })
    : new DragEvent(type, { ...init, dataTransfer: transfer });
  return node.dispatchEvent(event);
}"""


@pytest.fixture
def text_model_page(page: Page, url: str, stub: LiveStub) -> Page:
    """The chat with a model that does not support images."""
    stub.data |= {"model": "o3-mini", "supports_images": False}
    page.goto(url)
    return page


def switch_to_text_model(page: Page) -> None:
    page.evaluate("void window.mountWith({ ...window.liveData, model: 'o3-mini', supports_images: false })")


def test_says_why_images_cannot_be_attached(text_model_page: Page) -> None:
    button = text_model_page.get_by_role("button", name=f"Attach images: {REASON}")

    expect(button).to_be_disabled()
    expect(button).to_have_attribute("title", f"Attach images: {REASON}")


@pytest.mark.parametrize("place", ["textarea", ".transcript"])
def test_rejects_a_dropped_file_and_stays_on_the_page(text_model_page: Page, place: str) -> None:
    allowed = [
        text_model_page.locator(place).first.evaluate(TRANSFER_FILE, [kind, ""])
        for kind in ("dragover", "drop")
    ]

    assert allowed == [False, False]
    expect(text_model_page.get_by_role("alert")).to_have_text(REASON)


@pytest.mark.parametrize(("text", "allowed"), [("", False), ("words", True)], ids=["alone", "with text"])
def test_rejects_a_pasted_image_but_not_its_text(text_model_page: Page, text: str, allowed: bool) -> None:
    assert composer(text_model_page).evaluate(TRANSFER_FILE, ["paste", text]) is allowed

    expect(text_model_page.get_by_role("alert")).to_have_text(REASON)


def test_keeps_attached_images_but_sends_only_without_them(
    page: Page, url: str, stub: LiveStub, tmp_path: Path
) -> None:
    page.goto(url)
    attach(page, tmp_path, ["dot.png"])
    switch_to_text_model(page)
    composer(page).fill("what is this?")
    expect(page.locator(".thumbnails.rejected")).to_contain_text(REASON)

    composer(page).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Remove the images or choose another model.")
    expect(composer(page)).to_have_value("what is this?")
    assert stub.sends == []

    page.get_by_role("button", name="Remove dot.png").click()
    composer(page).press("Enter")
    wait_for_end(page)
    assert stub.sends[0]["images"] == []


def test_sends_the_images_when_the_model_supports_them_again(
    page: Page, url: str, stub: LiveStub, tmp_path: Path
) -> None:
    page.goto(url)
    attach(page, tmp_path, ["dot.png"])
    switch_to_text_model(page)
    page.evaluate("void window.mountWith(window.liveData)")
    expect(thumbnails(page)).to_have_count(1)

    page.get_by_role("button", name="Send", exact=True).click()
    wait_for_end(page)

    assert len(stub.sends[0]["images"]) == 1
