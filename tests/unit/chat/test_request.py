"""A chat request has what the controls are set to, and nothing that the model does not support."""

from typing import Any

import pytest
from pydantic import ValidationError

from core.chat.request import ChatSettings


@pytest.mark.parametrize(
    "wrong", [{"temperature": 3}, {"top_p": -1}, {"n": 0}, {"stop": ["a"] * 5}, {"x": 1}]
)
def test_refuses_settings_that_no_model_takes(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ChatSettings(model="gpt-4o", **wrong)


def test_sends_nothing_that_was_left_to_the_api() -> None:
    assert ChatSettings(model="gpt-4o", stream=False).request_params([]) == {
        "model": "gpt-4o",
        "messages": [],
    }


@pytest.mark.parametrize(
    ("model", "role"), [("gpt-4o", "system"), ("o3-mini", "developer")], ids=["plain", "reasoning"]
)
def test_sends_instructions_in_the_role_that_the_model_knows(model: str, role: str) -> None:
    messages = ChatSettings(model=model, instructions="Be brief.").messages(
        [{"role": "user", "content": "Hi"}]
    )

    assert messages == [{"role": role, "content": "Be brief."}, {"role": "user", "content": "Hi"}]
