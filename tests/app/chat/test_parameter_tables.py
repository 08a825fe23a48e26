"""A chat parameter is in every table that CONTRIBUTING names, and its bounds are defined once."""

import pytest

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
