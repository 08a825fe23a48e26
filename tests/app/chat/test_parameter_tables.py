"""A chat parameter is in every table that CONTRIBUTING names, and its bounds are defined once."""

import pytest
from streamlit.testing.v1 import AppTest

from components.ui.parameter_controls import NumberControl
from components.ui.parameters import CONTROLS
from core.apis import APIS
from core.completions.request import ChatSettings, bounds
from core.sandbox.api.parameters import CHAT_PARAMETERS, Number

NUMBER_CONTROLS = [control for control in CONTROLS if isinstance(control, NumberControl)]

# Set elsewhere on the page, or with another control.
WITHOUT_CONTROL = {"model", "stream", "instructions", "logprobs", "api", "state"}


def test_has_a_control_for_every_setting() -> None:
    assert {control.name for control in CONTROLS} == ChatSettings.model_fields.keys() - WITHOUT_CONTROL


def test_is_known_to_the_sandbox() -> None:
    of_chat = {control.name for control in CONTROLS} - APIS["chat.completions"].unsupported.keys()
    assert of_chat <= CHAT_PARAMETERS.keys()


@pytest.mark.parametrize("control", NUMBER_CONTROLS, ids=lambda control: control.name)
def test_limits_a_control_to_the_bounds_of_the_setting(control: NumberControl) -> None:
    assert (control.min_value, control.max_value) == bounds(control.name)


@pytest.mark.parametrize("control", NUMBER_CONTROLS, ids=lambda control: control.name)
def test_accepts_no_value_that_the_sandbox_refuses(control: NumberControl) -> None:
    rule = CHAT_PARAMETERS[control.name]
    assert isinstance(rule, Number)

    for value in bounds(control.name):
        rule(control.name, value)


def _draw_for_the_responses_api() -> None:
    from components.session import session
    from components.ui.parameter_controls import ParameterSupport
    from components.ui.parameters import CONTROLS
    from core.apis import APIS

    control = next(control for control in CONTROLS if control.name == "max_completion_tokens")
    session.with_default(control.key, 5)
    control.draw(ParameterSupport(minimum=APIS["responses"].minimums[control.name]))


def test_says_that_the_api_is_sent_its_lowest_value_and_leaves_the_one_entered() -> None:
    page = AppTest.from_function(_draw_for_the_responses_api, default_timeout=30).run()

    assert page.number_input[0].value == 5
    assert [caption.value for caption in page.caption] == [
        "Sent as 16, the lowest value that this API accepts."
    ]
    page.number_input[0].set_value(20).run()
    assert not page.caption
