"""Tools that a person declares: as fields, as a schema, and their calls."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.app_server import AppServer
from tests.e2e.test_tools_page import ask, call_card, open_tools, press, replies


@pytest.fixture
def tools(page: Page, app: AppServer) -> Page:
    """The Tools page with its example."""
    return open_tools(page, app)


def test_declares_a_tool_and_answers_its_call(tools: Page) -> None:
    press(tools, "Declare a tool")
    dialog = tools.get_by_role("dialog", name="Declare a tool")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(tools.locator(".st-key-tools-card-get_order_status")).to_be_visible()
    question = tools.get_by_role("textbox", name="Question")
    question.fill("What is the status of order A-17?")

    ask(tools)

    expect(call_card(tools)).to_contain_text("get_order_status")
    tools.get_by_role("textbox", name=re.compile("Result of")).fill('{"status": "shipped"}')
    press(tools, "Send the result")
    expect(replies(tools)).to_contain_text("shipped")


def test_edits_a_declared_tool_as_fields_and_as_schema(tools: Page) -> None:
    card = tools.locator(".st-key-tools-card-find_order")
    dialog = tools.get_by_role("dialog", name="Declare a tool")
    schema = dialog.get_by_role("textbox", name="JSON Schema")
    press(tools, "Declare a tool")
    dialog.get_by_role("textbox", name="Name").fill("find_order")
    dialog.get_by_text("JSON Schema").click()
    expect(schema).to_have_value(re.compile("order_id"))
    text = schema.input_value()
    schema.fill(text.replace('"description"', '"pattern": "a{99999999999}", "description"'))
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("is not valid: the repetition number is too large")
    schema.fill(text.replace('"description"', '"enum": ["A-17"], "description"'))
    dialog.get_by_role("button", name="Save").click()

    card.get_by_role("button", name="Edit", exact=True).click()
    expect(dialog.get_by_test_id("stDataFrame")).to_be_visible()
    dialog.get_by_text("JSON Schema").click()
    expect(schema).to_have_value(re.compile('"A-17"'))
    schema.fill(text.replace('"description"', '"pattern": "A", "description"'))
    dialog.get_by_role("button", name="Save").click()

    card.get_by_role("button", name="Edit", exact=True).click()
    expect(schema).to_have_value(re.compile('"pattern": "A"'))
    dialog.get_by_text("Fields", exact=True).click()
    expect(dialog).to_contain_text("Fields cannot show all of this schema")
    dialog.get_by_role("button", name="Delete").click()
    expect(card).to_have_count(0)
