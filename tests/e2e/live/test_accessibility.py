"""axe-core reports no violation, in either theme and on a small screen."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.live.stub import LiveStub
from tests.e2e.live.stub_page import METRICS

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"


def axe_violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    violations = page.evaluate("axe.run()")["violations"]
    return [f"{violation['id']}: {violation['nodes'][0]['html'][:200]}" for violation in violations]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1100, 320])
def test_has_no_accessibility_violations(
    page: Page, url: str, stub: LiveStub, theme: str, width: int
) -> None:
    error = {"title": "Failed", "hint": "h", "detail": "d", "code": "c", "status": 500, "request_id": "r"}
    run: dict[str, Any] = {
        "id": "x",
        "state": "failed",
        "reasoning": "hm",
        "metrics": METRICS,
        "note": "Stopped.",
    }
    run |= {"error": error | {"retryable": True, "retry_after": None}, "can_continue": True}
    text = "# H\n\n> q\n\n[l](https://a.b) ![i](https://c.d)\n\n| a |\n|-|\n| b |\n\n"
    text += "```python\nx = 'a'  # c\n```\n"
    reply = stub.message("assistant", text, run=run, pinned=True)
    stub.messages = [stub.message("user", "q", dropped=True), reply | {"siblings": ["other", reply["id"]]}]
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{url}?theme={theme}")
    expect(page.locator(".hljs-string")).to_be_visible()

    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_has_no_accessibility_violations_when_empty(page: Page, url: str, theme: str) -> None:
    page.goto(f"{url}?theme={theme}")
    expect(page.get_by_role("button", name="Compare")).to_be_visible()

    assert axe_violations(page) == []
