"""A chat request has the settings that are set, and the instructions in the role that the model supports."""

from typing import Any

import pytest
from pydantic import ValidationError

from core.completions.request import ChatSettings


@pytest.mark.parametrize(
    "invalid", [{"temperature": 3}, {"top_p": -1}, {"n": 0}, {"stop": ["a"] * 5}, {"x": 1}]
)
def test_rejects_invalid_settings(invalid: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ChatSettings(model="gpt-4o", **invalid)


def test_omits_settings_that_are_not_set() -> None:
    assert ChatSettings(model="gpt-4o", stream=False).request_params([]) == {
        "model": "gpt-4o",
        "messages": [],
    }


@pytest.mark.parametrize(
    ("model", "role"), [("gpt-4o", "system"), ("o3-mini", "developer")], ids=["plain", "reasoning"]
)
def test_sends_instructions_in_the_role_that_the_model_supports(model: str, role: str) -> None:
    messages = ChatSettings(model=model, instructions="Be brief.").messages(
        [{"role": "user", "content": "Hi"}]
    )

    assert messages == [{"role": role, "content": "Be brief."}, {"role": "user", "content": "Hi"}]


def test_sends_what_only_the_responses_api_has_only_there() -> None:
    fields: dict[str, Any] = {"include": ["reasoning.encrypted_content"], "background": True}
    settings = ChatSettings(model="o3-mini", stream=False, metadata={"a": "b"}, **fields)

    assert settings.request_params([]) == {"model": "o3-mini", "messages": [], "metadata": {"a": "b"}}
    responses = settings.model_copy(update={"api": "responses"}).request_params([])
    assert {name: responses[name] for name in fields} == fields


def test_includes_encrypted_reasoning_of_reasoning_models_only() -> None:
    include = ("reasoning.encrypted_content", "message.input_image.image_url")
    settings = ChatSettings(model="gpt-4.1-mini", api="responses", include=include)

    assert settings.request_params([])["include"] == ["message.input_image.image_url"]
    unknown = settings.model_copy(update={"model": "llama3.2"})
    assert unknown.request_params([])["include"] == [*include]
