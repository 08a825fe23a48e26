"""Headless Chromium, and pages in it that send a message and are timed by `probe.js`."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from bench.apps import RunningApp
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
# Seconds after which a page that is not ready never will be, also on a busy machine.
_TIMEOUT = 30.0
# Seconds of waiting after a page is ready and after a reply, so that no work of the page is still running.
_SETTLE = 0.7


@dataclass
class Traffic:
    """Bytes that the page received over WebSockets and HTTP, decompressed."""

    received: float = 0.0

    def add_frame(self, event: dict[str, Any]) -> None:
        response = event["response"]
        size = len(response["payloadData"])
        # Binary frames are encoded as base64.
        self.received += size * 3 / 4 if response["opcode"] == 2 else size

    def add_data(self, event: dict[str, Any]) -> None:
        self.received += event["dataLength"]


@dataclass(frozen=True, slots=True)
class ReplyTiming:
    """When the page displayed the own message and the first and last token, in ms since the epoch.

    None: never. `gap` is the longest time between two frames.
    """

    sent: float
    own_message: float | None
    first: float | None
    last: float | None
    gap: float

    @property
    def own_message_ms(self) -> float:
        return _elapsed(self.own_message, self.sent)

    @property
    def first_token_ms(self) -> float:
        return _elapsed(self.first, self.sent)

    @property
    def last_token_ms(self) -> float:
        return _elapsed(self.last, self.sent)


def _elapsed(event: float | None, start: float) -> float:
    """Return the milliseconds between two times, infinity for an event that never happened."""
    return float("inf") if event is None else event - start


@dataclass(frozen=True, slots=True)
class Tab:
    """A page with a chat, ready for a message.

    `opened_at` is when the browser started to load it and `usable_at` when it became usable, in ms since the
    epoch.
    """

    app: RunningApp
    page: Page
    selector: str
    opened_at: float
    usable_at: float

    def reload(self) -> float:
        """Reload the page, and return the milliseconds until it is usable again."""
        self.page.reload(wait_until="commit")
        opened_at, usable_at = _wait_until_usable(self.page, self.selector)
        return usable_at - opened_at

    def send(self, load: Load, *, at: float | None = None, frames: bool = False) -> None:
        """Send a message now, or *at* a time in seconds since the epoch; *frames* measures frame gaps."""
        own_message = f"question{load.mark}x"
        composer = self.page.locator(self.app.definition.composer)
        composer.fill(f"This is {own_message}, please answer.")
        options = {
            "at": (at or time.time()) * 1000,
            "marks": {"own_message": own_message, "first": load.first_word, "last": load.last_word},
            "frames": frames,
        }
        composer.evaluate("(area, options) => window.bench.press(area, options)", options)

    def result(self, timeout: float) -> ReplyTiming:
        """Wait for the end of the reply, at most *timeout* seconds."""
        times = self.page.evaluate("(timeout) => window.bench.result(timeout)", timeout * 1000)
        time.sleep(_SETTLE)
        return ReplyTiming(
            times["sent"], times.get("own_message"), times.get("first"), times.get("last"), times["gap"]
        )

    def shows_reply(self, load: Load) -> bool:
        """Return whether the last message is the complete reply, ignoring white space."""
        text = self.page.locator(self.app.definition.messages).last.inner_text()
        return "".join(load.text.split()) in "".join(text.split())

    def count_traffic(self) -> Traffic:
        """Start to count the received bytes."""
        # Counting slows the browser down, so nothing else can be measured in the same run.
        traffic = Traffic()
        session = self.page.context.new_cdp_session(self.page)
        session.on("Network.webSocketFrameReceived", traffic.add_frame)
        session.on("Network.dataReceived", traffic.add_data)
        session.send("Network.enable")
        return traffic


class Chromium:
    """The browser. *pid* is its main process."""

    def __init__(self, browser: Browser, pid: int) -> None:
        self._browser = browser
        self.pid = pid

    @contextmanager
    def tab(
        self, app: RunningApp, path: str | None = None, settle: float = _SETTLE, selector: str | None = None
    ) -> Iterator[Tab]:
        """Open *path* (default: the chat) in a new browser session, and wait until *selector* can be used."""
        context = self._browser.new_context(viewport={"width": 1280, "height": 800})
        try:
            context.add_init_script(path=_PROBE)
            page = context.new_page()
            page.goto(app.url + (path or app.definition.page), wait_until="commit")
            entry = selector or app.definition.composer
            opened_at, usable_at = _wait_until_usable(page, entry)
            time.sleep(settle)
            yield Tab(app, page, entry, opened_at, usable_at)
        finally:
            context.close()


def evaluate_promise(
    target: Page | Locator, script: str, argument: Any, what: str, timeout: float = _TIMEOUT
) -> Any:
    """Return what the promise of *script* resolves with; it and *argument* are those of `evaluate`.

    Raises TimeoutError if *what* has not happened after *timeout* seconds: Playwright would wait for ever.
    """
    expired = f"new Promise((resolve) => setTimeout(resolve, {timeout * 1000:.0f}, 'expired'))"
    result = target.evaluate(f"(...given) => Promise.race([({script})(...given), {expired}])", argument)
    if result == "expired":
        raise TimeoutError(f"{what}: not within {timeout:g} s")
    return result


def _wait_until_usable(page: Page, selector: str) -> tuple[float, float]:
    """Wait until *selector* can be used. Return that time and when the page began to load, in ms."""
    script = "(selector) => window.bench.usable(selector)"
    usable_at = evaluate_promise(page, script, selector, f"{selector} can be used on {page.url}")
    return page.evaluate("performance.timeOrigin"), usable_at


@contextmanager
def chromium() -> Iterator[Chromium]:
    """Start the Chromium or Chrome on PATH, else that of Playwright."""
    mark = f"--bench={uuid4().hex}"
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*_ARGUMENTS, mark])
        try:
            yield Chromium(browser, find_process(mark))
        finally:
            browser.close()
