"""A tool of an MCP server, from the switch to the answer, and its program when the app is killed."""

import os
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import mcp_server
from tests.e2e.app_server import AppServer, running_app, wait_until
from tests.e2e.pages import settle
from tests.e2e.test_themes import serious_violations


@pytest.fixture
def mcp_app(tmp_path: Path) -> Iterator[AppServer]:
    """An app that is switched on for MCP servers, with its own sandbox."""
    with running_app(tmp_path / "app", {"PLAYGROUND_MCP": "1"}) as server:
        yield server


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def test_calls_a_tool_after_a_reload_and_ends_the_program_with_the_app(
    page: Page, mcp_app: AppServer
) -> None:
    page.goto(f"{mcp_app.url}/tools")
    settle(page)
    press(page, "Add tools from an MCP server")
    page.get_by_label("Command").fill(shlex.join([sys.executable, mcp_server.__file__, "tools"]))
    press(page, "Connect")
    expect(page.get_by_text("runs on this computer with your rights")).to_be_visible()
    press(page, "Start this program")
    expect(page.get_by_text("11 tools")).to_be_visible()
    page.keyboard.press("Escape")
    assert serious_violations(page) == []

    page.get_by_label("Question").first.fill("Add 19 and 23.")
    page.get_by_role("button", name=re.compile(r"\bAsk$")).click()
    expect(page.get_by_role("button", name="Allow once")).to_be_visible()
    page.reload()
    press(page, "Allow once")

    expect(page.locator("article[data-role=assistant]").last).to_contain_text("42")
    assert server_processes()
    mcp_app.kill()
    wait_until(lambda: not server_processes())


def server_processes() -> list[str]:
    """Return the command lines of running servers, those of this test only."""
    lines = (path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if os.access(path, os.R_OK))
    return [line.decode() for line in lines if mcp_server.__file__.encode() in line]
