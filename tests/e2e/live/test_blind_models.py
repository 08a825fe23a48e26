"""Images and a model that cannot see: nothing is sent silently, and the page says why."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.live.actions import attach, composer, thumbs, wait_for_end
from tests.e2e.live.stub import LiveStub

REASON = "o3-mini does not support images."
# Dispatches the event with a file, and with text if any; returns whether the browser may still act on it.
OFFER = """(node, [type, text]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File(["x"], "dot.png", { type: "image/png" }));
  if (text) transfer.items.add(text, "text/plain");
  const init = { bubbles: true, composed: true, cancelable: true };
  const event = type === "paste" ? new ClipboardEvent(type, { ...init, clipboardData: transfer })
    : new DragEvent(type, { ...init, dataTransfer: transfer });
  return node.dispatchEvent(event);
}"""


@pytest.fixture
def blind(page: Page, url: str, stub: LiveStub) -> Page:
    """The chat with a model that takes no images."""
    stub.data |= {"model": "o3-mini", "can_see": False}
    page.goto(url)
    return page


def switch_to_blind(page: Page) -> None:
    page.evaluate("void window.mountWith({ ...window.liveData, model: 'o3-mini', can_see: false })")


def test_says_why_nothing_can_be_attached(blind: Page) -> None:
    button = blind.get_by_role("button", name=f"Attach images: {REASON}")

    expect(button).to_be_disabled()
    expect(button).to_have_attribute("title", f"Attach images: {REASON}")


@pytest.mark.parametrize("place", ["textarea", ".transcript"])
def test_refuses_a_dropped_file_and_stays_on_the_page(blind: Page, place: str) -> None:
    allowed = [blind.locator(place).first.evaluate(OFFER, [kind, ""]) for kind in ("dragover", "drop")]

    assert allowed == [False, False]
    expect(blind.get_by_role("alert")).to_have_text(REASON)


@pytest.mark.parametrize(("text", "allowed"), [("", False), ("words", True)], ids=["alone", "with text"])
def test_refuses_a_pasted_picture_but_not_its_text(blind: Page, text: str, allowed: bool) -> None:
    assert composer(blind).evaluate(OFFER, ["paste", text]) is allowed

    expect(blind.get_by_role("alert")).to_have_text(REASON)


def test_keeps_images_of_before_but_sends_only_without_them(
    page: Page, url: str, stub: LiveStub, tmp_path: Path
) -> None:
    page.goto(url)
    attach(page, tmp_path, ["dot.png"])
    switch_to_blind(page)
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


def test_sends_the_images_when_the_model_sees_again(
    page: Page, url: str, stub: LiveStub, tmp_path: Path
) -> None:
    page.goto(url)
    attach(page, tmp_path, ["dot.png"])
    switch_to_blind(page)
    page.evaluate("void window.mountWith(window.liveData)")
    expect(thumbs(page)).to_have_count(1)

    page.get_by_role("button", name="Send", exact=True).click()
    wait_for_end(page)

    assert len(stub.sends[0]["images"]) == 1
