"""Headless Chromium, and pages in it that are asked a question and watched by `probe.js`."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.sync_api import Browser, Page, sync_playwright

from bench.contenders import RunningApp
from bench.load import Load
from bench.processes import find_process

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
)
_PROBE = Path(__file__).parent / "probe.js"
_SETTLE = 0.7  # seconds that a page gets after it is ready, and after a reply


@dataclass
class Traffic:
    """Bytes that reached the page, decompressed, over websockets and HTTP."""

    received: float = 0.0

    def add_frame(self, event: dict[str, Any]) -> None:
        """Binary frames come as base64."""
        response = event["response"]
        size = len(response["payloadData"])
        self.received += size * 3 / 4 if response["opcode"] == 2 else size

    def add_data(self, event: dict[str, Any]) -> None:
        self.received += event["dataLength"]


@dataclass(frozen=True, slots=True)
class ReplyTiming:
    """When things came into the page, in ms since the epoch; None: never. `gap` is the longest frame's."""

    sent: float
    own: float | None
    first: float | None
    last: float | None
    gap: float

    @property
    def own_message_ms(self) -> float:
        return _after(self.own, self.sent)

    @property
    def first_token_ms(self) -> float:
        return _after(self.first, self.sent)

    @property
    def last_token_ms(self) -> float:
        return _after(self.last, self.sent)


def _after(event: float | None, start: float) -> float:
    """The ms between them; infinite for what never happened."""
    return float("inf") if event is None else event - start


@dataclass(frozen=True, slots=True)
class Tab:
    """A page with a chat, ready to be asked."""

    app: RunningApp
    page: Page
    usable_at: float  # since when, in ms since the epoch

    def send(self, load: Load, *, at: float | None = None, frames: bool = False) -> None:
        """Ask for *load*, at *at* (seconds since the epoch) or now, and time the *frames* if wanted."""
        own = f"question{load.mark}x"
        composer = self.page.locator(self.app.definition.composer)
        composer.fill(f"This is {own}, please answer.")
        what = {
            "at": (at or time.time()) * 1000,
            "marks": {"own": own, "first": load.first_word, "last": load.last_word},
            "frames": frames,
        }
        composer.evaluate("(area, what) => window.bench.press(area, what)", what)

    def result(self, patience: float) -> ReplyTiming:
        """Wait for the end of the reply, or *patience* seconds."""
        found = self.page.evaluate("(patience) => window.bench.result(patience)", patience * 1000)
        time.sleep(_SETTLE)
        return ReplyTiming(
            found["sent"], found.get("own"), found.get("first"), found.get("last"), found["gap"]
        )

    def shows_reply(self, load: Load) -> bool:
        """Whether the last message is the whole reply, not counting white space."""
        shown = self.page.locator(self.app.definition.messages).last.inner_text()
        return "".join(load.text.split()) in "".join(shown.split())

    def count_traffic(self) -> Traffic:
        """Count from now on; it takes the browser time, so measure nothing else meanwhile."""
        traffic = Traffic()
        session = self.page.context.new_cdp_session(self.page)
        session.on("Network.webSocketFrameReceived", traffic.add_frame)
        session.on("Network.dataReceived", traffic.add_data)
        session.send("Network.enable")
        return traffic


class Chromium:
    """The browser; *pid* is the root of its processes."""

    def __init__(self, browser: Browser, pid: int) -> None:
        self._browser = browser
        self.pid = pid

    @contextmanager
    def tab(
        self, app: RunningApp, path: str | None = None, settle: float = _SETTLE, box: str | None = None
    ) -> Iterator[Tab]:
        """Open *path* (default: the chat) as a new visitor, and wait until one can type in *box*."""
        context = self._browser.new_context(viewport={"width": 1280, "height": 800})
        try:
            context.add_init_script(path=_PROBE)
            page = context.new_page()
            page.goto(app.url + (path or app.definition.page), wait_until="commit")
            usable = page.evaluate("(box) => window.bench.usable(box)", box or app.definition.composer)
            time.sleep(settle)
            yield Tab(app, page, usable)
        finally:
            context.close()


@contextmanager
def chromium() -> Iterator[Chromium]:
    """Start a browser: the one on PATH, else Playwright's."""
    mark = f"--bench={uuid4().hex}"
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*_ARGUMENTS, mark])
        try:
            yield Chromium(browser, find_process(mark))
        finally:
            browser.close()
