"""The Resilience page: run the prefilled experiment, then a failure, and read what was seen."""

from playwright.sync_api import Page, expect

from tests.e2e.app_server import AppServer
from tests.e2e.pages import settle


def test_compares_policies_with_one_click_for_each_failure(page: Page, keyless_app: AppServer) -> None:
    page.goto(f"{keyless_app.url}/resilience")
    start = page.get_by_role("button", name="Run experiment")
    expect(start).to_be_enabled()
    settle(page)

    start.click()
    # Streamlit's header has a button of this name while a script runs.
    expect(page.get_by_test_id("stTabs").get_by_role("button", name="Stop")).to_be_visible()
    expect(page.get_by_text("Retry-After ignored")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Retry-After obeyed.").first).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first).to_be_visible()

    page.get_by_role("radio", name="Streams").click()
    page.get_by_role("button", name="Stream without an end").click()
    expect(page.get_by_text("The cut was noticed, and the reply requested again.")).to_be_visible()
    page.get_by_role("tab", name="Code", exact=True).click()
    expect(page.get_by_text("The functions are those that have just run.")).to_be_visible()


def test_compares_ways_to_send_many_prompts_and_the_prompt_cache(page: Page, keyless_app: AppServer) -> None:
    page.goto(f"{keyless_app.url}/resilience")
    expect(page.get_by_role("button", name="Run experiment")).to_be_enabled()
    settle(page)

    page.get_by_role("tab", name="Async", exact=True).click()
    page.get_by_role("button", name="Send 120 requests").click()
    expect(page.get_by_text("was the fastest to get all 20 replies")).to_be_visible(timeout=60_000)

    page.get_by_role("tab", name="Caching", exact=True).click()
    page.get_by_role("button", name="Send 4 calls").click()
    expect(page.get_by_text("came from the cache")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Request details").first.click()
    expect(page.get_by_role("dialog").get_by_text("chat.completions.create").first).to_be_visible()
    page.keyboard.press("Escape")

    page.get_by_role("tab", name="Cost", exact=True).click()
    expect(page.get_by_text("Use the Batch API")).to_be_visible()
