"""The Vision page: add images, see what the model receives, ask, and compare."""

import base64
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.e2e.app_server import AppServer, Upstream, wait_until
from tests.e2e.pages import settle
from tests.e2e.test_themes import serious_violations
from tests.unit.images import sample_images

PASTE = """(data) => {
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([bytes], "pasted.png", { type: "image/png" }));
  document.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def vision(page: Page, app: AppServer) -> Page:
    """The Vision page with its example."""
    page.goto(f"{app.url}/vision")
    expect(thumbnail(page, 1)).to_be_visible()
    settle(page)
    return page


def thumbnail(page: Page, number: int) -> Locator:
    return page.get_by_role("img", name=f"Image {number}: ")


def preview_image(page: Page, name: str) -> Locator:
    """The image as the model receives it."""
    return page.get_by_role("img", name=re.compile(f"^{re.escape(name)} as .* sees it"))


def replies(page: Page) -> Locator:
    return page.locator("article[data-role=assistant]")


def upload(page: Page, name: str, raw: bytes) -> None:
    payload: FilePayload = {"name": name, "mimeType": "application/octet-stream", "buffer": raw}
    page.locator("input[type=file]").set_input_files(payload)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def test_replies_to_one_click_and_compares_estimate_and_usage(vision: Page) -> None:
    press(vision, "Ask")

    expect(replies(vision)).to_contain_text("a chart or a diagram")
    expect(vision.get_by_text("estimated 1,140, billed 1,140 tokens, as estimated")).to_be_visible()


def test_rotates_a_photo_and_removes_its_location(vision: Page) -> None:
    upload(vision, "home.jpg", sample_images.photo_with_location())

    expect(vision.get_by_text("Location found in home.jpg")).to_be_visible()
    expect(preview_image(vision, "home.jpg")).to_be_visible()


def test_accepts_a_pasted_image(vision: Page) -> None:
    vision.evaluate(PASTE, base64.b64encode(sample_images.solid_image("PNG", (64, 64))).decode())

    expect(preview_image(vision, "pasted.png")).to_be_visible()
    expect(vision.get_by_text("64 × 64 px")).to_be_visible()


def test_suggests_another_format_for_an_unsupported_photo(vision: Page) -> None:
    upload(vision, "trip.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")

    expect(vision.get_by_role("alert")).to_contain_text("Save it as JPEG or PNG")


def test_compares_two_detail_levels_and_asks_a_follow_up(vision: Page) -> None:
    press(vision, "Compare low and high")
    expect(vision.get_by_text("billed 212 tokens")).to_be_visible()
    expect(vision.get_by_text("billed 1,140 tokens")).to_be_visible()

    vision.get_by_role("textbox", name="Question").fill("How large is the image?")
    press(vision, "Ask")

    expect(replies(vision)).to_have_count(3)
    expect(replies(vision).first).to_contain_text("1,200×800 px")


def test_shows_metrics_of_a_comparison_as_wide_as_their_column(vision: Page) -> None:
    vision.set_viewport_size({"width": 1280, "height": 900})

    press(vision, "Compare low and high")

    metrics = vision.get_by_role("list", name="Reply metrics")
    expect(metrics).to_have_count(2)
    for row in metrics.all():
        assert row.evaluate("row => row.offsetWidth > 0.7 * row.closest('article').offsetWidth")


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (1440, 900), (390, 844)])
def test_shows_the_answer_in_view(vision: Page, width: int, height: int) -> None:
    vision.set_viewport_size({"width": width, "height": height})

    press(vision, "Ask")

    expect(replies(vision).get_by_text("a chart or a diagram")).to_be_in_viewport()
    press(vision, "Compare low and high")
    expect(replies(vision)).to_have_count(3)
    expect(replies(vision).first.get_by_text("a chart or a diagram")).to_be_in_viewport()


def test_offers_the_image_beside_the_code(vision: Page, tmp_path: Path) -> None:
    press(vision, "Code")
    dialog = vision.get_by_role("dialog")
    expect(dialog).to_contain_text('Path("chart.png")')

    with vision.expect_download() as download:
        dialog.get_by_role("button", name="chart.png").first.click()
    download.value.save_as(tmp_path / download.value.suggested_filename)

    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_has_no_serious_violation_with_replies_and_a_warning(vision: Page, scheme: Any) -> None:
    vision.emulate_media(color_scheme=scheme)
    upload(vision, "home.jpg", sample_images.photo_with_location())
    expect(preview_image(vision, "home.jpg")).to_be_visible()
    press(vision, "Compare low and high")
    expect(replies(vision)).to_have_count(2)
    expect(vision.get_by_text("as estimated")).to_have_count(2)
    settle(vision)

    assert serious_violations(vision) == []


def test_asks_with_the_keyboard_by_the_responses_api(vision: Page) -> None:
    vision.get_by_role("button", name="Settings", exact=True).click()
    vision.get_by_role("radio", name="Responses", exact=True).click()
    vision.keyboard.press("Escape")
    expect(vision.get_by_role("button", name="Settings: Responses")).to_be_visible()
    settle(vision)
    question = vision.get_by_role("textbox", name="Question")
    question.fill("How large is it?")
    question.press("Control+Enter")
    expect(replies(vision)).to_contain_text("1,200×800 px")

    vision.get_by_role("button", name="Request details").click()
    dialog = vision.get_by_role("dialog")
    expect(dialog).to_contain_text("client.responses.create(")
    dialog.get_by_role("tab", name="Request").click()

    expect(dialog).to_contain_text("/v1/responses")
    expect(dialog).to_contain_text("input_image")


def test_stops_a_reply_and_keeps_its_text(vision: Page, upstream: Upstream) -> None:
    upstream.set_latency("ttft=0.1,tps=5")
    press(vision, "Ask")
    expect(replies(vision)).to_contain_text("I received")

    press(vision, "Stop")

    expect(replies(vision)).to_contain_text("Stopped by you")
    wait_until(lambda: bool(upstream.replies()[0]["disconnected"]))


def test_keeps_the_replies_while_another_page_is_visited(vision: Page) -> None:
    press(vision, "Ask")
    expect(replies(vision)).to_contain_text("a chart or a diagram")
    settle(vision)

    vision.get_by_role("link", name="Settings", exact=True).click()
    expect(vision.get_by_role("heading", name="Settings", exact=True)).to_be_visible()
    vision.get_by_role("link", name="Vision", exact=True).click()

    expect(replies(vision)).to_contain_text("a chart or a diagram")


def test_explains_a_server_error(vision: Page, upstream: Upstream) -> None:
    upstream.fail("401")

    press(vision, "Ask")

    expect(replies(vision).locator(".error")).to_be_visible()


def test_accepts_an_image_of_twelve_megapixels(vision: Page, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(sample_images.solid_image("JPEG", (4032, 3024)))

    vision.locator("input[type=file]").set_input_files(photo)

    expect(preview_image(vision, "photo.jpg")).to_be_visible()
    expect(vision.get_by_text("14,364 tokens")).to_be_visible()
