"""What the rounds of a loop cost, and the choice of tools that its requests contain."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from components.tools import timeline
from core.runs.log import RunLog
from tests.app.tools.conftest import ask, markdown, press


def test_shows_what_rounds_cost_and_their_list_price_in_one_way(page: AppTest) -> None:
    ask(page)

    first, second, total = re.findall(r"\S+ at OpenAI's list price", markdown(page))
    assert re.search(r" · \$0 \(\$0\.\d+ at OpenAI's list price\)", markdown(page))
    assert "Total: 2 rounds" in markdown(page)
    amounts = [Decimal(text.split()[0].strip("($")) for text in (first, second, total)]
    assert float(amounts[0] + amounts[1]) == pytest.approx(float(amounts[2]), rel=0.05)


def test_allows_some_tools_of_which_one_is_required(page: AppTest) -> None:
    page.selectbox(key="tools.settings.choice").set_value("allowed_tools").run()
    page.multiselect(key="tools.settings.allowed").set_value(["get_weather"]).run()
    page.toggle(key="tools.settings.allowed_required").set_value(True).run()

    loop = ask(page)

    choice = loop.rounds[0].log.snapshot().params["tool_choice"]["allowed_tools"]
    assert choice["mode"] == "required"
    assert [tool["function"]["name"] for tool in choice["tools"]] == ["get_weather"]


def test_does_not_ask_with_an_empty_selection_of_allowed_tools(page: AppTest) -> None:
    page.selectbox(key="tools.settings.choice").set_value("allowed_tools").run()
    page.multiselect(key="tools.settings.allowed").set_value([]).run()

    assert "Select at least one allowed tool" in markdown(page)
    assert next(button for button in page.button if button.label == "Ask").disabled
    press(page, "Check")
    assert next(button for button in page.button if button.label == "Run check").disabled
    press(page, "Code")
    assert markdown(page).count("Select at least one allowed tool") == 2
    assert not any("OpenAI(" in block.value for block in page.code)


def test_counts_rounds_of_unknown_price(page: AppTest) -> None:
    loop = ask(page)
    run = loop.rounds[-1].log.snapshot()
    loop.rounds[-1].log = RunLog(replace(run, usage=None, cost=None))
    page.run()

    assert "plus 1 round of unknown price" in markdown(page)


def test_folds_the_first_calls_of_a_long_loop(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "_MAX_OPEN_CALLS", 0)
    loop = ask(page)

    assert len(loop.rounds) == 2
    labels = [expander.label.replace("\\", "") for expander in page.expander]
    assert "1 call: get_stock_price · 1 done" in labels
    assert "Sent to the model" not in markdown(page)
