"""The Tools page, and what its tests do with it."""

import pytest
from streamlit.testing.v1 import AppTest

from components.tools.session import ToolsSession
from core.client.profile import Profile
from core.tools.loop.tool_loop import ToolLoop
from tests.app.conftest import OpenPage


@pytest.fixture
def page(open_page: OpenPage) -> AppTest:
    return open_page("tools")


def press(page: AppTest, label: str) -> AppTest:
    return next(button for button in page.button if button.label == label).click().run()


def state_of(page: AppTest) -> ToolsSession:
    state = page.session_state["object.components.tools.session.ToolsSession"]
    assert isinstance(state, ToolsSession)
    return state


def session_profile(page: AppTest) -> Profile:
    profile = page.session_state["profiles"][page.session_state["profile"]]
    assert isinstance(profile, Profile)
    return profile


def ask(page: AppTest) -> ToolLoop:
    """Press Ask, and wait until the loop has ended or waits."""
    press(page, "Ask")
    (loop, *_) = state_of(page).loops
    while loop.is_running and not loop.waiting_calls:
        page.run()
    page.run()
    return loop


def finish(page: AppTest, loop: ToolLoop) -> None:
    """Rerun the page until *loop* has ended, and once more, as it may have ended during the run."""
    while loop.is_running:
        page.run()
    page.run()


def markdown(page: AppTest) -> str:
    """Return the texts of the page, without the backslashes of escaped characters."""
    texts = (element.value for element in [*page.markdown, *page.caption, *page.warning])
    return " ".join(texts).replace("\\", "")
