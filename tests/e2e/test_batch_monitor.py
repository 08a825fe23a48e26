"""The life of batches on the page: watched, opened later, failed, cancelled, expired, retried."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from openai import DefaultHttpx2Client, OpenAI
from playwright.sync_api import Locator, Page, TimeoutError, expect

from tests.e2e.app_server import AppServer, Upstream, running_app, wait_until
from tests.e2e.pages import settle
from tests.e2e.test_themes import content_fits, serious_violations

# The page asks a server that is not the sandbox of the app every five seconds at most.
SLOW = 60_000


@pytest.fixture
def sdk(upstream: Upstream) -> Iterator[OpenAI]:
    """The client of somebody else, who uses the same account."""
    with DefaultHttpx2Client(trust_env=False) as http_client:
        yield OpenAI(base_url=upstream.server.url, api_key=upstream.server.key, http_client=http_client)


def make_batch(
    sdk: OpenAI, title: str, count: int = 20, turns: Sequence[dict[str, str]] = (), **headers: str
) -> str:
    lines = (
        {
            "custom_id": f"row-{number:03}",
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {
                "model": "gpt-4o-mini",
                "messages": [*turns, {"role": "user", "content": f"항목 {number} 요약"}],
                "max_completion_tokens": 20,
            },
        }
        for number in range(1, count + 1)
    )
    content = "".join(f"{json.dumps(line)}\n" for line in lines).encode()
    batch = sdk.batches.create(
        input_file_id=sdk.files.create(file=("input.jsonl", content), purpose="batch").id,
        endpoint="/v1/chat/completions",
        completion_window="24h",
        metadata={"title": title},
        extra_headers={f"x-sandbox-batch-{name}": value for name, value in headers.items()},
    )
    return batch.id


def wait_for_end(sdk: OpenAI, batch_id: str) -> None:
    wait_until(lambda: sdk.batches.retrieve(batch_id).status in ("completed", "failed", "expired"))


def open_list(page: Page, app: AppServer) -> Page:
    page.goto(f"{app.url}/batches")
    expect(page.get_by_role("heading", name="Batches", level=1)).to_be_visible()
    settle(page)
    return page


def row(page: Page, title: str) -> Locator:
    return page.get_by_role("button").filter(has=page.get_by_text(title, exact=True))


def open_batch(page: Page, title: str) -> None:
    row(page, title).first.click()
    expect(page.get_by_role("heading", name=title, level=2)).to_be_visible()


def table(page: Page) -> Locator:
    return page.locator("[data-testid=stDataFrame]").last


def select_first_row(page: Page, result: Locator) -> None:
    """Click the checkbox of the first row of the table, which is a canvas, until *result* is there."""

    def selects_row() -> bool:
        table(page).scroll_into_view_if_needed()
        box = table(page).bounding_box()
        assert box
        page.mouse.click(box["x"] + 15, box["y"] + 52)  # below the header
        with suppress(TimeoutError):  # the table is not ready yet
            result.wait_for(timeout=2_000)
        return result.is_visible()

    expect(table(page).locator("canvas").first).to_be_visible()
    settle(page)
    wait_until(selects_row)


def test_follows_a_batch_from_its_start_to_its_results(page: Page, app: AppServer, sdk: OpenAI) -> None:
    make_batch(sdk, "Watched", 100, speed="0.5")
    open_list(page, app)
    expect(row(page, "Watched")).to_contain_text(re.compile("Validating|In progress"))
    open_batch(page, "Watched")

    expect(page.get_by_text(re.compile("In progress: .* of 100 processed"))).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("100 of 100 succeeded")).to_be_visible(timeout=SLOW)

    expect(table(page)).to_be_visible()
    page.get_by_role("button", name="All batches").click()
    expect(row(page, "Watched")).to_contain_text("100 of 100 succeeded")


def test_shows_a_batch_that_ended_before_the_page_was_opened(page: Page, app: AppServer, sdk: OpenAI) -> None:
    wait_for_end(sdk, make_batch(sdk, "Finished before"))

    open_list(page, app)

    expect(row(page, "Finished before")).to_contain_text("20 of 20 succeeded")
    expect(row(page, "Finished before")).to_contain_text("made elsewhere")
    open_batch(page, "Finished before")
    page.reload()
    expect(page.get_by_role("heading", name="Finished before", level=2)).to_be_visible()
    expect(table(page)).to_be_visible()


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        ("lines-fail", "16 of 20 succeeded"),
        ("all-fail", "All 20 requests failed"),
        ("fail-validation", "The input file was rejected"),
        ("expire", "Expired: 10 of 20 succeeded"),
    ],
)
def test_does_not_call_a_failure_a_success(
    page: Page, app: AppServer, sdk: OpenAI, outcome: str, text: str
) -> None:
    title = f"Outcome {outcome}"
    wait_for_end(sdk, make_batch(sdk, title, outcome=outcome))

    open_list(page, app)

    badge = row(page, title).get_by_text(text)
    red, green, _ = map(int, re.findall(r"\d+", str(badge.evaluate("e => getComputedStyle(e).color")))[:3])
    assert red > green, "neither green nor grey"


def test_shows_why_requests_failed_and_retries_only_those(page: Page, app: AppServer, sdk: OpenAI) -> None:
    wait_for_end(sdk, make_batch(sdk, "Partial", outcome="lines-fail"))
    open_list(page, app)
    open_batch(page, "Partial")

    cause = page.get_by_role("button", name=re.compile("server_error"))
    cause.click()
    search = page.get_by_role("textbox", name="Search custom IDs, replies and errors")
    expect(search).to_have_value(re.compile("error"))
    expect(page.get_by_text(re.compile(r"^1 result\. Select"))).to_be_visible()

    page.get_by_role("button", name="Retry 4 requests").click()
    expect(page.get_by_text("Retry of")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("4 of 4 succeeded").first).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name=re.compile("Retry of")).click()
    expect(page.get_by_role("button", name=re.compile("Retried as"))).to_be_visible()


def test_cancels_a_batch(page: Page, app: AppServer, sdk: OpenAI) -> None:
    batch_id = make_batch(sdk, "To cancel", 100, speed="0.5")
    open_list(page, app)
    open_batch(page, "To cancel")

    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Cancel this batch").click()

    expect(page.get_by_text("Cancelling", exact=False).first).to_be_visible()
    expect(page.get_by_text("Cancelled", exact=False).first).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    assert sdk.batches.retrieve(batch_id).status == "cancelled"


def test_opens_a_request_in_chat(page: Page, app: AppServer, sdk: OpenAI) -> None:
    turns = [
        {"role": "system", "content": "한 문장으로"},
        {"role": "user", "content": "무엇을 요약해?"},
        {"role": "assistant", "content": "상품평을 요약해요."},
    ]
    wait_for_end(sdk, make_batch(sdk, "To chat", turns=turns))
    open_list(page, app)
    open_batch(page, "To chat")
    opened = page.get_by_role("button", name="Open in Chat")
    select_first_row(page, opened)
    opened.click()

    expect(page.get_by_role("textbox", name="Message", exact=True)).to_have_value("항목 1 요약")
    expect(page.get_by_text("상품평을 요약해요.")).to_be_visible()
    page.get_by_role("button", name="Parameters").click()
    expect(page.get_by_role("textbox", name="Instructions")).to_have_value("한 문장으로")
    expect(page.get_by_role("spinbutton", name="Max completion tokens")).to_have_value("20")


def test_continues_after_a_kill_of_the_app(
    page: Page, upstream: Upstream, sdk: OpenAI, tmp_path: Path
) -> None:
    with running_app(tmp_path / "killed", upstream.environ) as app:
        make_batch(sdk, "Before the kill", speed="2")
        open_list(page, app)
        expect(row(page, "Before the kill")).to_be_visible()
        app.kill()
        app.start()

        open_list(page, app)

        expect(row(page, "Before the kill")).to_have_count(1)
        expect(row(page, "Before the kill")).to_contain_text("20 of 20 succeeded", timeout=SLOW)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_is_accessible_in_light_and_dark(page: Page, app: AppServer, sdk: OpenAI, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    title = f"Accessible {scheme}"
    wait_for_end(sdk, make_batch(sdk, title, outcome="lines-fail"))

    open_list(page, app)
    assert serious_violations(page) == []
    open_batch(page, title)
    expect(table(page)).to_be_visible()
    settle(page)
    assert serious_violations(page) == []


def test_fits_a_phone(page: Page, app: AppServer, sdk: OpenAI) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    wait_for_end(sdk, make_batch(sdk, "On a phone", outcome="lines-fail"))

    open_list(page, app)
    assert content_fits(page)
    open_batch(page, "On a phone")
    expect(table(page)).to_be_visible()
    assert content_fits(page)


def test_continues_on_the_sandbox_after_a_kill(page: Page, tmp_path: Path) -> None:
    with running_app(tmp_path / "sandbox", {}) as app:
        open_list(page, app)
        page.get_by_role("button", name="Submit example").click()
        # On a slow machine the batch may have ended before the second kill.
        for state in ("Validating|In progress", "In progress: .* of 100|100 of 100 succeeded"):
            expect(page.get_by_text(re.compile(state)).first).to_be_visible(timeout=SLOW)
            app.kill()
            app.start()
            open_list(page, app)

        expect(page.locator("[class*=st-key-batches-open-]")).to_have_count(1)
        expect(row(page, "Summaries of 100 reviews")).to_contain_text("100 of 100 succeeded", timeout=SLOW)
        open_batch(page, "Summaries of 100 reviews")
        expect(page.get_by_text(re.compile("List price .* saves"))).to_be_visible(timeout=SLOW)


def test_deletes_files_of_the_server(page: Page, app: AppServer, sdk: OpenAI) -> None:
    wait_for_end(sdk, make_batch(sdk, "With files"))
    open_list(page, app)
    page.get_by_text("Files on the server").click()
    delete = page.get_by_role("button", name="Delete 1 file")
    select_first_row(page, delete)
    before = len(sdk.files.list().data)
    delete.click()

    wait_until(lambda: len(sdk.files.list().data) == before - 1)
    expect(page.get_by_role("button", name="Delete", exact=True)).to_be_disabled()
