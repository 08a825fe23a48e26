"""The Embeddings page: embed the example, compare models, embed many texts, handle errors."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.app_server import AppServer, Upstream
from tests.e2e.pages import settle


class EmbeddingsPage:
    """The Embeddings page of the app at *url*."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        page.goto(f"{url}/embeddings")
        expect(self.button).to_be_enabled()
        settle(page)

    @property
    def button(self) -> Locator:
        return self.page.locator(".st-key-embeddings-start button")

    @property
    def chart(self) -> Locator:
        return self.page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first

    def embed(self) -> None:
        self.button.click()

    def open_tab(self, view: str) -> None:
        self.page.get_by_role("tab", name=view, exact=True).click()
        settle(self.page)


@pytest.fixture
def embeddings(page: Page, app: AppServer) -> EmbeddingsPage:
    return EmbeddingsPage(page, app.url)


@pytest.fixture
def browser_errors(page: Page) -> list[str]:
    """The errors that the browser reports, blocked scripts among them."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda log: errors.append(log.text) if "Content Security" in log.text else None)
    return errors


def test_shows_the_similarity_chart_after_one_click(
    browser_errors: list[str], embeddings: EmbeddingsPage
) -> None:
    embeddings.embed()
    expect(embeddings.chart).to_be_visible()
    expect(embeddings.page.get_by_text("tokens billed")).to_be_visible()
    assert browser_errors == []


def test_draws_the_projection(browser_errors: list[str], embeddings: EmbeddingsPage) -> None:
    embeddings.embed()
    embeddings.open_tab("Map")
    expect(embeddings.chart).to_be_visible()
    expect(embeddings.page.get_by_text("dimensions explain")).to_be_visible()
    assert browser_errors == []


def test_shows_the_code_of_the_request(embeddings: EmbeddingsPage) -> None:
    embeddings.embed()
    embeddings.page.get_by_role("button", name="Request details").click()
    drawer = embeddings.page.get_by_role("dialog")
    expect(drawer.get_by_text("client.embeddings.create(").first).to_be_visible()


def test_compares_two_models(embeddings: EmbeddingsPage) -> None:
    embeddings.page.get_by_role("button", name="Models:").click()
    embeddings.page.get_by_role("option", name="text-embedding-ada-002").click()
    embeddings.page.keyboard.press("Escape")
    expect(embeddings.page.get_by_text("2 requests · ")).to_be_visible()
    embeddings.embed()
    embeddings.open_tab("Compare models")
    expect(embeddings.page.get_by_role("heading", name="Pairs with the largest rank changes")).to_be_visible()


def test_stops_and_resumes(embeddings: EmbeddingsPage, upstream: Upstream) -> None:
    upstream.set_latency("ttft=60")
    embeddings.embed()
    embeddings.page.get_by_role("button", name="Stop").click()
    expect(embeddings.page.get_by_text("No embedding received")).to_be_visible()
    upstream.set_latency("instant")
    embeddings.embed()
    expect(embeddings.chart).to_be_visible()


def test_explains_a_rejected_key(embeddings: EmbeddingsPage, upstream: Upstream) -> None:
    upstream.fail("401")
    embeddings.embed()
    expect(embeddings.page.get_by_role("alert").filter(has_text="key")).to_be_visible()


def test_embeds_a_thousand_texts_from_a_file(embeddings: EmbeddingsPage, tmp_path: Path) -> None:
    file = tmp_path / "texts.csv"
    file.write_text("text\n" + "\n".join(f"Sentence {number} of many" for number in range(1_000)))
    embeddings.page.get_by_text("CSV file").click()
    embeddings.page.locator("input[type=file]").set_input_files(file)
    expect(embeddings.page.get_by_text("1,000 texts · about")).to_be_visible()
    embeddings.embed()
    expect(embeddings.page.get_by_text("50 of 1,000 texts")).to_be_visible(timeout=30_000)


def test_does_not_scroll_horizontally_on_a_phone(page: Page, app: AppServer) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    embeddings = EmbeddingsPage(page, app.url)
    embeddings.embed()
    expect(page.get_by_role("region", name="Similarity matrix")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    embeddings.open_tab("Map")
    expect(embeddings.chart).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_clears_a_selection_with_a_button_that_a_finger_can_hit(embeddings: EmbeddingsPage) -> None:
    buttons = embeddings.page.get_by_test_id("stMultiSelect").get_by_role("button")
    for name in ("Clear all", "Open", "Remove default"):
        box = buttons.and_(embeddings.page.get_by_label(name, exact=True)).first.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 24, name

    buttons.and_(embeddings.page.get_by_label("Clear all", exact=True)).first.click()

    expect(buttons.and_(embeddings.page.get_by_label("Remove default"))).to_have_count(0)
