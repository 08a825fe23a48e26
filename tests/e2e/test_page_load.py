"""A page is loaded in one go: its document names all modules, and the server is not searched for."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.app_server import AppServer, wait_until


def _requested_paths(page: Page) -> list[str]:
    urls: list[str] = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    return [urlsplit(url).path for url in urls]


@pytest.mark.parametrize(
    ("path", "ready"), [("/", "input[aria-label=Question]"), ("/chat", ".composer textarea")]
)
def test_loads_only_modules_that_the_document_names(
    app: AppServer, page: Page, path: str, ready: str
) -> None:
    page.goto(f"{app.url}{path}")
    expect(page.locator(ready)).to_be_visible()

    document = page.request.get(f"{app.url}{path}").text()
    modules = [each for each in _requested_paths(page) if each.endswith(".js")]
    assert [module for module in modules if f'.{module}"' not in document] == []


def test_asks_for_no_server_below_the_path_of_the_page(app: AppServer, page: Page) -> None:
    page.goto(f"{app.url}/chat")
    expect(page.locator(".composer textarea")).to_be_visible()

    assert [path for path in _requested_paths(page) if path.startswith("/chat/")] == []


def test_loads_none_of_our_scripts_again_on_a_reload(app: AppServer, page: Page) -> None:
    page.goto(f"{app.url}/chat")
    expect(page.locator(".composer textarea")).to_be_visible()

    page.reload()
    expect(page.locator(".composer textarea")).to_be_visible()

    sizes: list[int] = page.evaluate(
        "performance.getEntriesByType('resource').filter((entry) => entry.name.includes('/scripts/'))"
        ".map((entry) => entry.transferSize)"
    )
    assert sizes
    assert set(sizes) == {0}


@pytest.mark.parametrize("path", ["/", "/chat"])
def test_loads_no_font_that_the_page_does_not_show(app: AppServer, page: Page, path: str) -> None:
    page.goto(f"{app.url}{path}")
    expect(page.get_by_role("button", name="Korean")).to_be_visible()
    page.evaluate("document.fonts.ready")

    fonts = [name for name in _requested_paths(page) if name.endswith(".woff2")]
    assert any("/Inter" in name for name in fonts)
    assert [name for name in fonts if "Korean" in name or "SourceSans" in name] == []


def test_loads_all_korean_characters_only_for_a_rare_one(app: AppServer, page: Page) -> None:
    def loaded(font: str) -> bool:
        return f"/assets/fonts/{font}.woff2" in _requested_paths(page)

    page.goto(f"{app.url}/chat")
    composer = page.locator(".composer textarea")
    composer.fill("안녕하세요")
    wait_until(lambda: loaded("PlaygroundKorean"))
    assert not loaded("Pretendard")

    composer.fill("뷁")
    wait_until(lambda: loaded("Pretendard"))
