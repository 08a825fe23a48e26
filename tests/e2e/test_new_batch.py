"""A batch is made on the page: checked by line, corrected, split, submitted once, or run now."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.e2e.app_server import AppServer, Upstream
from tests.e2e.pages import settle
from tests.e2e.test_themes import content_fits, serious_violations

SLOW = 60_000
# A check of 50,000 lines may take 20 s on a machine that does nothing else.
VERY_SLOW = 90_000
LINES = 50_000


@pytest.fixture
def new_batch(page: Page, app: AppServer) -> Page:
    """The panel of a new batch."""
    page.goto(f"{app.url}/batches")
    page.get_by_role("button", name="New batch").click(timeout=SLOW)
    expect(page.get_by_role("button", name="Check 6 requests")).to_be_enabled()
    settle(page)
    return page


def request_line(custom_id: str, text: str = "안녕", **fields: Any) -> str:
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}], "max_tokens": 20}
    line = {"custom_id": custom_id, "method": "POST", "url": "/v1/chat/completions", "body": body} | fields
    return json.dumps(line, ensure_ascii=False) + "\n"


def payload(name: str, content: str) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content.encode()}


def choose(page: Page, label: str) -> None:
    page.locator("[data-testid=stButtonGroup]").get_by_text(label, exact=True).click()
    settle(page)


def upload_requests(page: Page, file: FilePayload | Path) -> None:
    choose(page, "Input file")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_role("button", name="Remove")).to_be_visible(timeout=SLOW)


def check(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Check")).click()
    expect(page.get_by_role("button", name="Edit requests")).to_be_visible()


def open_title(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", name=title, level=2)).to_be_visible(timeout=SLOW)


def test_submits_the_example_with_one_click(page: Page, app: AppServer) -> None:
    started = time.monotonic()
    page.goto(f"{app.url}/batches")
    page.get_by_role("button", name="Submit example").click(timeout=SLOW)

    open_title(page, "Summaries of 100 reviews")
    expect(page.get_by_text("100 of 100 succeeded").first).to_be_visible(timeout=SLOW)
    expect(page.locator("[data-testid=stDataFrame]").last).to_be_visible()
    assert time.monotonic() - started < 60


def test_previews_what_is_typed_and_submits_it(new_batch: Page) -> None:
    rows = new_batch.get_by_role("textbox", name="Rows, one per line")
    rows.fill("Busan\n서울")
    # The click ends the edit and must check what was typed.
    new_batch.get_by_role("button", name=re.compile("^Check")).click()
    expect(new_batch.get_by_text(re.compile("^2 requests"))).to_be_visible()
    new_batch.get_by_role("button", name="Edit requests").click()
    prompt = new_batch.get_by_role("textbox", name="Prompt")
    prompt.fill("Where is {{line}}?")
    prompt.press("Control+Enter")
    expect(new_batch.get_by_text("Where is 서울?")).to_be_visible()

    check(new_batch)
    title = new_batch.get_by_role("textbox", name="Title")
    title.fill("Cities")
    new_batch.get_by_role("button", name="Submit batch").click()

    open_title(new_batch, "Cities")
    expect(new_batch.get_by_text("2 of 2 succeeded").first).to_be_visible(timeout=SLOW)


def test_corrects_a_file_after_showing_the_changes(new_batch: Page) -> None:
    lines = [request_line("a"), request_line("a"), request_line("b", method="GET"), "\n", request_line("c")]
    upload_requests(new_batch, payload("broken.jsonl", "".join(lines)))
    check(new_batch)
    expect(new_batch.get_by_text("The API would reject this file: 3 errors.")).to_be_visible()
    expect(new_batch.get_by_text("Line 2: The custom_id 'a' is also that of line 1.")).to_be_visible()
    expect(new_batch.get_by_text("Line 3: The method must be POST.")).to_be_visible()
    expect(new_batch.get_by_text("Line 4: The line is blank.")).to_be_visible()
    expect(new_batch.get_by_text('"method": "POST"').first).to_be_visible()

    new_batch.get_by_role("button", name="Correct 3 findings").click()

    expect(new_batch.get_by_text("The file can be submitted.")).to_be_visible()
    new_batch.get_by_role("button", name="Submit batch").click()
    open_title(new_batch, "broken")
    expect(new_batch.get_by_text("4 of 4 succeeded").first).to_be_visible(timeout=SLOW)


def test_says_that_a_file_is_empty(new_batch: Page) -> None:
    upload_requests(new_batch, payload("empty.jsonl", ""))

    expect(new_batch.get_by_text("The file is empty.")).to_be_visible()
    expect(new_batch.get_by_role("button", name="Check")).to_be_disabled()
    expect(new_batch.get_by_role("button", name="Submit batch")).to_have_count(0)


def test_offers_to_use_a_table_as_rows(new_batch: Page) -> None:
    upload_requests(new_batch, payload("cities.csv", "id,city\n1,Busan\n2,서울\n"))
    check(new_batch)

    new_batch.get_by_role("button", name="Use as rows").click()

    expect(new_batch.get_by_text("the first 2 of 2 requests")).to_be_visible()
    expect(new_batch.get_by_text("Summarize in one sentence: 서울")).to_be_visible()


def test_submits_once_on_a_double_click(new_batch: Page, upstream: Upstream) -> None:
    check(new_batch)
    new_batch.get_by_role("textbox", name="Title").fill("Clicked twice")
    new_batch.get_by_role("button", name="Submit batch").dblclick()
    open_title(new_batch, "Clicked twice")
    expect(new_batch.get_by_text("6 of 6 succeeded").first).to_be_visible(timeout=SLOW)

    new_batch.get_by_role("button", name="All batches").click()

    expect(new_batch.get_by_text("Clicked twice", exact=True)).to_have_count(1)
    assert upstream


def test_makes_the_requests_now(new_batch: Page) -> None:
    check(new_batch)
    new_batch.get_by_role("textbox", name="Title").fill("Made now")
    new_batch.get_by_role("button", name="Run now").click()

    open_title(new_batch, "Made now")
    expect(new_batch.get_by_text("6 of 6 succeeded").first).to_be_visible(timeout=SLOW)


def test_stops_and_resumes_requests_that_are_made_now(new_batch: Page, upstream: Upstream) -> None:
    upstream.set_latency("ttft=0.5,tps=20")
    upload_requests(new_batch, payload("slow.jsonl", "".join(request_line(f"r-{n}") for n in range(400))))
    check(new_batch)
    new_batch.get_by_role("button", name="Run now").click()
    open_title(new_batch, "slow")
    new_batch.get_by_role("button", name="Stop").click(timeout=SLOW)
    resume = new_batch.get_by_role("button", name="Resume")
    expect(resume).to_be_visible(timeout=SLOW)
    new_batch.reload()
    upstream.set_latency("ttft=0")

    resume.click()

    expect(new_batch.get_by_text("400 of 400 succeeded").first).to_be_visible(timeout=SLOW)


def test_continues_after_a_reload_during_the_check_and_the_submission(
    new_batch: Page, tmp_path: Path
) -> None:
    file = tmp_path / "large.jsonl"
    with file.open("w") as lines:
        lines.writelines(request_line(f"r-{number}", "서울의 날씨 " * 20) for number in range(LINES))
    upload_requests(new_batch, file)
    new_batch.get_by_role("button", name="Check", exact=True).click()
    stop = new_batch.get_by_role("button", name="Stop")
    expect(stop).to_be_visible()

    new_batch.reload()
    started = time.monotonic()
    expect(stop).to_be_visible()
    # The page does what a user asks meanwhile.
    new_batch.get_by_role("button", name="All batches").click()
    expect(new_batch.get_by_role("button", name="New batch")).to_be_visible()
    new_batch.get_by_role("button", name="New batch").click()

    expect(new_batch.get_by_text("The file can be submitted.")).to_be_visible(timeout=VERY_SLOW)
    assert time.monotonic() - started < 60
    expect(new_batch.get_by_text(re.compile(r"^50,000 requests"))).to_be_visible()
    new_batch.get_by_role("button", name="Submit batch").click()
    open_title(new_batch, "large")
    new_batch.reload()
    open_title(new_batch, "large")
    expect(new_batch.get_by_text(re.compile("Validating|In progress")).first).to_be_visible(timeout=SLOW)
    new_batch.get_by_role("button", name="Cancel").click()
    new_batch.get_by_role("button", name="Cancel this batch").click()
    expect(new_batch.get_by_text(re.compile("Cancell(ing|ed)")).first).to_be_visible(timeout=SLOW)


def test_stops_a_check(new_batch: Page, tmp_path: Path) -> None:
    file = tmp_path / "large.jsonl"
    with file.open("w") as lines:
        lines.writelines(request_line(f"r-{number}", "서울의 날씨 " * 20) for number in range(LINES))
    upload_requests(new_batch, file)
    new_batch.get_by_role("button", name="Check", exact=True).click()

    new_batch.get_by_role("button", name="Stop").click()

    expect(new_batch.get_by_text("Stopped.")).to_be_visible()
    new_batch.get_by_role("button", name="Edit requests").click()
    expect(new_batch.get_by_role("button", name="Check", exact=True)).to_be_enabled()


def test_splits_a_file_with_too_many_lines(new_batch: Page, tmp_path: Path) -> None:
    file = tmp_path / "many.jsonl"
    with file.open("w") as lines:
        lines.writelines(request_line(f"r-{number}") for number in range(LINES + 1))
    upload_requests(new_batch, file)
    check(new_batch)

    submit = new_batch.get_by_role("button", name="Submit 2 batches")
    expect(submit).to_be_enabled(timeout=VERY_SLOW)
    expect(new_batch.get_by_text("50,000 + 1 requests")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_is_accessible_and_fits_a_phone(new_batch: Page, scheme: Any) -> None:
    new_batch.emulate_media(color_scheme=scheme)
    new_batch.set_viewport_size({"width": 390, "height": 844})
    settle(new_batch)
    assert serious_violations(new_batch) == []
    assert content_fits(new_batch)

    lines = [request_line("a"), request_line("a"), request_line("b", url="/v1/chat")]
    upload_requests(new_batch, payload(f"{'long-name' * 12}.jsonl", "".join(lines)))
    check(new_batch)
    correct = new_batch.get_by_role("button", name="Correct 2 findings")
    expect(correct).to_be_visible()
    settle(new_batch)
    assert serious_violations(new_batch) == []
    assert content_fits(new_batch)

    correct.click()
    expect(new_batch.get_by_role("button", name="Submit batch")).to_be_visible()
    settle(new_batch)
    assert serious_violations(new_batch) == []
    assert content_fits(new_batch)
