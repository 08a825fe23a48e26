"""The Tools page in the test runner."""

import pytest
from streamlit.testing.v1 import AppTest

from components.runtime import resources
from components.session.capability_results import CapabilityResults
from core.runner.repository import JobRepository
from core.servers.capability_checks import SupportStatus
from core.servers.capability_test import CapabilityResult
from core.tools.check.cases import CheckCase
from core.tools.check.tool_check import ToolCheck
from core.tools.definitions.declared_tool import ToolDeclaration
from core.tools.definitions.repository import ToolRepository
from core.tools.library.catalog import LIBRARY
from core.tools.loop.tool_loop import LoopState
from core.tools.requests.model_api import ToolSettings
from tests.app.conftest import OpenPage, choose_models, select_model
from tests.app.tools.conftest import ask, finish, markdown, press, session_profile, state_of

CAPABILITY_RESULTS = "object.components.session.capability_results.CapabilityResults"


def test_answers_the_first_click(page: AppTest) -> None:
    loop = ask(page)

    assert loop.state is LoopState.DONE
    assert "271.35" in loop.rounds[-1].log.text
    assert not page.exception
    assert "2 rounds" in markdown(page)


def test_explains_the_effort_of_its_requests(page: AppTest) -> None:
    assert "only with reasoning effort none" in markdown(page)
    assert ask(page).rounds[0].log.snapshot().params["reasoning_effort"] == "none"


def test_sends_no_effort_to_a_model_that_takes_tools_anyway(page: AppTest) -> None:
    select_model(page, "gpt-4o")

    assert "reasoning effort" not in markdown(page)
    assert "reasoning_effort" not in ask(page).rounds[0].log.snapshot().params


def test_asks_a_model_that_takes_tools_only_by_responses_in_that_api(page: AppTest) -> None:
    select_model(page, "gpt-6.2-astra")

    assert "only in the Responses API" in markdown(page)
    loop = ask(page)
    assert (loop.state, loop.rounds[0].log.snapshot().endpoint) == (LoopState.DONE, "responses.create")
    assert "271.35" in loop.rounds[-1].log.text
    assert not page.exception


def test_asks_by_the_selected_api_if_the_server_has_it(page: AppTest) -> None:
    page.segmented_control(key="tools.settings.api").set_value("responses").run()

    assert "reasoning effort none" not in markdown(page)  # a rule of Chat Completions
    request = ask(page).rounds[0].log.snapshot()
    assert (request.endpoint, "reasoning" in request.params) == ("responses.create", False)

    url, models = session_profile(page).base_url, (page.session_state["model"], "gpt-6.2-astra")
    result = CapabilityResult("Responses API", SupportStatus.NO, "404 Not Found")
    page.session_state[CAPABILITY_RESULTS] = CapabilityResults({(url, model): [result] for model in models})
    page.run()
    assert "The server has no Responses API: 404 Not Found" in markdown(page)
    assert ask(page).rounds[0].log.snapshot().endpoint == "chat.completions.create"

    select_model(page, "gpt-6.2-astra")
    assert next(button for button in page.button if button.label == "Ask").disabled
    assert "so the requests use it. The server has no Responses API" in markdown(page)


def test_says_that_there_is_no_model(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "key-for-tests")
    page = open_page("tools")

    assert "There is no model to ask" in markdown(page)
    assert next(button for button in page.button if button.label == "Ask").disabled


def test_asks_for_approval_and_remembers_it(page: AppTest) -> None:
    page.segmented_control(key="tools.card.get_stock_price.mode").set_value("approve").run()
    loop = ask(page)
    assert loop.waiting_calls

    press(page, "Always allow")
    finish(page, loop)

    assert loop.state is LoopState.DONE
    assert ask(page).state is LoopState.DONE  # without a question
    press(page, "Ask for approval again")
    assert ask(page).waiting_calls
    press(page, "Stop")


def test_limits_the_rounds(page: AppTest) -> None:
    page.number_input(key="tools.settings.rounds").set_value(1).run()

    assert ask(page).state is LoopState.LIMIT
    assert "Stopped after 1 round:" in markdown(page)


def test_shows_all_arguments_of_a_call_to_approve(page: AppTest) -> None:
    chosen = next(group for group in page.button_group if group.label == "Tools that the model can call")
    chosen.set_value(["analyse_text"]).run()
    page.segmented_control(key="tools.card.analyse_text.mode").set_value("approve").run()
    text = "word " * 1_000 + "end"
    page.text_area(key="tools.question.text").set_value(f'How many words does "{text}" have?')

    (call,) = ask(page).waiting_calls

    assert len(call.request.arguments) > 4_000  # more than the card of a call shows
    assert call.request.arguments in [block.value for block in page.code]
    press(page, "Decline")


def test_continues_after_a_limit(page: AppTest) -> None:
    page.number_input(key="tools.settings.rounds").set_value(1).run()
    loop = ask(page)

    press(page, "Continue")
    finish(page, loop)

    assert loop.state is LoopState.DONE
    assert "271.35" in loop.rounds[-1].log.text


def test_disables_ask_while_the_loop_runs(page: AppTest) -> None:
    page.segmented_control(key="tools.card.get_stock_price.mode").set_value("ask").run()
    ask(page)

    assert next(button for button in page.button if button.label == "Ask").disabled
    press(page, "Stop")
    assert not next(button for button in page.button if button.label == "Ask").disabled


