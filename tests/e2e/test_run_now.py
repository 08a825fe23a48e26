"""Requests that are made now instead of as a batch, when the app is killed in the middle."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.app_server import Upstream, running_app
from tests.e2e.pages import settle
from tests.e2e.test_new_batch import SLOW, check, open_title, payload, request_line, upload_requests

REQUESTS = 300


def test_resumes_after_a_kill_without_repeating_what_is_done(
    page: Page, upstream: Upstream, tmp_path: Path
) -> None:
    upstream.set_latency("ttft=0.5,tps=20")
    content = "".join(request_line(f"r-{number}") for number in range(REQUESTS))
    with running_app(tmp_path / "killed", upstream.environ) as app:
        page.goto(f"{app.url}/batches")
        page.get_by_role("button", name="New batch").click(timeout=SLOW)
        upload_requests(page, payload("killed.jsonl", content))
        check(page)
        page.get_by_role("button", name="Run now").click()
        open_title(page, "killed")
        expect(page.get_by_text(re.compile(r"[1-9]\d? of 300|1\d\d of 300")).first).to_be_visible(
            timeout=SLOW
        )
        app.kill()
        upstream.set_latency("ttft=0")
        app.start()

        page.goto(f"{app.url}/batches")
        row = page.get_by_role("button").filter(has=page.get_by_text("killed", exact=True))
        expect(row).to_contain_text("Stopped", timeout=SLOW)
        row.click()
        settle(page)
        page.get_by_role("button", name="Resume").click(timeout=SLOW)

        expect(page.get_by_text("300 of 300 succeeded").first).to_be_visible(timeout=SLOW)
