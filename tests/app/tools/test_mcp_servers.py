"""MCP servers on the Tools page: the switch, the confirmation, their tools, their errors."""

import shlex
import subprocess
import sys

import pytest
from streamlit.testing.v1 import AppTest

from components.runtime import resources
from core.mcp.connection import McpConnection
from core.paths import ROOT
from core.runs import event_loop
from core.tools.loop.tool_loop import LoopState
from tests import mcp_server
from tests.app.conftest import OpenPage
from tests.app.tools.conftest import ask, press, state_of

COMMAND = shlex.join([sys.executable, mcp_server.__file__])


@pytest.fixture
def page(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("PLAYGROUND_MCP", "1")
    return open_page("tools")


def connections() -> list[McpConnection]:
    return [*resources.mcp_connections()._owners]


def add_program(page: AppTest, kind: str) -> McpConnection:
    """Enter a command, confirm it, and rerun the page until it is connected or has failed."""
    enter(page, "Command", f"{COMMAND} {kind}")
    press(page, "Connect")
    press(page, "Start this program")
    (connection,) = connections()
    wait(page, connection)
    return connection


def enter(page: AppTest, label: str, text: str) -> None:
    next(field for field in page.text_input if field.label == label).set_value(text)


def wait(page: AppTest, connection: McpConnection) -> None:
    event_loop.run_until_complete(connection._connected.wait(), 60)
    page.run()


def texts(page: AppTest) -> str:
    elements = [*page.markdown, *page.caption, *page.warning, *page.error, *page.code]
    return " ".join(element.value for element in elements)


def test_is_off_by_default(open_page: OpenPage) -> None:
    page = open_page("tools")

    assert "MCP servers are off" in texts(page)
    assert not [field for field in page.text_input if field.label in ("Command", "URL")]


def test_allows_no_programs_if_only_urls_are_switched_on(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYGROUND_MCP", "http")
    labels = [field.label for field in open_page("tools").text_input]

    assert "URL" in labels
    assert "Command" not in labels


def test_starts_no_program_before_it_is_confirmed(page: AppTest) -> None:
    enter(page, "Command", f"{COMMAND} tools")
    press(page, "Connect")

    assert "runs on this computer with your rights" in texts(page)
    assert not connections()
    press(page, "Cancel")
    assert not connections()
    assert "your rights" not in texts(page)


def test_calls_a_tool_after_approval(page: AppTest) -> None:
    add_program(page, "tools")
    page.text_area(key="tools.question.text").set_value("Add 19 and 23.")

    loop = ask(page)
    (call,) = loop.waiting_calls
    assert call.request.name == "add"
    press(page, "Allow once")
    while loop.is_running:
        page.run()

    assert loop.state is LoopState.DONE
    assert "42" in loop.rounds[-1].log.text


def test_shows_the_texts_of_a_server_as_text(page: AppTest) -> None:
    connection = add_program(page, "tools")
    page.multiselect(key=f"tools.mcp.{connection.id}.tools").set_value(["files.read/인사"]).run()

    assert "Greet a person" in texts(page)
    assert "](https://example.com" not in texts(page)
    assert "<b>" not in texts(page)


def test_shows_why_a_program_has_ended(page: AppTest) -> None:
    connection = add_program(page, "crash")

    assert "The program has ended" in texts(page)
    assert "set SAMPLE_TOKEN" in texts(page)
    assert connection.problem
    problem = connection.problem
    press(page, "Reconnect")
    wait(page, connection)
    assert connection.problem == problem


def test_removes_a_server_with_its_tools(page: AppTest) -> None:
    add_program(page, "tools")
    assert "Add two integers" in texts(page)

    press(page, "Remove")

    assert "Add two integers" not in texts(page)
    assert not connections()


def test_keeps_the_server_after_a_reload(page: AppTest, open_page: OpenPage) -> None:
    add_program(page, "tools")
    page.text_area(key="tools.question.text").set_value("Add 19 and 23.")
    loop = ask(page)

    experiment = state_of(page).experiment
    assert experiment
    reloaded = open_page("tools", loop=experiment.id)

    assert "Add two integers" in texts(reloaded)
    press(reloaded, "Allow once")
    while loop.is_running:
        reloaded.run()
    assert loop.state is LoopState.DONE


def test_fills_in_a_server_of_an_earlier_session(page: AppTest, open_page: OpenPage) -> None:
    assert not [box for box in page.selectbox if box.label == "Saved servers"]
    enter(page, "Environment variables", "PATH")
    add_program(page, "tools")
    press(page, "Remove")

    later = open_page("tools")
    saved = next(box for box in later.selectbox if box.label == "Saved servers")
    saved.set_value(saved.options[0]).run()

    fields = {field.label: field.value for field in later.text_input}
    assert (fields["Command"], fields["Environment variables"]) == (f"{COMMAND} tools", "PATH")
    press(later, "Delete")
    assert not [box for box in later.selectbox if box.label == "Saved servers"]


def test_does_not_save_a_server_whose_command_may_contain_a_secret(page: AppTest) -> None:
    add_program(page, "tools --api-key=abc")

    assert "may contain a secret" in texts(page)
    assert not [box for box in page.selectbox if box.label == "Saved servers"]


def test_asks_before_it_connects_to_a_metadata_service(page: AppTest) -> None:
    page.segmented_control(key="tools.mcp.kind").set_value("URL (HTTP)").run()
    enter(page, "URL", "http://169.254.169.254/mcp")
    press(page, "Connect")

    assert "cloud metadata service" in texts(page)
    assert not connections()


def test_explains_an_invalid_command(page: AppTest) -> None:
    enter(page, "Command", 'python "')
    press(page, "Connect")

    assert "cannot be read" in texts(page)


def test_loads_no_mcp_package_without_a_server() -> None:
    source = "import sys, components.tools.cards; sys.exit('mcp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", source], cwd=ROOT, timeout=100).returncode == 0