def test_keeps_the_details_of_a_round_open_when_the_page_is_drawn_again(page: AppTest) -> None:
    ask(page)

    press(page, "Request details")
    page.run()

    assert any("client.chat.completions.create(" in block.value for block in page.code)


def test_runs_the_loop_on_two_models_side_by_side(page: AppTest) -> None:
    choose_models(page, "tools.settings.other", "gpt-4o")
    ask(page)
    first, second = state_of(page).loops
    finish(page, second)

    assert (first.settings.model, second.settings.model) == ("gpt-6-luna", "gpt-4o")
    assert second.settings.reasoning_effort is None
    assert (first.state, second.state) == (LoopState.DONE, LoopState.DONE)


@pytest.mark.parametrize(
    ("question", "problem"),
    [(" ", "Enter a question first."), ("x" * 100_001, "has 100,001 characters. The limit is 100,000.")],
    ids=["empty", "too long"],
)
def test_says_beside_the_question_why_it_is_not_sent(page: AppTest, question: str, problem: str) -> None:
    page.text_area(key="tools.question.text").set_value(question)
    press(page, "Ask")

    assert problem in page.error[0].value
    assert not state_of(page).loops
    assert not page.run().error


def test_shows_the_loop_as_code(page: AppTest) -> None:
    press(page, "Code")

    (source, async_source) = (block.value for block in page.code if "OpenAI(" in block.value)
    assert "def get_stock_price(" in source
    assert "asyncio.run(main())" in async_source


def test_offers_the_chosen_tools(page: AppTest) -> None:
    chosen = next(group for group in page.button_group if group.label == "Tools that the model can call")
    chosen.set_value(["get_stock_price", "roll_dice"]).run()
    page.run()

    params = ask(page).rounds[0].log.snapshot().params
    assert [tool["function"]["name"] for tool in params["tools"]] == ["get_stock_price", "roll_dice"]
    page.switch_page("../pages/home.py").run()
    page.switch_page("../pages/tools.py").run()
    assert state_of(page).chosen == ["get_stock_price", "roll_dice"]


def test_asks_with_128_tools_at_most(page: AppTest) -> None:
    repository = ToolRepository(resources.store())
    for number in range(129):
        repository.save(ToolDeclaration(name=f"tool_{number}", parameters={"type": "object"}))
    page.run()
    chosen = next(group for group in page.button_group if group.label == "Tools that the model can call")
    chosen.set_value([f"tool_{number}" for number in range(129)]).run()
    page.run()
    assert "A request can contain 128 tools, and 129 are selected" in markdown(page)
    assert next(button for button in page.button if button.label == "Ask").disabled

    chosen = next(group for group in page.button_group if group.label == "Tools that the model can call")
    chosen.set_value([f"tool_{number}" for number in range(128)]).run()

    assert ask(page).rounds[0].log.snapshot().error is None
    assert len(state_of(page).loops[0].tools) == 128


def test_replaces_no_declared_tool_by_a_new_one(page: AppTest) -> None:
    ToolRepository(resources.store()).save(
        ToolDeclaration(name="get_order_status", description="Mine.", parameters={"type": "object"})
    )
    press(page, "Declare a tool")

    press(page, "Save")

    assert "A declared tool has this name" in page.error[0].value
    assert [tool.description for tool in ToolRepository(resources.store()).list()] == ["Mine."]


def test_checks_many_questions(page: AppTest) -> None:
    press(page, "Check")
    page.text_area(key="tools.check.cases").set_value(
        "question,tool\n애플 주가 알려줘,get_stock_price\n안녕!,\n"
    )
    press(page, "Run check")
    while any(button.label == "Stop the check" for button in page.button):
        page.run()

    assert "6 of 6 replies as expected" in markdown(page)
    assert list(page.dataframe[0].value["passed"]) == ["3 of 3", "3 of 3"]


def test_stops_a_check_at_its_budget_and_resumes_it_with_another(page: AppTest) -> None:
    press(page, "Check")
    page.number_input(key="tools.check.budget.tokens").set_value(300).run()
    press(page, "Run check")
    while any(button.label == "Stop the check" for button in page.button):
        page.run()
    assert "Budget reached: " in markdown(page)

    page.number_input(key="tools.check.budget.tokens").set_value(None).run()
    press(page, "Resume")
    while any(button.label == "Stop the check" for button in page.button):
        page.run()

    assert "18 of 18 replies as expected" in markdown(page)
    assert "Budget reached" not in markdown(page)


def test_resumes_a_check_that_was_left_unfinished(page: AppTest) -> None:
    definitions = [entry.tool.definition for entry in LIBRARY]
    settings = ToolSettings("gpt-4o", stream=False)
    check = ToolCheck([CheckCase("안녕!", ())], 2, settings, definitions)
    job = check.job(session_profile(page))
    JobRepository(resources.store(), "local").create(job, check.items())
    page.run()
    assert "gpt-4o · 0 of 2 requests" in markdown(page)

    press(page, "Resume")
    while any(button.label == "Stop the check" for button in page.button):
        page.run()

    assert "2 of 2 replies as expected" in markdown(page)
    assert "Not finished" not in markdown(page)


def test_explains_an_invalid_list_of_questions(page: AppTest) -> None:
    press(page, "Check")
    page.text_area(key="tools.check.cases").set_value("a,b\n1,2\n")
    press(page, "Run check")

    assert "There is no question" in page.error[0].value
