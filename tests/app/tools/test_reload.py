"""The Tools page after a reload: the tools with their modes and the settings."""

from collections import OrderedDict

import pytest
from streamlit.testing.v1 import AppTest

from components.session.drafts import Drafts
from components.tools import draft as draft_module
from components.tools import session as tools_session_module
from components.tools.session import saved_state
from core.runs import event_loop
from core.tools.loop.modes import ToolMode
from core.tools.loop.tool_loop import LoopState
from tests.app.conftest import OpenPage, choose_models, model_fields
from tests.app.tools.conftest import ask, finish, markdown, press, state_of

MODE = "tools.card.get_stock_price.mode"


def reopened(app: AppTest, open_page: OpenPage) -> AppTest:
    """Open the URL of *app* in a new session."""
    return open_page("tools", **{name: "".join(value) for name, value in app.query_params.items()})


def test_shows_the_modes_and_settings_again(open_page: OpenPage) -> None:
    page = open_page("tools")
    chosen = next(group for group in page.button_group if group.label == "Tools that the model can call")
    chosen.set_value(["get_stock_price", "get_weather", "analyse_text"]).run()
    page.segmented_control(key=MODE).set_value("approve").run()
    page.segmented_control(key="tools.card.get_weather.mode").set_value("mock").run()
    page.text_area(key="tools.card.get_weather.mock").set_value("sunny").run()
    page.selectbox(key="tools.settings.choice").set_value("named").run()
    page.selectbox(key="tools.settings.named").set_value("analyse_text").run()
    page.number_input(key="tools.settings.rounds").set_value(3).run()
    page.toggle(key="tools.settings.parallel").set_value(False).run()
    page.text_area(key="tools.settings.instructions").set_value("Be brief.").run()

    again = reopened(page, open_page)

    for shown in (again, again.run()):
        chosen = next(group for group in shown.button_group if group.label == "Tools that the model can call")
        assert chosen.value == ["get_stock_price", "get_weather", "analyse_text"]
        assert shown.segmented_control(key=MODE).value == "approve"
        assert shown.segmented_control(key="tools.card.get_weather.mode").value == "mock"
        assert shown.text_area(key="tools.card.get_weather.mock").value == "sunny"
        assert shown.selectbox(key="tools.settings.choice").value == "named"
        assert shown.selectbox(key="tools.settings.named").value == "analyse_text"
        assert shown.number_input(key="tools.settings.rounds").value == 3
        assert not shown.toggle(key="tools.settings.parallel").value
        assert shown.text_area(key="tools.settings.instructions").value == "Be brief."
        assert not shown.exception


def test_compares_with_the_same_model_again(open_page: OpenPage) -> None:
    page = open_page("tools")
    choose_models(page, "tools.settings.other", "gpt-4o")

    again = reopened(page, open_page)

    assert not again.exception
    assert model_fields(again)["The same loop on another model"] == ["gpt-4o"]


def test_copies_a_draft_that_two_tabs_have_opened(open_page: OpenPage) -> None:
    page = open_page("tools")
    page.segmented_control(key=MODE).set_value("approve").run()
    other = reopened(page, open_page)
    assert other.query_params["draft"] == page.query_params["draft"]

    other.segmented_control(key=MODE).set_value("ask").run()

    assert other.query_params["draft"] != page.query_params["draft"]
    assert reopened(page, open_page).segmented_control(key=MODE).value == "approve"
    assert reopened(other, open_page).segmented_control(key=MODE).value == "ask"


def test_asks_for_approval_again_after_a_reload_with_a_loop(open_page: OpenPage) -> None:
    page = open_page("tools")
    page.segmented_control(key=MODE).set_value("approve").run()
    next(button for button in page.button if button.label == "Ask").click().run()
    next(button for button in page.button if button.label == "Stop").click().run()

    again = reopened(page, open_page)

    assert again.query_params["loop"] == page.query_params["loop"]
    assert again.segmented_control(key=MODE).value == "approve"


def test_writes_nothing_into_the_url_before_something_was_edited(open_page: OpenPage) -> None:
    assert "draft" not in open_page("tools").run().query_params


