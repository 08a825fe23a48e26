"""Page objects: the app's pages as a user does."""

import re
from dataclasses import dataclass
from typing import Self

from playwright.sync_api import Locator, Page, expect


def settle(page: Page) -> None:
    """Wait until Streamlit has finished the run of the page and has applied our style."""
    expect(page.locator(".stApp[data-test-script-state='notRunning']")).to_be_visible()
    expect(page.locator("[data-testid='stSidebar']")).to_be_attached()
    expect(page.locator(".st-key-heading")).not_to_have_css("margin-top", "0px")


@dataclass(frozen=True, slots=True)
class ChatPage:
    """The chat page of the app at *url*."""

    page: Page
    url: str

    def open(self, query: str = "") -> Self:
        """Open it and wait for the composer."""
        self.page.goto(f"{self.url}/chat{query}")
        expect(self.composer).to_be_editable()
        return self

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message", exact=True)

    @property
    def replies(self) -> Locator:
        return self.page.locator("article[data-role=assistant]")

    @property
    def questions(self) -> Locator:
        return self.page.locator("article[data-role=user]")

    @property
    def reply(self) -> Locator:
        """The last reply with its text, status, metrics and buttons."""
        return self.replies.last

    @property
    def text(self) -> Locator:
        """The text of the last reply."""
        return self.reply.locator(".body")

    @property
    def metrics(self) -> Locator:
        return self.reply.get_by_role("list", name="Reply metrics")

    @property
    def note(self) -> Locator:
        """How the last reply ended, unless it is complete."""
        return self.reply.locator(".note")

    @property
    def status(self) -> Locator:
        """What the last reply is waiting for."""
        return self.reply.locator(".status")

    @property
    def error(self) -> Locator:
        """The card that explains what went wrong."""
        return self.reply.locator(".error")

    @property
    def stop_button(self) -> Locator:
        return self.page.get_by_role("button", name="Stop", exact=True)

    @property
    def send_button(self) -> Locator:
        return self.page.get_by_role("button", name="Send", exact=True)

    def ask(self, text: str) -> Self:
        """Send *text*, and wait until its reply is on the page."""
        before = self.replies.count()
        self.composer.fill(text)
        self.composer.press("Enter")
        expect(self.replies).to_have_count(before + 1)
        return self

    def choose(self, name: str) -> None:
        """Choose *name* in the menu of the last reply."""
        self.reply.get_by_role("button", name="More actions").click()
        self.page.get_by_role("menuitem", name=name).click()

    def stop(self) -> Self:
        self.stop_button.click()
        return self.wait_for_end()

    def wait_for_text(self, pattern: str = r"\S") -> Self:
        expect(self.text).to_have_text(re.compile(pattern))
        return self

    def wait_for_end(self) -> Self:
        expect(self.reply.locator(".foot")).not_to_be_empty()
        expect(self.send_button).to_be_visible()
        return self

    def reply_text(self) -> str:
        """The text of the last reply so far."""
        return self.text.inner_text()