def test_runs_a_tool_of_a_server_unasked_only_where_that_was_chosen(open_page: OpenPage) -> None:
    page = open_page("tools")
    page.session_state["tools.card.0123456789abcdef.mode"] = ToolMode.RUN
    page.session_state["tools.card.fedcba9876543210.mode"] = ToolMode.MOCK
    page.run()

    again = reopened(page, open_page)

    assert "tools.card.0123456789abcdef.mode" not in again.session_state
    assert again.session_state["tools.card.fedcba9876543210.mode"] == ToolMode.MOCK


def test_shows_the_csv_file_and_the_check_again(open_page: OpenPage) -> None:
    page = open_page("tools")
    page.file_uploader(key="tools.card.csv").set_value(
        ("sales.csv", b"region,amount\nnorth,10\n", "text/csv")
    )
    page.run()
    next(button for button in page.button if button.label == "Check").click().run()
    page.text_area(key="tools.check.cases").set_value("question,tool\nHow much?,query_csv\n").run()
    page.number_input(key="tools.check.budget.tokens").set_value(5_000).run()

    again = reopened(page, open_page)
    next(button for button in again.button if button.label == "Check").click().run()

    assert "query_csv" in " ".join(element.value for element in again.markdown).replace("\\", "")
    assert again.text_area(key="tools.check.cases").value == "question,tool\nHow much?,query_csv\n"
    assert again.number_input(key="tools.check.budget.tokens").value == 5_000
    assert not again.exception


def test_continues_a_loop_of_an_earlier_process_with_the_tools_of_the_page(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page("tools")
    page.segmented_control(key=MODE).set_value("ask").run()
    ask(page)
    press(page, "Stop")
    monkeypatch.setattr(tools_session_module, "_experiments", OrderedDict())
    again = open_page("tools", loop="".join(page.query_params["loop"]))
    assert "Stopped. What had arrived is above." in again.info[0].value

    press(again, "Continue")
    (loop,) = state_of(again).loops
    finish(again, loop)

    assert loop.state is LoopState.DONE
    assert "271.35" in loop.rounds[-1].log.text
    assert not again.exception
    # As History opens it, which knows the loop only.
    (opened,) = state_of(open_page("tools", loop=loop.runs()[0].parent_id)).loops
    assert (opened.id, opened.question, len(opened.rounds)) == (loop.id, loop.question, len(loop.rounds))


def test_lists_a_question_after_a_restart_and_opens_it_with_its_modes(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page("tools")
    page.segmented_control(key=MODE).set_value("ask").run()
    waiting = ask(page)
    assert waiting.waiting_calls
    monkeypatch.setattr(tools_session_module, "_experiments", OrderedDict())
    monkeypatch.setattr(draft_module, "_drafts", Drafts())

    again = open_page("tools")
    assert "Not finished: 애플 주가가 지금 얼마인지 알려줘. · gpt-6-luna · 1 round, 1 call" in markdown(
        again
    ).replace("*", "")
    press(again, "Open")

    assert again.segmented_control(key=MODE).value == "ask"
    assert not again.exception
    assert "Not finished" not in markdown(again)
    (loop,) = state_of(again).loops
    press(again, "Continue")
    while loop.is_running and not loop.waiting_calls:
        again.run()
    assert [call.request.name for call in loop.waiting_calls] == ["get_stock_price"]
    for each in (waiting, loop):
        event_loop.run_until_complete(each.stop())


def test_lists_no_question_that_was_answered_stopped_or_discarded(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page("tools")
    ask(page)
    page.segmented_control(key=MODE).set_value("ask").run()
    ask(page)
    press(page, "Stop")
    waiting = ask(page)
    experiment = state_of(page).experiment
    # That of the first question is deleted in the background.
    while [saved.id for saved in saved_state().questions()] != [experiment and experiment.id]:
        page.run()
    monkeypatch.setattr(tools_session_module, "_experiments", OrderedDict())

    again = open_page("tools")
    press(again, "Discard")

    assert "Not finished" not in markdown(again)
    assert not saved_state().questions()
    event_loop.run_until_complete(waiting.stop())
